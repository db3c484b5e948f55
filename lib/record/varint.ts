// Kafka's variable-length integers: zigzag, then 7 bits to a byte, the lowest first, as in Protocol Buffers.
import { BrokerError } from '../base/errors.ts';
import { byteAt } from './bytes.ts';

/** A place in bytes that readers and writers move. `end` is exclusive: nothing is read from there on. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
}

const INT32_MAX = 2 ** 31 - 1;
const isInt32 = (value: number): boolean => value >= -INT32_MAX - 1 && value <= INT32_MAX;

function cutOff(at: number): BrokerError {
  return new BrokerError('INVALID_RECORD', `a number at byte ${at} of the records is cut off or too long`);
}

/** Reads an INT32. Throws INVALID_RECORD if it does not end after 5 bytes or before `cursor.end`. */
export function readVarint(cursor: Cursor): number {
  const start = cursor.at;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (cursor.at >= cursor.end) throw cutOff(start);
    const byte = byteAt(cursor.bytes, cursor.at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
  throw cutOff(start);
}

/**
 * Reads an INT64 as a number. Throws INVALID_RECORD if it does not end after 10 bytes or before `cursor.end`, or is not a
 * safe integer.
 */
export function readVarlong(cursor: Cursor): number {
  const start = cursor.at;
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (cursor.at >= cursor.end) throw cutOff(start);
    const byte = byteAt(cursor.bytes, cursor.at++);
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
  }
  let zigzag = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    if (cursor.at >= cursor.end) throw cutOff(start);
    const byte = byteAt(cursor.bytes, cursor.at++);
    zigzag |= BigInt(byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    const value = Number((zigzag >> 1n) ^ -(zigzag & 1n));
    if (!Number.isSafeInteger(value)) throw cutOff(start);
    return value;
  }
  throw cutOff(start);
}

/** The bytes that writeVarint or writeVarlong writes for a safe integer. */
export function varintBytes(value: number): number {
  let rest = value < 0 ? -value - 1 : value;
  let bytes = 1;
  for (rest = Math.floor(rest / 64); rest > 0; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Writes an INT32. */
export function writeVarint(cursor: Cursor, value: number): void {
  let zigzag = (value << 1) ^ (value >> 31);
  while (zigzag & ~0x7f) {
    cursor.bytes[cursor.at++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  cursor.bytes[cursor.at++] = zigzag;
}

/** Writes a safe integer as an INT64. */
export function writeVarlong(cursor: Cursor, value: number): void {
  if (isInt32(value)) {
    writeVarint(cursor, value);
    return;
  }
  const long = BigInt(value);
  let zigzag = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n));
  for (; zigzag > 0x7fn; zigzag >>= 7n) cursor.bytes[cursor.at++] = Number(zigzag & 0x7fn) | 0x80;
  cursor.bytes[cursor.at++] = Number(zigzag);
}
