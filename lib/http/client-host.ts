// Where a request came from, as far as the runtime says.
import type { Context } from 'hono';

/** What the runtimes that serve the application hand over beside the request: Node's server, and Lambda's adapter. */
interface RuntimeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  readonly event?: { readonly requestContext?: { readonly http?: { readonly sourceIp?: string } } };
}

/** The caller's address as Kafka writes it, `/127.0.0.1`; `/` where the runtime does not tell. It decides nothing. */
export function clientHostOf(c: Context): string {
  const { incoming, event } = (c.env ?? {}) as RuntimeBindings;
  const address = incoming?.socket?.remoteAddress ?? event?.requestContext?.http?.sourceIp ?? '';
  return `/${address.replace(/^::ffff:/, '')}`;
}
