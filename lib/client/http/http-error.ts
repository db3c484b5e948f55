// From answers above 299, and from connections without an answer, to the BrokerErrors they stand for.
import { BrokerError, ERROR_CODES, type ErrorCode } from '../../base/errors.ts';
import { objectIn, outcomeIn, wasPerhapsSent } from './failure.ts';

/** What statuses mean where the body does not say, as it does not where a proxy wrote it. */
const CODES_OF_STATUSES: Readonly<Record<number, ErrorCode>> = {
  401: 'POLICY_VIOLATION',
  403: 'POLICY_VIOLATION',
  408: 'REQUEST_TIMED_OUT',
  413: 'RECORD_LIST_TOO_LARGE',
  429: 'THROTTLING_QUOTA_EXCEEDED',
  502: 'REQUEST_TIMED_OUT',
  503: 'REQUEST_TIMED_OUT',
  504: 'REQUEST_TIMED_OUT',
};

export interface HttpErrorContext {
  /** Whether the request was to change something. */
  readonly isWrite: boolean;
}

/** The error of an answer; `text` is its body. */
export function errorOfAnswer(response: Response, text: string, { isWrite }: HttpErrorContext): BrokerError {
  const { status } = response;
  const body = objectIn(text);
  const said = typeof body['message'] === 'string' ? body['message'] : text.trim().slice(0, 200);
  const code = codeOf(body['kafka_error']) ?? CODES_OF_STATUSES[status] ?? codeOfStatus(status);
  const retryAfterMs = Number(response.headers.get('retry-after')) * 1_000;
  return new BrokerError(code, `${said === '' ? 'the server answered' : said} [HTTP ${status}]`, {
    outcome: outcomeIn(body['outcome']) ?? (isWrite && status >= 500 ? 'unknown' : 'not-applied'),
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(typeof body['field'] === 'string' && { field: body['field'] }),
  });
}

/** One of the errors that an answer lists: `kafka_error`, `message` and `outcome` as in an error's body. */
export function errorOfBody(body: {
  readonly kafka_error?: string;
  readonly message: string;
  readonly outcome?: string;
}): BrokerError {
  return new BrokerError(codeOf(body.kafka_error) ?? 'UNKNOWN_SERVER_ERROR', body.message, {
    outcome: outcomeIn(body.outcome) ?? 'unknown',
  });
}

const codeOf = (name: unknown): ErrorCode | undefined =>
  typeof name === 'string' && Object.hasOwn(ERROR_CODES, name) ? (name as ErrorCode) : undefined;

const codeOfStatus = (status: number): ErrorCode =>
  status >= 500 ? 'UNKNOWN_SERVER_ERROR' : 'INVALID_REQUEST';

/** The error of a request without an answer, from what fetch threw. */
export function errorOfConnection(url: URL, error: unknown, { isWrite }: HttpErrorContext): BrokerError {
  const reason = reasonOf(error);
  const isSent = wasPerhapsSent(reason.code);
  return new BrokerError('REQUEST_TIMED_OUT', `no answer from ${url.origin}: ${reason.text}`, {
    outcome: isWrite && isSent ? 'unknown' : 'not-applied',
    cause: error,
  });
}

/** fetch says "fetch failed", and why in its cause. */
function reasonOf(error: unknown): { readonly code?: string; readonly text: string } {
  let text = String(error);
  for (let each = error; each instanceof Error; each = each.cause) {
    text = each.message;
    if (each instanceof AggregateError && each.errors.length > 0) return reasonOf(each.errors[0]);
    if ('code' in each && typeof each.code === 'string') return { code: each.code, text: text || each.code };
  }
  return { text };
}
