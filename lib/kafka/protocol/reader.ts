// Reads the primitive types of Kafka's protocol. Whatever a length says is checked against what the frame still holds
// before anything is made of it, so a frame never costs much more than its own size.
import { isUtf8 } from 'node:buffer';
import { malformed } from './malformed.ts';

/** A place in a frame that the readers move. `end` is exclusive: nothing is read from there on. */
export interface Reader {
  readonly bytes: Buffer;
  readonly view: DataView;
  at: number;
  end: number;
  /** So many elements of arrays may still be read. */
  elementsLeft: number;
}

/**
 * The most elements that the arrays of one frame may have together, some for each partition of a cluster: an element of one
 * byte becomes a value of a hundred.
 *
 * Kafka differs: it takes as many as a frame of 100 MB holds.
 */
export const ELEMENTS_MAX = 250_000;

/** A reader at the first of `bytes`. What it reads as bytes are views of them: they must not change while those live. */
export function createReader(bytes: Uint8Array): Reader {
  const { buffer, byteOffset, byteLength } = bytes;
  return {
    bytes: Buffer.from(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
    at: 0,
    end: byteLength,
    elementsLeft: ELEMENTS_MAX,
  };
}

/** The most bytes a string may have: Kafka's own limit, from the INT16 that holds the length of strings of old. */
export const STRING_BYTES_MAX = 0x7fff;

/** The bytes between the reader and its end. */
export const bytesLeft = (reader: Reader): number => reader.end - reader.at;

/** Moves past `byteCount` bytes and returns where they start. Throws INVALID_REQUEST if the frame ends before. */
export function skip(reader: Reader, byteCount: number): number {
  const start = reader.at;
  if (byteCount > reader.end - start) {
    throw malformed(`byte ${start} should be followed by ${byteCount} bytes, got ${reader.end - start}`);
  }
  reader.at = start + byteCount;
  return start;
}

/** BOOLEAN: a byte, of which everything but 0 is true. */
export const readBool = (reader: Reader): boolean => reader.view.getInt8(skip(reader, 1)) !== 0;

/** INT8. */
export const readInt8 = (reader: Reader): number => reader.view.getInt8(skip(reader, 1));

/** INT16. */
export const readInt16 = (reader: Reader): number => reader.view.getInt16(skip(reader, 2));

/** UINT16. */
export const readUint16 = (reader: Reader): number => reader.view.getUint16(skip(reader, 2));

/** INT32. */
export const readInt32 = (reader: Reader): number => reader.view.getInt32(skip(reader, 4));

/** FLOAT64. */
export const readFloat64 = (reader: Reader): number => reader.view.getFloat64(skip(reader, 8));

/** INT64 as a bigint. */
export const readBigInt64 = (reader: Reader): bigint => reader.view.getBigInt64(skip(reader, 8));

/**
 * INT64 as a number. Throws INVALID_REQUEST if it is no safe integer.
 *
 * Kafka differs: it takes all 64 bits. Offsets and times that mean something are far smaller.
 */
export function readInt64(reader: Reader): number {
  const start = skip(reader, 8);
  const value = reader.view.getInt32(start) * 2 ** 32 + reader.view.getUint32(start + 4);
  if (Number.isSafeInteger(value)) return value;
  throw malformed(`the INT64 at byte ${start} is beyond 2^53: ${String(reader.view.getBigInt64(start))}`);
}

/** UNSIGNED_VARINT: 7 bits to a byte, the lowest first. Throws INVALID_REQUEST if it has more than 32 bits. */
export function readUnsignedVarint(reader: Reader): number {
  const start = reader.at;
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.view.getUint8(skip(reader, 1));
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  const last = reader.view.getUint8(skip(reader, 1));
  if (last > 0x0f) throw malformed(`the UNSIGNED_VARINT at byte ${start} has more than 32 bits`);
  return value + last * 2 ** 28;
}

/** UUID: 16 bytes, as Kafka prints them: 22 characters of base64url. */
export function readUuid(reader: Reader): string {
  const start = skip(reader, 16);
  return reader.bytes.toString('base64url', start, start + 16);
}

/** Reads how many bytes or elements follow; -1 stands for null. */
export type LengthReader = (reader: Reader) => number;

function signedLength(length: number, at: number): number {
  if (length < -1) throw malformed(`the length at byte ${at} is ${length}`);
  return length;
}

/** The length of a string before flexible versions: INT16. */
export const readShortLength: LengthReader = (reader) => signedLength(readInt16(reader), reader.at - 2);

/** The length of bytes and arrays before flexible versions: INT32. */
export const readIntLength: LengthReader = (reader) => signedLength(readInt32(reader), reader.at - 4);

/** The length of strings, bytes and arrays in flexible versions: UNSIGNED_VARINT, one more than it is, 0 for null. */
export const readCompactLength: LengthReader = (reader) => readUnsignedVarint(reader) - 1;

/** A string of `byteCount` bytes. Throws INVALID_REQUEST if it is too long or no valid UTF-8. */
export function readText(reader: Reader, byteCount: number): string {
  if (byteCount > STRING_BYTES_MAX) {
    throw malformed(`a string has at most ${STRING_BYTES_MAX} bytes, got ${byteCount} at byte ${reader.at}`);
  }
  const start = skip(reader, byteCount);
  const end = start + byteCount;
  if (!isUtf8(reader.bytes.subarray(start, end))) throw malformed(`the string at byte ${start} is no UTF-8`);
  return reader.bytes.toString('utf8', start, end);
}

/** A view of the next `byteCount` bytes, not a copy. */
export function readView(reader: Reader, byteCount: number): Uint8Array {
  const start = skip(reader, byteCount);
  return new Uint8Array(reader.view.buffer, reader.view.byteOffset + start, byteCount);
}

/**
 * Throws INVALID_REQUEST unless `count` elements of at least `elementBytesMin` bytes fit into what is left, and are no more
 * than a frame may have.
 */
export function checkCount(reader: Reader, count: number, elementBytesMin: number): void {
  const bytesMin = count * elementBytesMin;
  if (bytesMin > bytesLeft(reader)) {
    throw malformed(
      `${count} elements at byte ${reader.at} need at least ${bytesMin} bytes, got ${bytesLeft(reader)}`,
    );
  }
  reader.elementsLeft -= Math.max(0, count);
  if (reader.elementsLeft >= 0) return;
  const message = `a frame has at most ${ELEMENTS_MAX} elements of arrays, got ${ELEMENTS_MAX - reader.elementsLeft}`;
  throw malformed(`${message} up to byte ${reader.at}`);
}

/** Reads the value of a tagged field of `byteCount` bytes; false: the tag is not known, and is passed over. */
export type TagReader = (tag: number) => boolean;

/**
 * TAGGED_FIELDS: calls `readTag` for each tag with the reader on its value and ending after it. Throws INVALID_REQUEST if
 * a known value does not end where its size says.
 */
export function readTaggedFields(reader: Reader, readTag: TagReader): void {
  const count = readUnsignedVarint(reader);
  checkCount(reader, count, 2);
  for (let index = 0; index < count; index++) {
    const tag = readUnsignedVarint(reader);
    const byteCount = readUnsignedVarint(reader);
    const start = skip(reader, byteCount);
    const { at: valueEnd, end } = reader;
    reader.at = start;
    reader.end = valueEnd;
    if (!readTag(tag)) reader.at = valueEnd;
    if (reader.at !== valueEnd) {
      throw malformed(
        `tag ${tag} at byte ${start} has ${byteCount} bytes, but its value ${reader.at - start}`,
      );
    }
    reader.end = end;
  }
}
