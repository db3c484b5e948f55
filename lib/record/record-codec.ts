// One record inside a batch: measured, written, walked over, and read.
import { BrokerError } from '../base/errors.ts';
import type { LogRecord, PlacedRecord, RecordHeader } from './record.ts';
import { readVarint, readVarlong, varintBytes, writeVarint, writeVarlong, type Cursor } from './varint.ts';

/*
 * Record => Length Attributes TimestampDelta OffsetDelta KeyLength Key ValueLength Value [Header]
 *   Length => VARINT (of what follows)      KeyLength, ValueLength => VARINT (-1 for null)
 *   Attributes => INT8 (unused)             Header => HeaderKeyLength HeaderKey HeaderValueLength HeaderValue,
 *   TimestampDelta => VARLONG                 their number first, as VARINT; a header's key is UTF-8 and never null
 *   OffsetDelta => VARINT
 */

/** What stands before its records in a batch, and what a record's deltas are added to. */
export interface RecordBase {
  readonly baseOffset: number;
  readonly baseTimestampMs: number;
  /** Given where the batch says LogAppendTime: the timestamp of each of its records. */
  readonly logAppendTimeMs: number | undefined;
}

const HEADER_BYTES_MIN = 2;

const nullableBytes = (bytes: Uint8Array | null): number =>
  bytes === null ? 1 : varintBytes(bytes.length) + bytes.length;

function headerBytes({ key, value }: RecordHeader): number {
  const keyBytes = Buffer.byteLength(key);
  return varintBytes(keyBytes) + keyBytes + nullableBytes(value);
}

/** The bytes of a record without its length. */
export function recordBodyBytes(record: LogRecord, timestampDelta: number, offsetDelta: number): number {
  let bytes = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta);
  bytes += nullableBytes(record.key) + nullableBytes(record.value) + varintBytes(record.headers.length);
  for (const header of record.headers) bytes += headerBytes(header);
  return bytes;
}

function writeNullable(cursor: Cursor, bytes: Uint8Array | null): void {
  writeVarint(cursor, bytes === null ? -1 : bytes.length);
  if (bytes === null) return;
  cursor.bytes.set(bytes, cursor.at);
  cursor.at += bytes.length;
}

/** Writes a record of `bodyBytes` as recordBodyBytes counts them. */
export function writeRecord(
  cursor: Cursor,
  record: LogRecord,
  { bodyBytes, timestampDelta, offsetDelta }: RecordPlace,
): void {
  writeVarint(cursor, bodyBytes);
  cursor.bytes[cursor.at++] = 0;
  writeVarlong(cursor, timestampDelta);
  writeVarint(cursor, offsetDelta);
  writeNullable(cursor, record.key);
  writeNullable(cursor, record.value);
  writeVarint(cursor, record.headers.length);
  for (const { key, value } of record.headers) {
    writeNullable(cursor, Buffer.from(key));
    writeNullable(cursor, value);
  }
}

/** Where a record goes. */
export interface RecordPlace {
  readonly bodyBytes: number;
  readonly timestampDelta: number;
  readonly offsetDelta: number;
}

/** Where the parts of a record lie: one value is filled again and again, so that walking over records makes no garbage. */
export interface RecordLayout {
  timestampDelta: number;
  offsetDelta: number;
  keyStart: number;
  /** -1 for null. */
  keyBytes: number;
  valueStart: number;
  /** -1 for null. */
  valueBytes: number;
  headersStart: number;
  headerCount: number;
}

/** A layout to fill. */
export function createLayout(): RecordLayout {
  return {
    timestampDelta: 0,
    offsetDelta: 0,
    keyStart: 0,
    keyBytes: -1,
    valueStart: 0,
    valueBytes: -1,
    headersStart: 0,
    headerCount: 0,
  };
}

function invalid(what: string, at: number): BrokerError {
  return new BrokerError('INVALID_RECORD', `${what} at byte ${at} of the records`);
}

/** Reads a length and moves over so many bytes; -1 stands for null and moves over none. */
function skipBytes(cursor: Cursor, what: string, lengthMin: -1 | 0): number {
  const start = cursor.at;
  const length = readVarint(cursor);
  if (length < lengthMin || length > cursor.end - cursor.at) {
    throw invalid(`${what} length must be ${lengthMin} to ${cursor.end - cursor.at}, got ${length}`, start);
  }
  if (length > 0) cursor.at += length;
  return length;
}

/**
 * Moves over one record and fills `layout`. Throws INVALID_RECORD unless its parts, headers included, fill its length.
 */
export function readLayout(cursor: Cursor, layout: RecordLayout): void {
  const recordsEnd = cursor.end;
  const start = cursor.at;
  const length = readVarint(cursor);
  if (length < 1 || length > recordsEnd - cursor.at) {
    throw invalid(`record length must be 1 to ${recordsEnd - cursor.at}, got ${length}`, start);
  }
  cursor.end = cursor.at + length;
  cursor.at++;
  layout.timestampDelta = readVarlong(cursor);
  layout.offsetDelta = readVarint(cursor);
  layout.keyBytes = skipBytes(cursor, 'key', -1);
  layout.keyStart = cursor.at - Math.max(layout.keyBytes, 0);
  layout.valueBytes = skipBytes(cursor, 'value', -1);
  layout.valueStart = cursor.at - Math.max(layout.valueBytes, 0);
  layout.headerCount = readHeaderCount(cursor);
  layout.headersStart = cursor.at;
  for (let i = 0; i < layout.headerCount; i++) {
    skipBytes(cursor, 'header key', 0);
    skipBytes(cursor, 'header value', -1);
  }
  if (cursor.at !== cursor.end) throw invalid(`record has ${cursor.end - cursor.at} bytes too many`, start);
  cursor.end = recordsEnd;
}

function readHeaderCount(cursor: Cursor): number {
  const start = cursor.at;
  const count = readVarint(cursor);
  const countMax = Math.floor((cursor.end - cursor.at) / HEADER_BYTES_MIN);
  if (count < 0 || count > countMax)
    throw invalid(`header count must be 0 to ${countMax}, got ${count}`, start);
  return count;
}

/** The record of a layout. Its key and values are views of `bytes`. */
export function toRecord(bytes: Uint8Array, layout: RecordLayout, base: RecordBase): PlacedRecord {
  const { keyStart, keyBytes, valueStart, valueBytes } = layout;
  return {
    offset: base.baseOffset + layout.offsetDelta,
    timestampMs: base.logAppendTimeMs ?? base.baseTimestampMs + layout.timestampDelta,
    key: keyBytes < 0 ? null : bytes.subarray(keyStart, keyStart + keyBytes),
    value: valueBytes < 0 ? null : bytes.subarray(valueStart, valueStart + valueBytes),
    headers: layout.headerCount === 0 ? NO_HEADERS : readHeaders(bytes, layout),
  };
}

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

function readHeaders(
  bytes: Uint8Array,
  { headersStart, headerCount }: RecordLayout,
): readonly RecordHeader[] {
  const cursor: Cursor = { bytes, at: headersStart, end: bytes.length };
  const headers: RecordHeader[] = [];
  for (let i = 0; i < headerCount; i++) {
    const keyBytes = readVarint(cursor);
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + cursor.at, keyBytes).toString();
    cursor.at += keyBytes;
    const valueBytes = readVarint(cursor);
    const value = valueBytes < 0 ? null : bytes.subarray(cursor.at, cursor.at + valueBytes);
    cursor.at += Math.max(valueBytes, 0);
    headers.push({ key, value });
  }
  return headers;
}
