// What a request to the server came to when it did not come to an answer: for the user to read, and for retries to judge.
import { objectIn, outcomeIn, wasPerhapsSent } from '../client/http/failure.ts';
import type { Outcome } from '../base/errors.ts';
import { CliError } from './exit.ts';

export interface ApiErrorOptions {
  /** HTTP status; undefined where no answer came. */
  readonly status?: number;
  /** Kafka REST's error_code. */
  readonly errorCode?: number;
  readonly outcome: Outcome;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
  /** Whether the request was to change something. Default false. */
  readonly isWrite?: boolean;
  readonly cause?: unknown;
}

/** A request that failed. */
export class ApiError extends CliError {
  override readonly name = 'ApiError';
  readonly status: number | undefined;
  readonly errorCode: number | undefined;
  readonly outcome: Outcome;
  readonly retriable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly isWrite: boolean;

  constructor(message: string, options: ApiErrorOptions) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.errorCode = options.errorCode;
    this.outcome = options.outcome;
    this.retriable = options.retriable;
    this.retryAfterMs = options.retryAfterMs;
    this.isWrite = options.isWrite ?? false;
  }
}

/** Statuses that pass by themselves: a timeout, a throttle, a gateway without its backend. */
const RETRIABLE_STATUSES = [408, 429, 502, 503, 504];

/** Kafka REST's error_code of errors that Kafka calls retriable. */
const RETRIABLE_ERROR_CODE = 50003;

interface Answer {
  readonly isWrite: boolean;
  readonly status: number;
  readonly text: string;
  /** The Retry-After header, in seconds. */
  readonly retryAfter: string | null;
}

/** The error that an answer above 299 stands for; its body is Kafka REST's, or anything where a proxy wrote it. */
export function fromAnswer({ status, text, retryAfter, isWrite }: Answer): ApiError {
  const body = objectIn(text);
  const errorCode = typeof body['error_code'] === 'number' ? body['error_code'] : undefined;
  const message = typeof body['message'] === 'string' ? body['message'] : text.trim().slice(0, 200);
  const outcome = outcomeIn(body['outcome']);
  return new ApiError(describe(status, message), {
    status,
    isWrite,
    outcome: outcome ?? (status < 500 ? 'not-applied' : 'unknown'),
    retriable: RETRIABLE_STATUSES.includes(status) || errorCode === RETRIABLE_ERROR_CODE,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(Number(retryAfter) > 0 ? { retryAfterMs: Number(retryAfter) * 1_000 } : {}),
  });
}

function describe(status: number, message: string): string {
  const hint =
    status === 401 || status === 403 ? ' (are the AWS credentials those that were granted access?)' : '';
  return `${message === '' ? 'the server answered' : message} [HTTP ${status}]${hint}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'the connection broke',
  ECONNRESET: 'the connection broke',
};

/** The error for a request without an answer, from what fetch threw. */
export function fromConnection(url: URL, isWrite: boolean, error: unknown): ApiError {
  const code = codeOf(error);
  const isSent = wasPerhapsSent(code);
  const reason = (code === undefined ? undefined : REASONS[code]) ?? code ?? reasonOf(error);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const hint =
    code === 'ECONNREFUSED' && isLocal
      ? ': is the server running? "npm start" starts one'
      : isSent
        ? ''
        : ': check --url';
  return new ApiError(`cannot reach ${url.origin}, ${reason}${hint}`, {
    outcome: isSent ? 'unknown' : 'not-applied',
    retriable: true,
    isWrite,
    cause: error,
  });
}

/** fetch says "fetch failed", and why in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    if (each instanceof AggregateError && each.errors.length > 0) return codeOf(each.errors[0]);
  }
  return undefined;
}
