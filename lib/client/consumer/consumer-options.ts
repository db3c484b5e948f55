// What a consumer takes, in kafkajs's words where it has them.
import { BrokerError } from '../../base/errors.ts';
import type { Backoff } from '../backoff.ts';
import { checkOneOf, checkRanges, COUNT, DURATION_MS, POSITIVE_MS } from '../check-options.ts';
import type { Deserializer } from '../serializers.ts';

/** Partitions of topics, as listeners and `assignment` name them. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  /** The next offset to read; kafkajs's decimal strings are taken too. */
  readonly offset: number | string;
  readonly metadata?: string | null;
}

/** Told of partitions that come and go. The group waits for what is returned, at most for the rebalance timeout. */
export interface RebalanceListener {
  /** Before the first record of these partitions is handed out: `seek` may say where to begin. */
  readonly onAssigned?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
  /** Before these are given up: what was processed is committed, unless the user commits, who still can. */
  readonly onRevoked?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
  /** These belong to others already: nothing of them can be committed any more. */
  readonly onLost?: (partitions: readonly TopicPartition[]) => void | Promise<void>;
}

/** Where a partition begins that nothing is committed of, and where it goes on when its offset is gone; `none`: an error. */
export type OffsetReset = 'earliest' | 'latest' | 'none';

export interface ConsumerOptions<Key = Buffer, Value = Buffer> {
  /** Absent: a consumer of its own, which is told its partitions by `assign` and commits nothing. */
  readonly groupId?: string;
  /** Makes the member static: it may restart within its session timeout without a rebalance. */
  readonly groupInstanceId?: string;
  readonly rackId?: string;
  /** Default: bytes. */
  readonly keyDeserializer?: Deserializer<Key>;
  readonly valueDeserializer?: Deserializer<Value>;
  /**
   * `at-least-once` (default) commits what was processed: after a failure records may come again. `at-most-once` commits a
   * fetch's records before the first of them is handed out: after a failure none come again, and some may never be processed.
   */
  readonly delivery?: 'at-least-once' | 'at-most-once';
  /** Default: latest; `subscribe` with fromBeginning makes it earliest. */
  readonly autoOffsetReset?: OffsetReset;
  /** For iteration; `run` has its own. Default true: what was processed is committed every five seconds, and before partitions are given up. */
  readonly autoCommit?: boolean;
  readonly autoCommitInterval?: number;
  /** Records processed until the next commit, whatever the time. Default: no bound. */
  readonly autoCommitThreshold?: number;
  /** A member that takes no records for so long leaves the group, and its next poll throws. Default: five minutes. */
  readonly maxPollIntervalMs?: number;
  /** A member that is not heard of for so long is out. Default: the cluster's. */
  readonly sessionTimeout?: number;
  /** How long the group waits for this member to give partitions up. Default: maxPollIntervalMs. */
  readonly rebalanceTimeout?: number;
  /** Default: the cluster's. */
  readonly assignor?: 'uniform' | 'range';
  /** Bytes that one fetch brings of a partition, a single larger batch excepted. Default: 1 MiB. */
  readonly maxBytesPerPartition?: number;
  /** How long a fetch waits for records. Default: five seconds. */
  readonly maxWaitTimeInMs?: number;
  readonly retry?: {
    readonly initialRetryTimeMs?: number;
    readonly maxRetryTimeMs?: number;
    readonly retries?: number;
  };
  readonly listener?: RebalanceListener;
  /** Told of failures that the consumer gets over by itself: a commit or heartbeat that is tried again. Default: nobody is. */
  readonly onError?: (error: BrokerError) => void;
}

/** The options of a consumer that are not about its types, all of them said. */
export interface ConsumerSettings {
  readonly groupId: string | undefined;
  readonly groupInstanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly isAtMostOnce: boolean;
  readonly autoOffsetReset: OffsetReset;
  readonly autoCommit: boolean;
  readonly autoCommitIntervalMs: number;
  readonly autoCommitThreshold: number;
  readonly maxPollIntervalMs: number;
  readonly sessionTimeoutMs: number | undefined;
  readonly rebalanceTimeoutMs: number;
  readonly assignor: string | undefined;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly backoff: Backoff;
  readonly retries: number;
  readonly listener: RebalanceListener;
  readonly onError: (error: BrokerError) => void;
}

