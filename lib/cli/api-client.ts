// The CLI's HTTP client: one request at a time per call, signed where needed, retried where that cannot duplicate anything.
import type { Static, TSchema } from 'typebox';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import { exchange, readAnswer, urlOf, type Place } from '../client/http/exchange.ts';
import { awsSignerFor } from '../client/http/signing.ts';
import type { SignRequest } from '../client/http/http-call.ts';
import { ApiError, fromAnswer, fromConnection } from './api-error.ts';
import { usageError } from './exit.ts';

/** A request is given up when it has failed for so long: Kafka's delivery.timeout.ms. */
const RETRIES_MS_MAX = 120_000;

const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 5_000;

const JSON_TYPE = 'application/json';

export interface ApiRequest<T extends TSchema> extends Place {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: application/json. */
  readonly contentType?: string;
  /** Default: application/json. */
  readonly accept?: string;
  /** What the answer must look like; undefined where it has no body. */
  readonly answer: T;
  /** Whether a second application changes nothing, so that it may be repeated when nobody knows what became of it. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal;
}

export interface ApiClientDeps {
  readonly clock: Clock;
  readonly dice: Dice;
}

/** Speaks to one server. All its errors are CliErrors. */
export interface ApiClient {
  readonly url: URL;
  call<T extends TSchema>(request: ApiRequest<T>): Promise<Static<T>>;
}

/** Throws a usage error unless `text` is an http or https URL. */
export function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(`--url must be an http or https URL, got "${text}"`);
  }
  return url;
}

/**
 * A client of the server at `url`. A request is retried, with growing pauses for up to two minutes, when it failed in a way
 * that passes and either was certainly not applied or is repeatable. A server that could not be reached even once is not
 * waited for.
 */
export function createApiClient(deps: ApiClientDeps, url: URL): ApiClient {
  const sign = awsSignerFor(url, deps.clock);
  let hasAnswered = false;

  const attempt = async <T extends TSchema>(request: ApiRequest<T>): Promise<Static<T>> => {
    const answer = await send(deps, url, request, sign);
    hasAnswered = true;
    return answer;
  };
  const canRetry = (error: unknown, isRepeatable: boolean): error is ApiError =>
    error instanceof ApiError &&
    error.retriable &&
    (error.outcome === 'not-applied' || isRepeatable) &&
    (hasAnswered || error.status !== undefined);

  const call = async <T extends TSchema>(request: ApiRequest<T>): Promise<Static<T>> => {
    const deadline = deps.clock.now() + RETRIES_MS_MAX;
    for (let failures = 0; ; failures++) {
      try {
        return await attempt(request);
      } catch (error) {
        if (!canRetry(error, request.isRepeatable) || deps.clock.now() >= deadline) throw error;
        await deps.clock.sleep(error.retryAfterMs ?? backoffMs(failures, deps.dice), request.signal);
        if (request.signal?.aborted) throw error;
      }
    }
  };
  return { url, call };
}

/** Doubles from 100 ms to 5 s; half of it is chance, so that many clients do not come back together. */
function backoffMs(failures: number, dice: Dice): number {
  return Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** failures) * (0.5 + dice.random() / 2);
}

async function send<T extends TSchema>(
  { clock }: ApiClientDeps,
  base: URL,
  request: ApiRequest<T>,
  sign: SignRequest | undefined,
): Promise<Static<T>> {
  const url = urlOf(base, request);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = {
    accept: request.accept ?? JSON_TYPE,
    ...(body === undefined ? {} : { 'content-type': request.contentType ?? JSON_TYPE }),
  };
  const signed = (await sign?.({ method: request.method, url, headers, body })) ?? headers;
  const init = {
    ...{ method: request.method, headers: signed, body: body ?? null },
    ...(request.signal && { signal: request.signal }),
  };
  const isWrite = request.method !== 'GET';
  const { response, text } = await exchange({ clock, fetch }, url, init).catch((error: unknown) => {
    throw fromConnection(url, isWrite, error);
  });
  const { status, headers: answered } = response;
  if (status > 299) throw fromAnswer({ status, text, retryAfter: answered.get('retry-after'), isWrite });
  const answer = readAnswer(request.answer, text);
  if ('value' in answer) return answer.value;
  throw new ApiError(`${url.origin}${url.pathname} answered what Wadi does not: ${answer.unlike}`, {
    outcome: 'unknown',
    retriable: false,
  });
}
