// The broker for tests of the gateways: the real one over a log in memory, on the machine's clock.
import { createSystemClock } from '../../../lib/base/clock.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import { clusterItem } from '../../../lib/storage/schema/cluster.ts';
import { brokerOver, memoryStoresOn } from '../../broker/memory-broker.ts';

/** The id of every cluster in these tests, so that they can write it into paths. */
const CLUSTER = { clusterId: 'cluster-1', formatLevel: 1, createdAtMs: 0 };

/** More than real ones allow, so that lists of partitions can outgrow an answer. */
const PARTITIONS_MAX = 10_000;

export interface MemoryBrokerOptions {
  /** Makes absent topics with so many partitions where that is allowed. */
  readonly autoCreatePartitions?: number;
  /** Default: as Kafka has it. */
  readonly initialRebalanceDelayMs?: number;
}

export async function createMemoryBroker({
  autoCreatePartitions,
  ...groupLimits
}: MemoryBrokerOptions = {}): Promise<Broker> {
  const stores = memoryStoresOn(createSystemClock({ unref: true }));
  await stores.items.put('topics', clusterItem(CLUSTER));
  const { broker } = brokerOver(
    stores,
    { autoCreateTopics: autoCreatePartitions !== undefined, pollMsMin: Infinity, pollMsMax: Infinity },
    { partitionsMax: PARTITIONS_MAX, partitionsDefault: autoCreatePartitions ?? 1 },
    groupLimits,
  );
  return broker;
}
