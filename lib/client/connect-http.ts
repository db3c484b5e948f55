// A client of a server of Wadi, over HTTP.
import { createSystemClock } from '../base/clock.ts';
import { BrokerError } from '../base/errors.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';
import { createHttpBroker } from './http/http-broker.ts';
import type { SignRequest } from './http/http-call.ts';
import { awsSignerFor } from './http/signing.ts';

export interface HttpOptions extends ClientOptions {
  /** Where the server is: http or https, with a path where it is not at the root. */
  readonly url: string | URL;
  /**
   * Signs each request. Default: requests to API Gateway and to function URLs are signed with the AWS credentials that the SDK
   * finds (SigV4), others are not.
   */
  readonly sign?: SignRequest;
  /** Default: the platform's. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Opens nothing: the first call connects. Throws INVALID_REQUEST for a URL that is neither http nor https. */
export function connectHttp({ url, sign, fetch: send, ...options }: HttpOptions): Client {
  const parsed = URL.parse(String(url));
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new BrokerError('INVALID_REQUEST', `url must be an http or https URL, got "${String(url)}"`, {
      field: 'url',
    });
  }
  const clock = options.clock ?? createSystemClock();
  const broker = createHttpBroker({
    ...{ url: parsed, clock, sign: sign ?? awsSignerFor(parsed, clock) },
    fetch: send ?? ((request) => fetch(request)),
  });
  return createClient(broker, { ...options, clock });
}