/** Of what says when to commit, for a consumer and for one run of it. */
export const COMMIT_RANGES = { autoCommitInterval: POSITIVE_MS, autoCommitThreshold: { min: 1 } };

function checkConsumerOptions<Key, Value>(options: ConsumerOptions<Key, Value>): void {
  if (options.groupId === '') throw new BrokerError('INVALID_GROUP_ID', 'groupId must not be empty');
  checkOneOf('delivery', options.delivery, ['at-least-once', 'at-most-once']);
  checkOneOf('autoOffsetReset', options.autoOffsetReset, ['earliest', 'latest', 'none']);
  checkRanges(options, {
    ...COMMIT_RANGES,
    ...{ maxPollIntervalMs: POSITIVE_MS, sessionTimeout: POSITIVE_MS, rebalanceTimeout: POSITIVE_MS },
    ...{ maxBytesPerPartition: COUNT, maxWaitTimeInMs: DURATION_MS },
  });
  checkRanges(options.retry ?? {}, {
    ...{ initialRetryTimeMs: DURATION_MS, maxRetryTimeMs: DURATION_MS, retries: { min: 0 } },
  });
}

/**
 * How a consumer behaves where nothing is said: as Kafka's Java consumer, where that has the option; retries as kafkajs. Throws
 * INVALID_REQUEST, with the field, for what cannot be.
 */
export function consumerSettingsOf<Key, Value>(options: ConsumerOptions<Key, Value>): ConsumerSettings {
  checkConsumerOptions(options);
  // Null is none, as plain JavaScript may say it.
  const groupId = options.groupId ?? undefined;
  const groupInstanceId = options.groupInstanceId ?? undefined;
  const rackId = options.rackId ?? undefined;
  const retry = options.retry ?? {};
  const maxPollIntervalMs = options.maxPollIntervalMs ?? 300_000;
  return {
    ...{ groupId, groupInstanceId, rackId, maxPollIntervalMs },
    isAtMostOnce: options.delivery === 'at-most-once',
    autoOffsetReset: options.autoOffsetReset ?? 'latest',
    autoCommit: options.autoCommit ?? true,
    autoCommitIntervalMs: options.autoCommitInterval ?? 5_000,
    autoCommitThreshold: options.autoCommitThreshold ?? Infinity,
    sessionTimeoutMs: options.sessionTimeout ?? undefined,
    rebalanceTimeoutMs: options.rebalanceTimeout ?? maxPollIntervalMs,
    assignor: options.assignor ?? undefined,
    maxBytes: options.maxBytesPerPartition ?? 1024 * 1024,
    // Without any wait, an empty partition would be asked for without a pause.
    maxWaitMs: Math.max(1, options.maxWaitTimeInMs ?? 5_000),
    backoff: { minMs: retry.initialRetryTimeMs ?? 300, maxMs: retry.maxRetryTimeMs ?? 30_000 },
    retries: retry.retries ?? 5,
    listener: options.listener ?? {},
    onError: options.onError ?? (() => undefined),
  };
}

/** What a group consumer reads. Either topics by name, or all that match a pattern. */
export interface Subscription {
  readonly topics: readonly string[];
  /** In RE2's syntax, matched against whole names. */
  readonly pattern: string | undefined;
}

/** An offset as the user gave it. Throws OFFSET_OUT_OF_RANGE for what is none. */
export function offsetOf({ topic, partition, offset }: TopicPartitionOffset): number {
  const number = typeof offset === 'number' ? offset : /^\d{1,16}$/.test(offset) ? Number(offset) : NaN;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new BrokerError(
    'OFFSET_OUT_OF_RANGE',
    `offset of ${topic}-${partition} must be a safe integer of at least 0, got ${offset}`,
  );
}
