// Snappy, raw and framed: against the native library, blocks of every size, and every way to be wrong.
import fc from 'fast-check';
import { compressSync, uncompressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { compressSnappy, decompressSnappy } from '../../lib/record/snappy.ts';
import { bytes, compressible } from './arbitraries.ts';

const MAX = 1 << 24;
const HEADER = Buffer.from('82534e41505059000000000100000001', 'hex');
const refusal = (code = 'INVALID_RECORD') => expect.objectContaining({ code }) as Error;

function size(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

/** What a reader of xerial's frames that nobody here wrote would do. */
function unframe(framed: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 16; at < framed.length;) {
    const length = framed.readInt32BE(at);
    parts.push(uncompressSync(framed.subarray(at + 4, at + 4 + length)) as Buffer);
    at += 4 + length;
  }
  return Buffer.concat(parts);
}

describe('reads', () => {
  test('raw bytes made by hand', () => {
    // Length 5; a literal of 1 byte; a copy of 4 bytes from 1 back.
    expect(Buffer.from(decompressSnappy(Buffer.from([5, 0x00, 0x61, 0x01, 0x01]), MAX)).toString()).toBe(
      'aaaaa',
    );
  });

  test('what the native library writes, raw and framed', () => {
    fc.assert(
      fc.property(compressible, compressible, (first, second) => {
        const raw = compressSync(Buffer.from(first));
        expect(Buffer.from(decompressSnappy(raw, MAX)).equals(first)).toBe(true);
        const other = compressSync(Buffer.from(second));
        const framed = Buffer.concat([HEADER, size(raw.length), raw, size(other.length), other]);
        expect(Buffer.from(decompressSnappy(framed, MAX)).equals(Buffer.concat([first, second]))).toBe(true);
      }),
    );
  });

  test('a block too large to be kept in shared memory', () => {
    const input = Buffer.alloc(9 * 1024 * 1024, 'wadi ');
    expect(Buffer.from(decompressSnappy(compressSync(input), MAX)).equals(input)).toBe(true);
  });
});

describe('writes', () => {
  test('what the native library and we read, the same bytes each time', () => {
    fc.assert(
      fc.property(compressible, (input) => {
        const framed = compressSnappy(input);
        expect(unframe(Buffer.from(framed)).equals(input)).toBe(true);
        expect(Buffer.from(decompressSnappy(framed, MAX)).equals(input)).toBe(true);
        expect(Buffer.from(compressSnappy(input)).equals(framed)).toBe(true);
      }),
    );
  });

  test('blocks of 32 KiB behind the header of the Java client', () => {
    const input = Buffer.alloc(100_000, 'abcdefghij');
    const framed = Buffer.from(compressSnappy(input));
    expect(framed.subarray(0, 16)).toEqual(HEADER);
    expect(framed.length).toBeLessThan(7_000);
    const first = framed.subarray(20, 20 + framed.readInt32BE(16));
    expect(uncompressSync(first)).toHaveLength(32_768);
    expect(unframe(framed).equals(input)).toBe(true);
  });
});

describe('refuses', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a length that is cut off', Buffer.from([0xff, 0xff])],
    ['too few bytes', Buffer.from([5, 0x00, 0x61])],
    ['too many bytes', Buffer.from([1, 0x04, 0x61, 0x61])],
    ['a copy from before the start', Buffer.from([5, 0x00, 0x61, 0x01, 0x02])],
    ['a copy from 0 back', Buffer.from([5, 0x00, 0x61, 0x01, 0x00])],
    ['a literal of a length beyond all bounds', Buffer.from([10, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0])],
    ['half a frame header', HEADER.subarray(0, 12)],
    ['another frame version', Buffer.concat([HEADER.subarray(0, 12), size(2)])],
    ['half a block size', Buffer.concat([HEADER, Buffer.from([0, 0])])],
    ['a block that is cut off', Buffer.concat([HEADER, size(9), Buffer.from([1, 0, 0x61])])],
    ['a negative block size', Buffer.concat([HEADER, size(0xffffffff), Buffer.from([1, 0, 0x61])])],
  ])('%s', (_, input) => {
    expect(() => decompressSnappy(input, MAX)).toThrow(refusal());
  });

  test('a bomb, before it takes memory: in one block, and in many', () => {
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    expect(() => decompressSnappy(claim, MAX)).toThrow(refusal('MESSAGE_TOO_LARGE'));
    const raw = compressSync(Buffer.alloc(1 << 20));
    const blocks = Array.from({ length: 17 }, () => [size(raw.length), raw]).flat();
    expect(() => decompressSnappy(Buffer.concat([HEADER, ...blocks]), MAX)).toThrow(
      refusal('MESSAGE_TOO_LARGE'),
    );
  });

  test('damage, or reads something within the bound, but never fails otherwise, and works on', () => {
    const good = compressSync(Buffer.from('still here, still here, still here'));
    fc.assert(
      fc.property(compressible, fc.nat(), bytes(4), (input, at, damage) => {
        const raw = Buffer.from(compressSync(Buffer.from(input)));
        raw.set(damage.subarray(0, raw.length), at % Math.max(1, raw.length - damage.length));
        try {
          expect(decompressSnappy(raw, 100_000).length).toBeLessThanOrEqual(100_000);
        } catch (error) {
          expect(['INVALID_RECORD', 'MESSAGE_TOO_LARGE']).toContain((error as { code?: string }).code);
        }
        expect(Buffer.from(decompressSnappy(good, MAX)).toString()).toBe(
          'still here, still here, still here',
        );
      }),
      { numRuns: 500 },
    );
  });
});
