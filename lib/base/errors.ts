// The one error of the broker: what went wrong in Kafka's words, and what is known of the data.

/** Kafka's error codes that Wadi uses, with the number each has on the wire and whether clients may retry. */
export const ERROR_CODES = {
  UNKNOWN_SERVER_ERROR: { wire: -1, retriable: false },
  OFFSET_OUT_OF_RANGE: { wire: 1, retriable: false },
  CORRUPT_MESSAGE: { wire: 2, retriable: true },
  UNKNOWN_TOPIC_OR_PARTITION: { wire: 3, retriable: true },
  REQUEST_TIMED_OUT: { wire: 7, retriable: true },
  MESSAGE_TOO_LARGE: { wire: 10, retriable: false },
  OFFSET_METADATA_TOO_LARGE: { wire: 12, retriable: false },
  COORDINATOR_LOAD_IN_PROGRESS: { wire: 14, retriable: true },
  INVALID_TOPIC_EXCEPTION: { wire: 17, retriable: false },
  RECORD_LIST_TOO_LARGE: { wire: 18, retriable: false },
  ILLEGAL_GENERATION: { wire: 22, retriable: false },
  INCONSISTENT_GROUP_PROTOCOL: { wire: 23, retriable: false },
  INVALID_GROUP_ID: { wire: 24, retriable: false },
  UNKNOWN_MEMBER_ID: { wire: 25, retriable: false },
  INVALID_SESSION_TIMEOUT: { wire: 26, retriable: false },
  REBALANCE_IN_PROGRESS: { wire: 27, retriable: false },
  INVALID_TIMESTAMP: { wire: 32, retriable: false },
  UNSUPPORTED_SASL_MECHANISM: { wire: 33, retriable: false },
  ILLEGAL_SASL_STATE: { wire: 34, retriable: false },
  UNSUPPORTED_VERSION: { wire: 35, retriable: false },
  TOPIC_ALREADY_EXISTS: { wire: 36, retriable: false },
  INVALID_PARTITIONS: { wire: 37, retriable: false },
  INVALID_REPLICATION_FACTOR: { wire: 38, retriable: false },
  INVALID_REPLICA_ASSIGNMENT: { wire: 39, retriable: false },
  INVALID_CONFIG: { wire: 40, retriable: false },
  INVALID_REQUEST: { wire: 42, retriable: false },
  POLICY_VIOLATION: { wire: 44, retriable: false },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { wire: 45, retriable: false },
  DUPLICATE_SEQUENCE_NUMBER: { wire: 46, retriable: false },
  INVALID_PRODUCER_EPOCH: { wire: 47, retriable: false },
  SECURITY_DISABLED: { wire: 54, retriable: false },
  KAFKA_STORAGE_ERROR: { wire: 56, retriable: true },
  SASL_AUTHENTICATION_FAILED: { wire: 58, retriable: false },
  UNKNOWN_PRODUCER_ID: { wire: 59, retriable: false },
  NON_EMPTY_GROUP: { wire: 68, retriable: false },
  GROUP_ID_NOT_FOUND: { wire: 69, retriable: false },
  UNSUPPORTED_COMPRESSION_TYPE: { wire: 76, retriable: false },
  MEMBER_ID_REQUIRED: { wire: 79, retriable: false },
  GROUP_MAX_SIZE_REACHED: { wire: 81, retriable: false },
  FENCED_INSTANCE_ID: { wire: 82, retriable: false },
  GROUP_SUBSCRIBED_TO_TOPIC: { wire: 86, retriable: false },
  INVALID_RECORD: { wire: 87, retriable: false },
  THROTTLING_QUOTA_EXCEEDED: { wire: 89, retriable: true },
  UNKNOWN_TOPIC_ID: { wire: 100, retriable: true },
  FENCED_MEMBER_EPOCH: { wire: 110, retriable: false },
  UNRELEASED_INSTANCE_ID: { wire: 111, retriable: false },
  UNSUPPORTED_ASSIGNOR: { wire: 112, retriable: false },
  STALE_MEMBER_EPOCH: { wire: 113, retriable: false },
  INVALID_REGULAR_EXPRESSION: { wire: 128, retriable: false },
} as const satisfies Record<string, { wire: number; retriable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What is known of the data that a failed call was to write: it is not there, it is there, or nobody can tell. */
export type Outcome = 'not-applied' | 'applied' | 'unknown';

export interface BrokerErrorOptions {
  /** Default: not-applied. */
  readonly outcome?: Outcome;
  /** Default: what Kafka says of the code. */
  readonly retriable?: boolean;
  readonly cause?: unknown;
  /** The field of the request that is wrong, such as `records[3].key`. */
  readonly field?: string;
  /** When to come back, for THROTTLING_QUOTA_EXCEEDED. */
  readonly retryAfterMs?: number;
  /** The records of a batch that are wrong, where its others are not. Default: none is known. */
  readonly recordErrors?: readonly RecordError[];
}

/** What is wrong with one record of a batch; `index` counts from 0. */
export interface RecordError {
  readonly index: number;
  readonly message: string;
}

/** An error that a caller can act on. `message` names the ids and both numbers ("expected sequence 7, got 9"). */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly retriable: boolean;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly recordErrors: readonly RecordError[];

  constructor(code: ErrorCode, message: string, options: BrokerErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome ?? 'not-applied';
    this.retriable = options.retriable ?? ERROR_CODES[code].retriable;
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
    this.recordErrors = options.recordErrors ?? [];
  }

  /** The same error in other words, with this one as its cause. What `changes` does not name stays as it is. */
  restated(changes: Restatement): BrokerError {
    const { message = this.message, outcome = this.outcome } = changes;
    const field = 'field' in changes ? changes.field : this.field;
    return new BrokerError(this.code, message, {
      ...{ outcome, retriable: this.retriable, cause: this, recordErrors: this.recordErrors },
      ...(field !== undefined && { field }),
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
    });
  }
}

export interface Restatement {
  readonly message?: string;
  readonly outcome?: Outcome;
  /** Undefined: the part of the request that is wrong is no part of the caller's. */
  readonly field?: string | undefined;
}

/** Turns whatever was thrown into a BrokerError; what is not one is UNKNOWN_SERVER_ERROR with `outcome`. */
export function toBrokerError(error: unknown, outcome: Outcome = 'unknown'): BrokerError {
  if (error instanceof BrokerError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new BrokerError('UNKNOWN_SERVER_ERROR', message, { outcome, cause: error });
}
