// How errors leave over HTTP: Kafka REST's status and error_code, and what is known of the data.
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { BrokerError, type ErrorCode, type Outcome } from '../base/errors.ts';

interface HttpMapping {
  readonly status: number;
  readonly errorCode: number;
}

/**
 * What each of the broker's errors is over HTTP. The codes are those of Kafka REST's Errors.java and of rest-utils'
 * KafkaExceptionMapper.
 */
// Kafka differs: those two answer 500 to offsets out of range and to producer fencing, which are the caller's to solve.
export const HTTP_ERRORS = {
  UNKNOWN_SERVER_ERROR: { status: 500, errorCode: 500 },
  OFFSET_OUT_OF_RANGE: { status: 416, errorCode: 41601 },
  CORRUPT_MESSAGE: { status: 500, errorCode: 50003 },
  UNKNOWN_TOPIC_OR_PARTITION: { status: 404, errorCode: 40401 },
  REQUEST_TIMED_OUT: { status: 500, errorCode: 50003 },
  MESSAGE_TOO_LARGE: { status: 413, errorCode: 413 },
  OFFSET_METADATA_TOO_LARGE: { status: 422, errorCode: 422 },
  COORDINATOR_LOAD_IN_PROGRESS: { status: 500, errorCode: 50003 },
  INVALID_TOPIC_EXCEPTION: { status: 400, errorCode: 40002 },
  RECORD_LIST_TOO_LARGE: { status: 413, errorCode: 413 },
  ILLEGAL_GENERATION: { status: 409, errorCode: 409 },
  INCONSISTENT_GROUP_PROTOCOL: { status: 409, errorCode: 409 },
  INVALID_GROUP_ID: { status: 400, errorCode: 40002 },
  UNKNOWN_MEMBER_ID: { status: 404, errorCode: 40403 },
  INVALID_SESSION_TIMEOUT: { status: 422, errorCode: 422 },
  REBALANCE_IN_PROGRESS: { status: 409, errorCode: 409 },
  INVALID_TIMESTAMP: { status: 400, errorCode: 40002 },
  UNSUPPORTED_SASL_MECHANISM: { status: 401, errorCode: 40101 },
  ILLEGAL_SASL_STATE: { status: 401, errorCode: 40101 },
  UNSUPPORTED_VERSION: { status: 400, errorCode: 40002 },
  TOPIC_ALREADY_EXISTS: { status: 400, errorCode: 40002 },
  INVALID_PARTITIONS: { status: 400, errorCode: 40002 },
  INVALID_REPLICATION_FACTOR: { status: 400, errorCode: 40002 },
  INVALID_REPLICA_ASSIGNMENT: { status: 400, errorCode: 40002 },
  INVALID_CONFIG: { status: 400, errorCode: 40002 },
  INVALID_REQUEST: { status: 400, errorCode: 40002 },
  POLICY_VIOLATION: { status: 400, errorCode: 40002 },
  SECURITY_DISABLED: { status: 400, errorCode: 40002 },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { status: 409, errorCode: 409 },
  DUPLICATE_SEQUENCE_NUMBER: { status: 409, errorCode: 409 },
  INVALID_PRODUCER_EPOCH: { status: 409, errorCode: 409 },
  KAFKA_STORAGE_ERROR: { status: 500, errorCode: 50003 },
  SASL_AUTHENTICATION_FAILED: { status: 401, errorCode: 40101 },
  UNKNOWN_PRODUCER_ID: { status: 409, errorCode: 409 },
  NON_EMPTY_GROUP: { status: 409, errorCode: 409 },
  GROUP_ID_NOT_FOUND: { status: 404, errorCode: 40405 },
  UNSUPPORTED_COMPRESSION_TYPE: { status: 500, errorCode: 50002 },
  MEMBER_ID_REQUIRED: { status: 409, errorCode: 409 },
  GROUP_MAX_SIZE_REACHED: { status: 409, errorCode: 409 },
  FENCED_INSTANCE_ID: { status: 409, errorCode: 409 },
  GROUP_SUBSCRIBED_TO_TOPIC: { status: 409, errorCode: 409 },
  INVALID_RECORD: { status: 422, errorCode: 42207 },
  THROTTLING_QUOTA_EXCEEDED: { status: 429, errorCode: 42901 },
  UNKNOWN_TOPIC_ID: { status: 404, errorCode: 40403 },
  FENCED_MEMBER_EPOCH: { status: 409, errorCode: 409 },
  UNRELEASED_INSTANCE_ID: { status: 409, errorCode: 409 },
  UNSUPPORTED_ASSIGNOR: { status: 422, errorCode: 422 },
  STALE_MEMBER_EPOCH: { status: 409, errorCode: 409 },
  INVALID_REGULAR_EXPRESSION: { status: 422, errorCode: 422 },
} as const satisfies Record<ErrorCode, HttpMapping>;

