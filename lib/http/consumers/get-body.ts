// The body of a GET: the web's Request has none, so it is taken from where the runtime keeps it.
import type { Context } from 'hono';
import { HttpError, invalidBody } from '../errors.ts';
import { parseJson } from '../json-text.ts';

/** Partitions by name: far more than an answer tells of. */
const GET_BODY_BYTES_MAX = 1024 * 1024;

/** What Node's server hands over beside the request. */
interface NodeBindings {
  readonly incoming?: AsyncIterable<Uint8Array>;
}

/** The body as JSON; undefined where there is none, or where the runtime does not give it. Throws 413, 42206. */
export async function readGetJson(c: Context): Promise<unknown> {
  const { incoming } = (c.env ?? {}) as NodeBindings;
  if (incoming === undefined || !hasBody(c)) return undefined;
  const text = decoded(await readBounded(incoming));
  return text.trim() === '' ? undefined : parseJson(text);
}

const hasBody = (c: Context): boolean =>
  Number(c.req.header('content-length') ?? 0) > 0 || c.req.header('transfer-encoding') !== undefined;

async function readBounded(incoming: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > GET_BODY_BYTES_MAX) throw tooLarge(bytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (bytes: number): HttpError =>
  new HttpError({
    status: 413,
    errorCode: 413,
    message: `The body of a GET must have at most ${GET_BODY_BYTES_MAX} bytes, got ${bytes} or more`,
    headers: { connection: 'close' },
  });

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidBody('The body is not UTF-8');
  }
}
