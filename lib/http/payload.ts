// Keys, values and headers between their bytes and the forms they have in JSON. Pure.
import type { PlacedRecord, RecordHeader } from '../record/record.ts';
import { HttpError, unserializable } from './errors.ts';
import type { EmbeddedFormat } from './media-types.ts';

/** The bytes of a key or value; null and absent are null. Throws 42207 naming `field`. */
export function payloadBytes(format: EmbeddedFormat, value: unknown, field: string): Uint8Array | null {
  if (value === undefined || value === null) return null;
  if (format === 'json') return Buffer.from(JSON.stringify(value), 'utf8');
  if (typeof value !== 'string') {
    throw unserializable(field, `must be a string or null in the ${format} format, got ${typeof value}`);
  }
  return format === 'binary' ? base64Bytes(value, field) : utf8Bytes(value, field);
}

/** The bytes of base64, padded or not. Throws 42207 for anything else: Node itself would pass over what it cannot read. */
export function base64Bytes(text: string, field: string): Uint8Array {
  const bare = text.replace(/={1,2}$/, '');
  const isPaddedRight = bare.length === text.length || text.length % 4 === 0;
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1 || !isPaddedRight) {
    throw unserializable(field, 'must be base64');
  }
  return Buffer.from(bare, 'base64');
}

/** UTF-8 of a string. Throws 42207 for half a surrogate pair, which UTF-8 cannot write. */
export function utf8Bytes(text: string, field: string): Uint8Array {
  if (!text.isWellFormed()) throw unserializable(field, 'must be valid Unicode, got half a surrogate pair');
  return Buffer.from(text, 'utf8');
}

/** A header of a request, whose value is base64, null or absent. */
export function headerOf(key: string, value: string | null | undefined, field: string): RecordHeader {
  utf8Bytes(key, `${field} name`);
  return { key, value: value === undefined || value === null ? null : base64Bytes(value, `${field}.value`) };
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Why a record cannot be given in a format: 406 with 40601, as Kafka REST and Strimzi's bridge refuse a wrong format. */
function formatMismatch(
  place: string,
  offset: number,
  what: 'key' | 'value',
  format: EmbeddedFormat,
): HttpError {
  const is = format === 'json' ? 'JSON' : 'UTF-8 text';
  return new HttpError({
    status: 406,
    errorCode: 40601,
    message:
      `The ${what} of the record at offset ${offset} of ${place} is not ${is}: ` +
      `ask for application/vnd.kafka.binary.v2+json, or go on at offset ${offset + 1}`,
    details: { offset, next_offset: offset + 1 },
  });
}

/** A record of an answer as JSON text on one line. Throws 40601 if its key or value does not fit the format. */
export function recordText(
  topic: string,
  partition: number,
  record: PlacedRecord,
  format: EmbeddedFormat,
): string {
  const place = `${topic}-${partition}`;
  const key = payloadText(record.key, format, () => formatMismatch(place, record.offset, 'key', format));
  const value = payloadText(record.value, format, () =>
    formatMismatch(place, record.offset, 'value', format),
  );
  const headers = record.headers.map((header) => ({
    key: header.key,
    value: header.value === null ? null : base64Of(header.value),
  }));
  const tail = headers.length === 0 ? '' : `,"headers":${JSON.stringify(headers)}`;
  return (
    `{"topic":${JSON.stringify(topic)},"key":${key},"value":${value},"partition":${partition},` +
    `"offset":${record.offset},"timestamp":${record.timestampMs}${tail}}`
  );
}

function payloadText(bytes: Uint8Array | null, format: EmbeddedFormat, mismatch: () => HttpError): string {
  if (bytes === null) return 'null';
  if (format === 'binary') return `"${base64Of(bytes)}"`;
  try {
    const text = strictUtf8.decode(bytes);
    return format === 'text' ? JSON.stringify(text) : jsonLine(text);
  } catch {
    throw mismatch();
  }
}

/** JSON as it is stored, on one line: outside of its strings, line ends are white space. Throws if it is not JSON. */
function jsonLine(text: string): string {
  JSON.parse(text);
  return text.replace(/[\r\n]/g, ' ');
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
