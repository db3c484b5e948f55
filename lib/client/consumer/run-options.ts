// What `run` takes and hands to its handlers: kafkajs's payloads.
import { BrokerError } from '../../base/errors.ts';
import { checkRanges } from '../check-options.ts';
import { COMMIT_RANGES, type ConsumerSettings, type TopicPartition } from './consumer-options.ts';
import type { Message } from './message.ts';

export interface RunOptions<Key, Value> {
  /** Called for each message, one after the other in each partition. What it throws is tried again from that message on. */
  readonly eachMessage?: (payload: EachMessagePayload<Key, Value>) => Promise<void>;
  /** Called for each batch instead. */
  readonly eachBatch?: (payload: EachBatchPayload<Key, Value>) => Promise<void>;
  /** Default true: a batch counts as processed when `eachBatch` returns, else what it resolved counts. */
  readonly eachBatchAutoResolve?: boolean;
  /** Default: the consumer's. */
  readonly autoCommit?: boolean;
  /** Milliseconds. */
  readonly autoCommitInterval?: number;
  readonly autoCommitThreshold?: number;
  /** Partitions in the hands of handlers at a time. Default 1. */
  readonly partitionsConsumedConcurrently?: number;
}

/** Each is a promise that waits. */
const WORKERS = { min: 1, max: 10_000 };

/** How a consumer with `settings` behaves while it runs. Throws INVALID_REQUEST for what it cannot run. */
export function settingsOfRun<Key, Value>(
  settings: ConsumerSettings,
  { eachMessage, eachBatch, ...options }: RunOptions<Key, Value>,
): ConsumerSettings {
  if ((eachMessage === undefined) === (eachBatch === undefined)) {
    throw new BrokerError('INVALID_REQUEST', 'run takes either eachMessage or eachBatch');
  }
  checkRanges(options, { ...COMMIT_RANGES, partitionsConsumedConcurrently: WORKERS });
  return {
    ...settings,
    autoCommit: options.autoCommit ?? settings.autoCommit,
    autoCommitIntervalMs: options.autoCommitInterval ?? settings.autoCommitIntervalMs,
    autoCommitThreshold: options.autoCommitThreshold ?? settings.autoCommitThreshold,
  };
}

export interface EachMessagePayload<Key, Value> extends TopicPartition {
  readonly message: Message<Key, Value>;
  /** Says that work goes on; the group is told in the background all the time. */
  readonly heartbeat: () => Promise<void>;
  /** Pauses the partition, and answers how to resume it. */
  readonly pause: () => () => void;
}

/** A batch with kafkajs's methods. */
export interface Batch<Key, Value> extends TopicPartition {
  readonly highWatermark: number;
  readonly messages: readonly Message<Key, Value>[];
  isEmpty(): boolean;
  firstOffset(): number | null;
  lastOffset(): number;
  /** Records between the last of the batch and the end of the partition. */
  offsetLag(): number;
}

export interface EachBatchPayload<Key, Value> {
  readonly batch: Batch<Key, Value>;
  /** All up to this offset is processed. */
  readonly resolveOffset: (offset: number) => void;
  readonly heartbeat: () => Promise<void>;
  readonly pause: () => () => void;
  /** Commits what is resolved of all partitions, where there is something to commit. Throws what commitOffsets throws. */
  readonly commitOffsetsIfNecessary: () => Promise<void>;
  /** What is processed and not committed. */
  readonly uncommittedOffsets: () => readonly (TopicPartition & { readonly offset: number })[];
  /** False once the consumer is stopped. */
  readonly isRunning: () => boolean;
  /** True once the partition was lost or another offset was sought: what is left of the batch counts for nothing. */
  readonly isStale: () => boolean;
}
