// One HTTP request and its whole answer, before anybody says what either means: shared by the client and the command line.
import { Compile } from 'typebox/schema';
import type { Static, TSchema } from 'typebox';
import type { Clock } from '../../base/clock.ts';

/** Longer than the server's longest long poll (25 s), and than API Gateway waits for its function (30 s). */
const ATTEMPT_MS_MAX = 45_000;

export interface ExchangeDeps {
  readonly clock: Clock;
  /** As the platform's. */
  readonly fetch: (request: Request) => Promise<Response>;
}

export interface ExchangeOptions extends RequestInit {
  readonly method: string;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** Cut off after ATTEMPT_MS_MAX. Rejects with what fetch throws. */
export async function exchange(
  { clock, fetch }: ExchangeDeps,
  url: URL,
  { signal: ended, ...init }: ExchangeOptions,
): Promise<{ readonly response: Response; readonly text: string }> {
  const done = new AbortController();
  const late = new AbortController();
  void clock.sleep(ATTEMPT_MS_MAX, done.signal).then(() => {
    if (!done.signal.aborted) late.abort(new Error(`no answer within ${ATTEMPT_MS_MAX} ms`));
  });
  const signal = AbortSignal.any([late.signal, ...(ended === undefined ? [] : [ended])]);
  try {
    const response = await fetch(new Request(url, { ...init, signal, redirect: 'error' }));
    return { response, text: await response.text() };
  } finally {
    done.abort();
  }
}

export interface Place {
  /** Segments, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number>>;
}

/** A place below a server's URL, which may have a path of its own. */
export function urlOf(base: URL, { path, query = {} }: Place): URL {
  const url = new URL(base);
  url.pathname = [base.pathname.replace(/\/$/, ''), ...path.map(encodeURIComponent)].join('/');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

const checkers = new WeakMap<TSchema, { Check(value: unknown): boolean }>();

/** What an answer's text holds, as the schema says; nothing is undefined. `unlike`: how it begins, where it is not that. */
export function readAnswer<T extends TSchema>(
  schema: T,
  text: string,
): { readonly value: Static<T> } | { readonly unlike: string } {
  const checker = checkers.get(schema) ?? Compile(schema);
  checkers.set(schema, checker);
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    value = text;
  }
  if (checker.Check(value)) return { value: value as Static<T> };
  return { unlike: text.length > 100 ? `${text.slice(0, 100)}...` : text };
}
