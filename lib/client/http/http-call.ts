// One request to a server of Wadi and its answer, checked; every failure becomes a BrokerError that says what is known of the data.
import type { Static, TSchema } from 'typebox';
import { BrokerError } from '../../base/errors.ts';
import { exchange, readAnswer, urlOf, type ExchangeDeps, type Place } from './exchange.ts';
import { errorOfAnswer, errorOfConnection } from './http-error.ts';

/** Answers the headers to send, the signature among them; `headers` have lower-case names. */
export type SignRequest = (request: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}) => Promise<Readonly<Record<string, string>>>;

export interface HttpCallDeps extends ExchangeDeps {
  readonly url: URL;
  readonly sign: SignRequest | undefined;
}

export interface HttpCall<T extends TSchema> extends Place {
  readonly method: 'GET' | 'POST' | 'DELETE';
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
  const init = {
    method,
    headers,
    ...(body !== undefined && { body }),
    ...(call.signal && { signal: call.signal }),
  };
  const isWrite = method !== 'GET';
  const { response, text } = await exchange(deps, url, init).catch((error: unknown) => {
    throw errorOfConnection(url, error, { isWrite });
  });
  if (response.status > 299) throw errorOfAnswer(response, text, { isWrite });
  const answer = readAnswer(call.answer, text);
  if ('value' in answer) return { value: answer.value, headers: response.headers };
  throw new BrokerError(
    'UNKNOWN_SERVER_ERROR',
    `${url.origin}${url.pathname} answered what Wadi does not: ${answer.unlike}`,
    { outcome: 'unknown' },
  );
}
