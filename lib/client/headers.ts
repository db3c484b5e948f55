// Headers as kafkajs has them, an object by name, and as a record has them, a list in order.
import { BrokerError } from '../base/errors.ts';
import type { RecordHeader } from '../record/record.ts';

export type HeaderValue = string | Uint8Array | null;

/** By name, a repeated name with a list; or a list that keeps the order of all. Undefined values are left out. */
export type HeadersInput =
  | Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>
  | readonly { readonly key: string; readonly value: HeaderValue }[];

/** By name; a name that is repeated has a list of its values in their order. Has no prototype. */
export type MessageHeaders = Readonly<Record<string, Buffer | null | readonly (Buffer | null)[]>>;

/** The headers of a record to write. Throws INVALID_RECORD for a name or value that UTF-8 cannot hold. */
export function toRecordHeaders(headers: HeadersInput | undefined): readonly RecordHeader[] {
  if (headers === undefined) return [];
  if (isList(headers)) return headers.map(({ key, value }) => headerOf(key, value));
  return Object.entries(headers).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return isMany(value) ? value.map((one) => headerOf(key, one)) : [headerOf(key, value)];
  });
}

const isList = (
  headers: HeadersInput,
): headers is readonly { readonly key: string; readonly value: HeaderValue }[] => Array.isArray(headers);

const isMany = (value: HeaderValue | readonly HeaderValue[]): value is readonly HeaderValue[] =>
  Array.isArray(value);

function headerOf(key: string, value: HeaderValue): RecordHeader {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) {
    throw new BrokerError('INVALID_RECORD', `header ${JSON.stringify(key)} has half a surrogate pair`, {
      field: 'headers',
    });
  }
  return { key, value: typeof value === 'string' ? Buffer.from(value, 'utf8') : value };
}

/** The headers of a record that was read. */
export function fromRecordHeaders(headers: readonly RecordHeader[]): MessageHeaders {
  const byName = Object.create(null) as Record<string, Buffer | null | (Buffer | null)[]>;
  for (const { key, value } of headers) {
    const one = value === null ? null : bufferOf(value);
    const before = byName[key];
    if (before === undefined) byName[key] = one;
    else if (Array.isArray(before)) before.push(one);
    else byName[key] = [before, one];
  }
  return byName;
}

/** The same bytes as a Buffer, not copied. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
