// Reads the parts of a request: body within its limit, query, path.
import type { Context } from 'hono';
import type { Static, TObject } from 'typebox';
import { HttpError, invalidBody, invalidParameter } from './errors.ts';
import { DISCARDED_BYTES_MAX, REQUEST_BODY_BYTES_MAX } from './limits.ts';
import { mediaTypeOf, negotiate } from './media-types.ts';
import { checkAgainst } from './validation.ts';

/** Throws 413 for a body above REQUEST_BODY_BYTES_MAX, 415 if it is compressed, 42206 if not UTF-8. */
export async function readBodyText(c: Context): Promise<string> {
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new HttpError({
      status: 415,
      errorCode: 415,
      message: `content-encoding must be identity, got ${encoding}`,
    });
  }
  const announced = Number(c.req.header('content-length') ?? 0);
  if (announced > DISCARDED_BYTES_MAX) throw bodyTooLarge(announced, { isRead: false });
  const bytes = await readBounded(c.req.raw.body).catch((error: unknown) => {
    throw error instanceof HttpError ? error : brokenOff(error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidBody('The body is not UTF-8');
  }
}

/** Reads no more than its limits into memory, but past it all there is: a client that still writes would miss the answer. */
async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes <= REQUEST_BODY_BYTES_MAX) chunks.push(chunk);
    else chunks = [];
    if (bytes > DISCARDED_BYTES_MAX) throw bodyTooLarge(bytes, { isRead: false });
  }
  if (bytes > REQUEST_BODY_BYTES_MAX) throw bodyTooLarge(bytes, { isRead: true });
  return Buffer.concat(chunks);
}

function brokenOff(cause: unknown): HttpError {
  return new HttpError({ status: 400, errorCode: 400, message: 'The body broke off before its end', cause });
}

/** A connection whose client goes on writing what nobody reads is of no more use. */
function bodyTooLarge(bytes: number, { isRead }: { readonly isRead: boolean }): HttpError {
  const got = isRead ? bytes : `${bytes} or more`;
  return new HttpError({
    status: 413,
    errorCode: 413,
    message: `The body must have at most ${REQUEST_BODY_BYTES_MAX} bytes, got ${got}: send fewer records`,
    details: { kafka_error: 'RECORD_LIST_TOO_LARGE' },
    headers: isRead ? {} : { connection: 'close' },
  });
}

/** The media type of the body, which must be one of `types`; throws 415. */
export function requireContentType(c: Context, types: readonly string[]): string {
  const header = c.req.header('content-type');
  const type = mediaTypeOf(header);
  if (type !== undefined && types.includes(type)) return type;
  const got = header === undefined ? 'none' : header;
  throw new HttpError({
    status: 415,
    errorCode: 415,
    message: `content-type must be ${types.join(' or ')}, got ${got}`,
  });
}

/** The type to answer in, out of `offered`; throws 406. */
export function requireAccepted(c: Context, offered: readonly string[]): string {
  const accept = c.req.header('accept');
  const type = negotiate(accept, offered);
  if (type !== undefined) return type;
  throw new HttpError({
    status: 406,
    errorCode: 406,
    message: `accept must allow ${offered.join(' or ')}, got ${accept ?? 'none'}`,
  });
}

/**
 * The query, checked: whole numbers are read as numbers where the schema says integer. Parameters that sign the request
 * (X-Amz-*) are passed over. Throws 40002 for an unknown, repeated or wrong one.
 */
export function readQuery<T extends TObject>(c: Context, schema: T): Static<T> {
  const query: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (name.toLowerCase().startsWith('x-amz-')) continue;
    if (values.length > 1) throw invalidParameter(name, `must be given once, got ${values.length} times`);
    const [text = ''] = values;
    query[name] = isInteger(schema, name) && /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  }
  return checkAgainst(schema, query, ({ field, message }) => invalidParameter(field, message));
}

function isInteger(schema: TObject, name: string): boolean {
  const property = (schema.properties as Record<string, { type?: unknown } | undefined>)[name];
  return property?.type === 'integer';
}

/** A parameter that the route's path names. */
export function pathParameter(c: Context, name: string): string {
  return c.req.param(name) ?? '';
}
