// The part of a broker that records go through: finds the topic, then asks the log of its partition.
import { openCluster } from '../cluster/cluster.ts';
import { ProducerIds } from '../cluster/producer-ids.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { fetchMany, fetchOne } from './fetch.ts';
import { HeadPoll } from './head-poll.ts';
import { produceTo } from './produce.ts';
import type { BrokerCore } from './broker-core.ts';
import type { ListedOffset, OffsetSpec, RecordBroker } from './broker.ts';
import type { Log } from '../log/log.ts';

/** Owns nothing that must be closed. */
export function createRecordBroker({ log, watch, lookup, settings }: BrokerCore): RecordBroker {
  const { items } = log.deps;
  const { pollMsMin, pollMsMax } = settings;
  const fetchDeps = { log, lookup, watch, poll: new HeadPoll({ log, watch, pollMsMin, pollMsMax }) };
  const producerIds = new ProducerIds(items);
  let cluster: ReturnType<typeof openCluster> | undefined;

  return {
    clusterId: async () => {
      cluster ??= openCluster(log.deps).catch((error: unknown) => {
        cluster = undefined;
        throw error;
      });
      return (await cluster).clusterId;
    },
    describeTopic: (name, options) => lookup.find(name, options),
    findTopicById: (topicId) => lookup.findById(topicId),
    produce: ({ topic: name, partition, batch }) =>
      lookup.withPartition(name, partition, (topic) => produceTo(log, topic, { partition, batch }), {
        allowAutoTopicCreation: true,
      }),
    fetch: (request) => fetchOne(fetchDeps, request),
    fetchMany: (requests, options) => fetchMany(fetchDeps, requests, options),
    listOffset: (name, partition, at) =>
      lookup.withPartition(name, partition, ({ topicId }) =>
        listOffset(log, partitionIdOf(topicId, partition), at),
      ),
    deleteRecords: (name, partition, before) =>
      lookup.withPartition(name, partition, ({ topicId }) =>
        log.deleteRecords(partitionIdOf(topicId, partition), before),
      ),
    initProducerId: async () => ({ producerId: await producerIds.next(), producerEpoch: 0 }),
  };
}

async function listOffset(log: Log, partitionId: string, at: OffsetSpec): Promise<ListedOffset> {
  if (typeof at === 'number') return log.offsetForTimestamp(partitionId, at);
  if (at === 'maxTimestamp') return log.offsetOfMaxTimestamp(partitionId);
  const { logStartOffset, highWatermark } = await log.offsets(partitionId);
  return { offset: at === 'earliest' ? logStartOffset : highWatermark, timestampMs: -1 };
}
