// The one error of the broker: what went wrong in Kafka's words, and what is known of the data.

/** Kafka's error codes that Wadi uses, with the number each has on the wire and whether clients may retry. */
export const ERROR_CODES = {
  UNKNOWN_SERVER_ERROR: { wire: -1, retriable: false },
  OFFSET_OUT_OF_RANGE: { wire: 1, retriable: false },
  CORRUPT_MESSAGE: { wire: 2, retriable: true },
  UNKNOWN_TOPIC_OR_PARTITION: { wire: 3, retriable: true },
  REQUEST_TIMED_OUT: { wire: 7, retriable: true },
  MESSAGE_TOO_LARGE: { wire: 10, retriable: false },
  INVALID_TOPIC_EXCEPTION: { wire: 17, retriable: false },
  RECORD_LIST_TOO_LARGE: { wire: 18, retriable: false },
  INVALID_TIMESTAMP: { wire: 32, retriable: false },
  UNSUPPORTED_VERSION: { wire: 35, retriable: false },
  TOPIC_ALREADY_EXISTS: { wire: 36, retriable: false },
  INVALID_PARTITIONS: { wire: 37, retriable: false },
  INVALID_REPLICATION_FACTOR: { wire: 38, retriable: false },
  INVALID_CONFIG: { wire: 40, retriable: false },
  INVALID_REQUEST: { wire: 42, retriable: false },
  POLICY_VIOLATION: { wire: 44, retriable: false },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { wire: 45, retriable: false },
  DUPLICATE_SEQUENCE_NUMBER: { wire: 46, retriable: false },
  INVALID_PRODUCER_EPOCH: { wire: 47, retriable: false },
  KAFKA_STORAGE_ERROR: { wire: 56, retriable: true },
  UNKNOWN_PRODUCER_ID: { wire: 59, retriable: false },
  UNSUPPORTED_COMPRESSION_TYPE: { wire: 76, retriable: false },
  INVALID_RECORD: { wire: 87, retriable: false },
  THROTTLING_QUOTA_EXCEEDED: { wire: 89, retriable: true },
  UNKNOWN_TOPIC_ID: { wire: 100, retriable: true },
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
}

/** An error that a caller can act on. `message` names the ids and both numbers ("expected sequence 7, got 9"). */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly retriable: boolean;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: BrokerErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome ?? 'not-applied';
    this.retriable = options.retriable ?? ERROR_CODES[code].retriable;
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The same error in other words, with this one as its cause. What `changes` does not name stays as it is. */
  restated(changes: Restatement): BrokerError {
    const { message = this.message, outcome = this.outcome } = changes;
    const field = 'field' in changes ? changes.field : this.field;
    return new BrokerError(this.code, message, {
      ...{ outcome, retriable: this.retriable, cause: this },
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
