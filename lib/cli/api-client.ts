// The CLI's HTTP client: one request at a time per call, signed where needed, retried where that cannot duplicate anything.
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import { ApiError, fromAnswer, fromConnection } from './api-error.ts';
import { usageError } from './exit.ts';
import { awsEndpointOf, createAwsSigner, type Sign } from './signing.ts';

/** Where the embedded server listens unless told otherwise. */
export const DEFAULT_URL = 'http://127.0.0.1:8082';

/** Longer than the server's longest long poll (25 s) and than API Gateway waits for its function (30 s). */
const ATTEMPT_MS_MAX = 45_000;

/** A request is given up when it has failed for so long: Kafka's delivery.timeout.ms. */
const RETRIES_MS_MAX = 120_000;

const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 5_000;

const JSON_TYPE = 'application/json';

export interface ApiRequest<T extends TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Segments of the path, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number>>;
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
  const endpoint = awsEndpointOf(url);
  let sign: Promise<Sign> | undefined;
  let hasAnswered = false;

  const attempt = async <T extends TSchema>(request: ApiRequest<T>): Promise<Static<T>> => {
    if (endpoint !== undefined) sign ??= createAwsSigner(endpoint, deps.clock);
    const answer = await send(deps, url, request, await sign);
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
  sign: Sign | undefined,
): Promise<Static<T>> {
  const url = urlOf(base, request);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = {
    accept: request.accept ?? JSON_TYPE,
    ...(body === undefined ? {} : { 'content-type': request.contentType ?? JSON_TYPE }),
  };
  const signed = (await sign?.({ method: request.method, url, headers, body })) ?? headers;
  const { status, text, retryAfter } = await exchange(clock, url, request, {
    headers: signed,
    body: body ?? null,
  });
  if (status > 299) throw fromAnswer({ status, text, retryAfter, isWrite: request.method !== 'GET' });
  return readAnswer(url, request.answer, text);
}

/** One request and its whole answer, cut off after ATTEMPT_MS_MAX. */
async function exchange(
  clock: Clock,
  url: URL,
  request: Pick<ApiRequest<TSchema>, 'method' | 'signal'>,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body: string | null },
): Promise<{ status: number; text: string; retryAfter: string | null }> {
  const done = new AbortController();
  const late = new AbortController();
  const signal = AbortSignal.any([late.signal, ...(request.signal ? [request.signal] : [])]);
  void clock.sleep(ATTEMPT_MS_MAX, done.signal).then(() => {
    if (!done.signal.aborted) late.abort(new Error(`no answer within ${ATTEMPT_MS_MAX} ms`));
  });
  try {
    const response = await fetch(url, { ...init, method: request.method, signal, redirect: 'error' });
    return {
      status: response.status,
      text: await response.text(),
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (error) {
    throw fromConnection(url, request.method !== 'GET', error);
  } finally {
    done.abort();
  }
}

function urlOf(base: URL, { path, query = {} }: Pick<ApiRequest<TSchema>, 'path' | 'query'>): URL {
  const url = new URL(base);
  url.pathname = [base.pathname.replace(/\/$/, ''), ...path.map(encodeURIComponent)].join('/');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

const checkers = new WeakMap<TSchema, { Check(value: unknown): boolean }>();

function readAnswer<T extends TSchema>(url: URL, schema: T, text: string): Static<T> {
  const checker = checkers.get(schema) ?? Compile(schema);
  checkers.set(schema, checker);
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    value = text;
  }
  if (checker.Check(value)) return value as Static<T>;
  const excerpt = text.length > 100 ? `${text.slice(0, 100)}...` : text;
  throw new ApiError(`${url.origin}${url.pathname} answered what Wadi does not: ${excerpt}`, {
    outcome: 'unknown',
    retriable: false,
  });
}
