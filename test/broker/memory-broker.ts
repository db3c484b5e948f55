// A broker over a log in memory, with the clock in the test's hands unless it gives one; several of them may share the stores, as processes do.
import { GROUP_LIMITS, type GroupLimits } from '../../lib/groups/limits.ts';
import { matchTopics } from '../../lib/groups/subscription.ts';
import type { Clock } from '../../lib/base/clock.ts';
import { createSystemDice } from '../../lib/base/dice.ts';
import { KeyWatch } from '../../lib/base/key-watch.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import type { BrokerSettings } from '../../lib/broker/broker-core.ts';
import { AWS_LIMITS } from '../../lib/log/limits.ts';
import type { LogDeps } from '../../lib/log/log-deps.ts';
import { Log } from '../../lib/log/log.ts';
import { encodeBatch, recordsOf, type EncodeOptions } from '../../lib/record/record-batch.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { createTieredObjectStore } from '../../lib/storage/tiered-object-store.ts';
import { TOPIC_LIMITS, type TopicLimits } from '../../lib/topics/limits.ts';
import { createManualClock } from '../support/manual-clock.ts';

export const createMemoryStores = () => memoryStoresOn(createManualClock());

export function memoryStoresOn<C extends Clock>(clock: C) {
  const items = createMemoryItemStore({ clock });
  const files = createMemoryObjectStore({ clock });
  return { clock, items, files, objects: createTieredObjectStore({ items, large: files, clock }) };
}

/** A broker of one more process over the stores. */
export function brokerOver(
  stores: Pick<LogDeps, 'clock' | 'items' | 'objects'>,
  settings: Partial<BrokerSettings> = {},
  topicLimits: Partial<TopicLimits> = {},
  groupLimits: Partial<GroupLimits> = {},
) {
  const watch = new KeyWatch(stores.clock);
  const log = new Log(
    { ...stores, dice: createSystemDice(), limits: AWS_LIMITS },
    {
      onAppended: (partitionId) => {
        watch.notify(partitionId);
      },
    },
  );
  const broker = createBroker({
    matchTopics,
    log,
    watch,
    topicLimits: { ...TOPIC_LIMITS, ...topicLimits },
    groupLimits: { ...GROUP_LIMITS, ...groupLimits },
    settings: { autoCreateTopics: false, pollMsMin: 50, pollMsMax: 200, ...settings },
  });
  return { broker, log, watch };
}

/** A batch of records with these values, and the test clock's first moment as timestamp unless they say another. */
export function batchOf(
  values: readonly string[],
  {
    timestampMs = 1_000_000,
    key = 'key',
    ...options
  }: EncodeOptions & { timestampMs?: number; key?: string | null } = {},
): Uint8Array {
  const keyBytes = key === null ? null : Buffer.from(key);
  const records = values.map((value) => ({
    key: keyBytes,
    value: Buffer.from(value),
    headers: [],
    timestampMs,
  }));
  return encodeBatch(records, options);
}

/** The values of whole batches. */
export const valuesOf = (batches: Uint8Array): readonly string[] =>
  [...recordsOf(batches)].map(({ value }) => Buffer.from(value ?? []).toString());
