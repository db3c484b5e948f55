// What is put on the log for a month: the question that a bill answers.
import { GROUP_LIMITS } from '../groups/limits.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';

export interface Load {
  /** Of record batches, all partitions together; 0: nobody produces or consumes. */
  readonly bytesPerSecond: number;
  /** Of one record batch, its header included. */
  readonly batchBytes: number;
  /** Of one record in its batch. */
  readonly recordBytes: number;
  readonly partitions: number;
  /** Each reads everything, partition by partition. */
  readonly consumers: number;
  /** How often a consumer asks for records; undefined: it waits for them in long polls. */
  readonly pollSeconds: number | undefined;
  readonly retentionSeconds: number;
  /** Of a consumer group that is there all month; 0: there is none. */
  readonly groupMembers: number;
  /** Of the Kafka gateway, all month; 0: there is none. */
  readonly gatewayTasks: number;
}

/** A closed range, and what it counts. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** A year of AWS's has 12 months of so many hours. */
export const MONTH_HOURS = 730;
export const MONTH_SECONDS: number = MONTH_HOURS * 3_600;

const DAY_SECONDS = 86_400;

/**
 * What a load may be. A batch is at least a header and a small record, and at most Kafka's default of max.message.bytes.
 * The upper limits of the others are far beyond what anybody does; they keep every figure a number.
 */
export const LOAD_LIMITS = {
  bytesPerSecond: { min: 0, max: 1e12 },
  batchBytes: { min: 100, max: 1_048_588 },
  recordBytes: { min: 32, max: 1_048_588 },
  partitions: { min: 1, max: TOPIC_LIMITS.partitionsMax },
  consumers: { min: 0, max: 10_000 },
  pollSeconds: { min: 0.1, max: DAY_SECONDS },
  retentionSeconds: { min: 1, max: 36_500 * DAY_SECONDS },
  groupMembers: { min: 0, max: GROUP_LIMITS.membersMax },
  gatewayTasks: { min: 0, max: 1_000 },
} as const satisfies Record<keyof Load, Range>;

/** What a load is where nobody said otherwise. */
export const LOAD_DEFAULTS = {
  recordBytes: 1_000,
  partitions: 1,
  consumers: 1,
  retentionSeconds: 7 * DAY_SECONDS,
  groupMembers: 0,
  gatewayTasks: 0,
} as const;
