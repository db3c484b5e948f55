// What a failed call to an AWS service tells of the request: whether it was refused, or may have been carried out.
import { BrokerError, type Outcome } from '../base/errors.ts';

/**
 * `throttled`, `unreachable` (no connection was made), `denied` (credentials or permissions) and `rejected` (any other
 * 4xx): the request was not carried out. `lost` (cut connection, timeout, 5xx) and `strange`: it may have been, or may be
 * yet.
 */
export type AwsFailure = 'throttled' | 'unreachable' | 'denied' | 'rejected' | 'lost' | 'strange';

/** The parts of an SDK error that are looked at; all of them may be missing. */
export interface AwsErrorShape {
  readonly name: string;
  readonly message: string;
  /** Node's, of a failed connection. */
  readonly code: string | undefined;
  readonly httpStatus: number | undefined;
  /** How often the SDK itself tried. */
  readonly attempts: number;
}

/** The request that failed, for messages, and whether it could have changed anything. */
export interface AwsRequest {
  /** Such as `PutItem in table wadi-heads`. */
  readonly what: string;
  readonly isWrite: boolean;
}

/** Reads what was thrown by an SDK client. */
export function awsErrorShape(error: unknown): AwsErrorShape {
  const { name, message, code, $metadata } = error as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number; attempts?: number };
  };
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : String(error),
    code: typeof code === 'string' ? code : undefined,
    httpStatus: $metadata?.httpStatusCode,
    attempts: $metadata?.attempts ?? 1,
  };
}

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'SlowDown',
]);

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationTokenException',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const UNREACHABLE = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const LOST_NAMES = new Set(['AbortError', 'RequestTimeout', 'RequestTimeoutException', 'TimeoutError']);
const LOST_CODES = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Tells the failures apart that all AWS services share. */
export function classifyAwsFailure({ name, code, httpStatus = 0 }: AwsErrorShape): AwsFailure {
  if (THROTTLED.has(name) || httpStatus === 429) return 'throttled';
  if (DENIED.has(name)) return 'denied';
  if (LOST_NAMES.has(name) || (code !== undefined && LOST_CODES.has(code)) || httpStatus >= 500)
    return 'lost';
  if (code !== undefined && UNREACHABLE.has(code)) return 'unreachable';
  return httpStatus >= 400 ? 'rejected' : 'strange';
}

const CODES = {
  throttled: { code: 'THROTTLING_QUOTA_EXCEEDED', retriable: true },
  unreachable: { code: 'KAFKA_STORAGE_ERROR', retriable: true },
  denied: { code: 'KAFKA_STORAGE_ERROR', retriable: false },
  rejected: { code: 'KAFKA_STORAGE_ERROR', retriable: false },
  lost: { code: 'REQUEST_TIMED_OUT', retriable: true },
  strange: { code: 'KAFKA_STORAGE_ERROR', retriable: true },
} as const satisfies Record<AwsFailure, object>;

/**
 * The BrokerError of a failure. Reads never change anything. A write that the SDK tried more than once is unknown
 * whatever the last answer was, as an earlier attempt may have been carried out and only its answer lost; where that last
 * answer was a throttle, it is reported as timed out, since a throttled write is one that was not applied.
 */
export function toAwsBrokerError(
  failure: AwsFailure,
  error: unknown,
  { what, isWrite }: AwsRequest,
): BrokerError {
  const { name, message, code, attempts } = awsErrorShape(error);
  const outcome = outcomeOf(failure, isWrite, attempts);
  const kind = failure === 'throttled' && outcome === 'unknown' ? 'lost' : failure;
  const detail = [code === undefined ? name : `${name} ${code}`, message].filter((part) => part !== '');
  return new BrokerError(CODES[kind].code, `${what} failed (${failure}): ${detail.join(': ')}`, {
    outcome,
    retriable: CODES[kind].retriable,
    cause: error,
  });
}

function outcomeOf(failure: AwsFailure, isWrite: boolean, attempts: number): Outcome {
  if (!isWrite) return 'not-applied';
  return failure === 'lost' || failure === 'strange' || attempts > 1 ? 'unknown' : 'not-applied';
}
