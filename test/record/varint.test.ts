// Kafka's variable-length integers: known bytes, round trips, and what is cut off.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readVarint,
  readVarlong,
  varintBytes,
  writeVarint,
  writeVarlong,
  type Cursor,
} from '../../lib/record/varint.ts';

const cursorOn = (bytes: Uint8Array): Cursor => ({ bytes, at: 0, end: bytes.length });

function written(write: (cursor: Cursor, value: number) => void, value: number): Uint8Array {
  const cursor = cursorOn(new Uint8Array(12));
  write(cursor, value);
  return cursor.bytes.subarray(0, cursor.at);
}

const INT32 = [0, -1, 1, 63, -64, 64, -65, 8191, -8192, 8192, 2 ** 31 - 1, -(2 ** 31)];
const INT64 = [...INT32, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

describe('varint', () => {
  test.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [-65, '8101'],
    [2 ** 31 - 1, 'feffffff0f'],
    [-(2 ** 31), 'ffffffff0f'],
  ])('%d is %s', (value, hex) => {
    expect(Buffer.from(written(writeVarint, value)).toString('hex')).toBe(hex);
    expect(readVarint(cursorOn(Buffer.from(hex, 'hex')))).toBe(value);
  });

  test.each(INT64)('%d goes through a varlong of the bytes foretold', (value) => {
    const bytes = written(writeVarlong, value);
    expect(readVarlong(cursorOn(bytes))).toBe(value);
    expect(bytes.length).toBe(varintBytes(value));
  });

  test('round trips', () => {
    fc.assert(
      fc.property(fc.integer(), fc.maxSafeInteger(), (small, large) => {
        const varint = written(writeVarint, small);
        expect([readVarint(cursorOn(varint)), varint.length]).toEqual([small, varintBytes(small)]);
        const varlong = written(writeVarlong, large);
        expect([readVarlong(cursorOn(varlong)), varlong.length]).toEqual([large, varintBytes(large)]);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['a start', '80'],
    ['too many bytes', 'ffffffffffffffffffff01'],
  ])('%s is refused', (_, hex) => {
    const input = Buffer.from(hex, 'hex');
    expect(() => readVarint(cursorOn(input))).toThrow(expect.objectContaining({ code: 'INVALID_RECORD' }));
    expect(() => readVarlong(cursorOn(input))).toThrow(expect.objectContaining({ code: 'INVALID_RECORD' }));
  });

  test('a varint of 6 bytes is refused', () => {
    const six = Buffer.from('808080808001', 'hex');
    expect(() => readVarint(cursorOn(six))).toThrow(expect.objectContaining({ code: 'INVALID_RECORD' }));
  });

  test('reads a varlong beyond the safe integers no further', () => {
    const beyond = Buffer.from('feffffffffffffffff01', 'hex');
    expect(() => readVarlong(cursorOn(beyond))).toThrow(expect.objectContaining({ code: 'INVALID_RECORD' }));
  });
});
