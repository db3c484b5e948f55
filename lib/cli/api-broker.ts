// The server as a broker: what the client's library makes of its HTTP API, signed where AWS asks for that.
import { connectHttp } from '../client/connect-http.ts';
import { parseUrl } from './api-client.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from './terminal.ts';

/** A client of the server at `url`; to be closed. Throws a usage error for what is no URL. */
export function openClient({ clock, dice }: Pick<Terminal, 'clock' | 'dice'>, url: string): Client {
  return connectHttp({ url: parseUrl(url), clock, dice, clientId: 'wadi-cli' });
}