/** The body of every error. */
export const ErrorBody = Type.Object(
  {
    error_code: Type.Integer({ description: 'An HTTP status, or one followed by two digits that say more' }),
    message: Type.String(),
    outcome: Type.Enum(['not-applied', 'applied', 'unknown'], {
      description: 'What is known of the data that the request was to write',
    }),
    kafka_error: Type.Optional(Type.String({ description: "Kafka's name of the error, where it has one" })),
    field: Type.Optional(
      Type.String({ description: 'The part of the request that is wrong, as records[3].key' }),
    ),
    beginning_offset: Type.Optional(Type.Integer({ description: 'The first offset that can be read' })),
    end_offset: Type.Optional(
      Type.Integer({ description: 'The offset after the last one that can be read' }),
    ),
    offset: Type.Optional(Type.Integer({ description: 'The offset of the record that cannot be answered' })),
    next_offset: Type.Optional(Type.Integer({ description: 'Where to go on after it' })),
  },
  { title: 'Error', additionalProperties: false },
);
export type ErrorBody = Static<typeof ErrorBody>;

type ErrorDetails = Partial<
  Pick<ErrorBody, 'kafka_error' | 'field' | 'beginning_offset' | 'end_offset' | 'offset' | 'next_offset'>
>;

export interface HttpErrorOptions extends HttpMapping {
  readonly message: string;
  /** Default: not-applied. */
  readonly outcome?: Outcome;
  readonly details?: ErrorDetails;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error as it is answered over HTTP. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly errorCode: number;
  readonly outcome: Outcome;
  readonly details: ErrorDetails;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: HttpErrorOptions) {
    super(options.message, { cause: options.cause });
    this.status = options.status;
    this.errorCode = options.errorCode;
    this.outcome = options.outcome ?? 'not-applied';
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }

  /** The answer's body. */
  toBody(): ErrorBody {
    return { error_code: this.errorCode, message: this.message, outcome: this.outcome, ...this.details };
  }
}

/** Turns whatever a handler threw into an answer; what is no error of ours says nothing of its inside. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (!(error instanceof BrokerError)) {
    return new HttpError({
      ...HTTP_ERRORS.UNKNOWN_SERVER_ERROR,
      message: 'Internal Server Error',
      outcome: 'unknown',
      cause: error,
    });
  }
  return new HttpError({
    ...HTTP_ERRORS[error.code],
    message: error.message,
    outcome: error.outcome,
    details: { kafka_error: error.code, ...(error.field === undefined ? {} : { field: error.field }) },
    headers: retryAfter(error),
    cause: error,
  });
}

const RETRY_AFTER_MS_DEFAULT = 1_000;

function retryAfter(error: BrokerError): Record<string, string> {
  if (error.code !== 'THROTTLING_QUOTA_EXCEEDED') return {};
  return {
    'retry-after': String(Math.max(1, Math.ceil((error.retryAfterMs ?? RETRY_AFTER_MS_DEFAULT) / 1_000))),
  };
}

/**
 * The error_code of one record among several, as Kafka REST documents it: 1 is final, 2 may pass.
 * (Karapace answers these too; Confluent's present code puts 50002 and 50003 there.)
 */
export function recordErrorCode(error: BrokerError): 1 | 2 {
  return error.retriable ? 2 : 1;
}

/** 404 with 40402: the topic is there, the partition is not. */
export function partitionNotFound(topic: string, partition: number | string, partitions: number): HttpError {
  return new HttpError({
    status: 404,
    errorCode: 40402,
    message: `Partition not found: ${topic} has partitions 0 to ${partitions - 1}, got ${partition}`,
    details: { kafka_error: 'UNKNOWN_TOPIC_OR_PARTITION', field: 'partition' },
  });
}

/** 422 with 42206: the body is not what the route takes. */
export function invalidBody(message: string, field?: string): HttpError {
  return new HttpError({
    status: 422,
    errorCode: 42206,
    message: `Payload error. ${message}`,
    details: field === undefined ? {} : { field },
  });
}

/** 422 with 42207: a key, value or header cannot be turned into bytes. */
export function unserializable(field: string, message: string): HttpError {
  return new HttpError({
    status: 422,
    errorCode: 42207,
    message: `Error serializing message. ${field} ${message}`,
    details: { field },
  });
}

/** 400 with 40002: a parameter of the path or the query is wrong. */
export function invalidParameter(field: string, message: string): HttpError {
  return new HttpError({ status: 400, errorCode: 40002, message: `${field} ${message}`, details: { field } });
}
