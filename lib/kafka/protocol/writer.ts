// Writes the primitive types of Kafka's protocol into a list of chunks. Nothing written is ever copied to grow, and record
// batches stand in the list as they were given.
import { assert, AssertionError } from '../../base/assert.ts';
import { STRING_BYTES_MAX } from './reader.ts';

/** What is written so far: `chunks`, then `open` from `start` to `at`. */
export interface Writer {
  readonly chunks: Uint8Array[];
  open: Buffer;
  view: DataView;
  start: number;
  at: number;
  /** The bytes of `chunks`. */
  closedBytes: number;
}

const FIRST_CHUNK_BYTES = 512;
/** Chunks grow to this: larger ones save nothing. */
const CHUNK_BYTES_MAX = 65_536;

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An empty writer. */
export function createWriter(): Writer {
  const open = Buffer.allocUnsafe(FIRST_CHUNK_BYTES);
  return { chunks: [], open, view: viewOf(open), start: 0, at: 0, closedBytes: 0 };
}

/** All bytes written so far. */
export const writtenBytes = (writer: Writer): number => writer.closedBytes + writer.at - writer.start;

function closeChunk(writer: Writer): void {
  if (writer.at === writer.start) return;
  writer.chunks.push(writer.open.subarray(writer.start, writer.at));
  writer.closedBytes += writer.at - writer.start;
  writer.start = writer.at;
}

/** The chunks in order, none of them empty. Nothing may be written afterwards. */
export function finish(writer: Writer): readonly Uint8Array[] {
  closeChunk(writer);
  return writer.chunks;
}

/** Makes room for `byteCount` bytes and returns where they go in `writer.open`, which may be another than before. */
function reserve(writer: Writer, byteCount: number): number {
  if (writer.open.length - writer.at < byteCount) {
    closeChunk(writer);
    const doubled = Math.min(writer.open.length * 2, CHUNK_BYTES_MAX);
    writer.open = Buffer.allocUnsafe(Math.max(doubled, byteCount));
    writer.view = viewOf(writer.open);
    writer.start = 0;
    writer.at = 0;
  }
  const at = writer.at;
  writer.at = at + byteCount;
  return at;
}

function writeByte(writer: Writer, value: number): void {
  const at = reserve(writer, 1);
  writer.open[at] = value;
}

function assertInteger(value: number, min: number, max: number): void {
  // The message is made only when it is needed: this is called for every number of every response.
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new AssertionError(`${value} is no integer from ${min} to ${max}`);
}

/** BOOLEAN. */
export function writeBool(writer: Writer, value: boolean): void {
  const at = reserve(writer, 1);
  writer.view.setInt8(at, value ? 1 : 0);
}

/** INT8. Throws AssertionError if `value` is none; so do the others. */
export function writeInt8(writer: Writer, value: number): void {
  assertInteger(value, -0x80, 0x7f);
  const at = reserve(writer, 1);
  writer.view.setInt8(at, value);
}

/** INT16. */
export function writeInt16(writer: Writer, value: number): void {
  assertInteger(value, -0x8000, 0x7fff);
  const at = reserve(writer, 2);
  writer.view.setInt16(at, value);
}

/** UINT16. */
export function writeUint16(writer: Writer, value: number): void {
  assertInteger(value, 0, 0xffff);
  const at = reserve(writer, 2);
  writer.view.setUint16(at, value);
}

/** INT32. */
export function writeInt32(writer: Writer, value: number): void {
  assertInteger(value, -0x8000_0000, 0x7fff_ffff);
  const at = reserve(writer, 4);
  writer.view.setInt32(at, value);
}

/** FLOAT64. */
export function writeFloat64(writer: Writer, value: number): void {
  const at = reserve(writer, 8);
  writer.view.setFloat64(at, value);
}

/** INT64 of a safe integer. */
export function writeInt64(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) throw new AssertionError(`${value} is no safe integer`);
  const at = reserve(writer, 8);
  const high = Math.floor(value / 2 ** 32);
  writer.view.setInt32(at, high);
  writer.view.setUint32(at + 4, value - high * 2 ** 32);
}

/** INT64 of a bigint. */
export function writeBigInt64(writer: Writer, value: bigint): void {
  assert(BigInt.asIntN(64, value) === value, `${String(value)} has more than 64 bits`);
  const at = reserve(writer, 8);
  writer.view.setBigInt64(at, value);
}

/** UNSIGNED_VARINT of at most 32 bits. */
export function writeUnsignedVarint(writer: Writer, value: number): void {
  assertInteger(value, 0, 0xffff_ffff);
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) writeByte(writer, (rest & 0x7f) | 0x80);
  writeByte(writer, rest);
}

/** UUID, of 22 characters of base64url. */
export function writeUuid(writer: Writer, value: string): void {
  const bytes = Buffer.from(value, 'base64url');
  assert(bytes.length === 16, `${value} is no UUID: it has ${bytes.length} bytes`);
  const at = reserve(writer, 16);
  bytes.copy(writer.open, at);
}

/** Writes how many bytes or elements follow; -1 stands for null. */
export type LengthWriter = (writer: Writer, length: number) => void;

/** The length of a string before flexible versions. */
export const writeShortLength: LengthWriter = writeInt16;

/** The length of bytes and arrays before flexible versions. */
export const writeIntLength: LengthWriter = writeInt32;

/** The length of strings, bytes and arrays in flexible versions. */
export const writeCompactLength: LengthWriter = (writer, length) => {
  writeUnsignedVarint(writer, length + 1);
};

/** A string after its length. Throws AssertionError if it is too long; half a surrogate pair becomes U+FFFD. */
export function writeText(writer: Writer, value: string, writeLength: LengthWriter): void {
  const byteCount = Buffer.byteLength(value);
  if (byteCount > STRING_BYTES_MAX) {
    throw new AssertionError(`a string has at most ${STRING_BYTES_MAX} bytes, got ${byteCount}`);
  }
  writeLength(writer, byteCount);
  const at = reserve(writer, byteCount);
  writer.open.write(value, at);
}

/** Copies bytes, without a length. */
export function writeBytes(writer: Writer, value: Uint8Array): void {
  const at = reserve(writer, value.length);
  writer.open.set(value, at);
}

/** Puts `value` among the chunks as it is: it must not change until they are sent. Without a length. */
export function writeReference(writer: Writer, value: Uint8Array): void {
  if (value.length === 0) return;
  closeChunk(writer);
  writer.chunks.push(value);
  writer.closedBytes += value.length;
}

/** A tagged field that is to be written: `write` writes its value. */
export interface TaggedValue {
  readonly tag: number;
  readonly write: (writer: Writer) => void;
}

/** TAGGED_FIELDS. `values` must be in the order of their tags. */
export function writeTaggedFields(writer: Writer, values: readonly TaggedValue[]): void {
  writeUnsignedVarint(writer, values.length);
  for (const { tag, write } of values) {
    const inner = createWriter();
    write(inner);
    writeUnsignedVarint(writer, tag);
    writeUnsignedVarint(writer, writtenBytes(inner));
    for (const chunk of finish(inner)) writeBytes(writer, chunk);
  }
}
