// One request to a server of Wadi and its answer, checked; every failure becomes a BrokerError that says what is known of the data.
import { Compile } from 'typebox/compile';
import type { Static, TSchema } from 'typebox';
import type { Clock } from '../../base/clock.ts';
import { BrokerError } from '../../base/errors.ts';
import { errorOfAnswer, errorOfConnection } from './http-error.ts';

/** Answers the headers to send, the signature among them; `headers` have lower-case names. */
export type SignRequest = (request: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}) => Promise<Readonly<Record<string, string>>>;

export interface HttpCallDeps {
  readonly url: URL;
  readonly clock: Clock;
  /** As the platform's `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly sign: SignRequest | undefined;
}

export interface HttpCall<T extends TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Segments, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** What the answer's JSON must look like; `Type.Unknown()` where there is none. */
  readonly answer: T;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer<T> {
  readonly value: T;
  readonly headers: Headers;
}

/** Longer than the server's longest long poll (25 s), and than API Gateway waits for its function (30 s). */
const ATTEMPT_MS_MAX = 45_000;

const JSON_TYPE = 'application/json';

/** Sends once. Throws BrokerErrors only. */
export async function httpCall<T extends TSchema>(
  deps: HttpCallDeps,
  call: HttpCall<T>,
): Promise<HttpAnswer<Static<T>>> {
  const url = urlOf(deps.url, call);
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const bare = {
    accept: call.accept ?? JSON_TYPE,
    ...(body === undefined ? {} : { 'content-type': call.contentType ?? JSON_TYPE }),
  };
  const { method } = call;
  const headers = (await deps.sign?.({ method, url, headers: bare, body })) ?? bare;
  const init = { method, headers, redirect: 'error' as const, ...(body !== undefined && { body }) };
  const { response, text } = await exchange(deps, { url, init, signal: call.signal });
  if (response.status > 299) throw errorOfAnswer(response, text, { isWrite: method !== 'GET' });
  return { value: readAnswer(url, call.answer, text), headers: response.headers };
}

async function exchange(
  { clock, fetch }: HttpCallDeps,
  {
    url,
    init,
    signal: ended,
  }: { url: URL; init: RequestInit & { method: string }; signal: AbortSignal | undefined },
): Promise<{ readonly response: Response; readonly text: string }> {
  const done = new AbortController();
  const late = new AbortController();
  void clock.sleep(ATTEMPT_MS_MAX, done.signal).then(() => {
    if (!done.signal.aborted) late.abort(new Error(`no answer within ${ATTEMPT_MS_MAX} ms`));
  });
  const signal = AbortSignal.any([late.signal, ...(ended === undefined ? [] : [ended])]);
  try {
    const response = await fetch(new Request(url, { ...init, signal }));
    return { response, text: await response.text() };
  } catch (error) {
    throw errorOfConnection(url, error, { isWrite: init.method !== 'GET' });
  } finally {
    done.abort();
  }
}

function urlOf(base: URL, { path, query = {} }: Pick<HttpCall<TSchema>, 'path' | 'query'>): URL {
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
  throw new BrokerError(
    'UNKNOWN_SERVER_ERROR',
    `${url.origin}${url.pathname} answered what Wadi does not: ${excerpt}`,
    { outcome: 'unknown' },
  );
}
