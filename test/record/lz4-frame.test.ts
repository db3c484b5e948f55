// LZ4 frames: against the native library both ways, every flag a client may set, and every way to be wrong.
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressLz4Frame, decompressLz4Frame } from '../../lib/record/lz4-frame.ts';
import { xxhash32 } from '../../lib/record/xxhash32.ts';
import { bytes, compressible } from './arbitraries.ts';

const MAX = 1 << 24;

/** A word, little-endian. */
function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}

/** A frame of `parts` after a header of these flags with the right checksum. */
function frame(
  { flags = 0x60, descriptor = 0x40, contentSize = Buffer.alloc(0) },
  ...parts: Uint8Array[]
): Buffer {
  const fields = Buffer.concat([Buffer.from([flags, descriptor]), contentSize]);
  const checksum = Buffer.from([xxhash32(fields) >>> 8]);
  return Buffer.concat([word(0x184d2204), fields, checksum, ...parts]);
}

const END = word(0);
/** Token, literals "abc", then a copy of 6 from 3 back, then 5 literals: "abcabcabcvwxyz", by hand. */
const BLOCK = Buffer.concat([
  Buffer.from([0x32]),
  Buffer.from('abc'),
  Buffer.from([3, 0, 0x50]),
  Buffer.from('vwxyz'),
]);
const CONTENT = 'abcabcabcvwxyz';

const refusal = (code = 'INVALID_RECORD') => expect.objectContaining({ code }) as Error;

describe('reads', () => {
  test('a frame made by hand', () => {
    expect(Buffer.from(decompressLz4Frame(frame({}, word(BLOCK.length), BLOCK, END), MAX)).toString()).toBe(
      CONTENT,
    );
  });

  test('a block that is not compressed, and no block at all', () => {
    const stored = frame({}, word(0x80000003), Buffer.from('abc'), END);
    expect(Buffer.from(decompressLz4Frame(stored, MAX)).toString()).toBe('abc');
    expect(decompressLz4Frame(frame({}, END), MAX)).toHaveLength(0);
  });

  test('content size, block checksums and a content checksum', () => {
    const contentSize = Buffer.concat([word(CONTENT.length), word(0)]);
    const checked = frame(
      { flags: 0x60 | 0x10 | 0x08 | 0x04, contentSize },
      ...[word(BLOCK.length), BLOCK, word(xxhash32(BLOCK)), END, word(xxhash32(Buffer.from(CONTENT)))],
    );
    expect(Buffer.from(decompressLz4Frame(checked, MAX)).toString()).toBe(CONTENT);
  });

  test('dependent blocks, which reach back into the block before', () => {
    const first = Buffer.concat([Buffer.from([0xa0]), Buffer.from('0123456789')]);
    const second = Buffer.concat([Buffer.from([0x02, 10, 0, 0x50]), Buffer.from('vwxyz')]);
    const blocks = [word(first.length), first, word(second.length), second, END];
    expect(Buffer.from(decompressLz4Frame(frame({ flags: 0x40 }, ...blocks), MAX)).toString()).toBe(
      '0123456789012345vwxyz',
    );
    expect(() => decompressLz4Frame(frame({ flags: 0x60 }, ...blocks), MAX)).toThrow(refusal());
  });

  test('what the native library writes', () => {
    fc.assert(
      fc.property(compressible, fc.boolean(), fc.boolean(), (input, contentChecksum, blockChecksums) => {
        const compressed = compressFrameSync(Buffer.from(input), { contentChecksum, blockChecksums });
        expect(Buffer.from(decompressLz4Frame(compressed, MAX)).equals(input)).toBe(true);
      }),
    );
  });
});

describe('writes', () => {
  test('what the native library and we read', () => {
    fc.assert(
      fc.property(compressible, (input) => {
        const compressed = compressLz4Frame(input);
        expect(decompressFrameSync(Buffer.from(compressed)).equals(input)).toBe(true);
        expect(Buffer.from(decompressLz4Frame(compressed, MAX)).equals(input)).toBe(true);
      }),
    );
  });

  test('the header of the Java client, with the right checksum', () => {
    expect(
      Buffer.from(compressLz4Frame(new Uint8Array(1)))
        .toString('hex')
        .slice(0, 14),
    ).toBe('04224d18604082');
  });

  test('blocks of at most 64 KiB, smaller where anything repeats and never much larger', () => {
    const zeros = new Uint8Array(200_000);
    const compressed = compressLz4Frame(zeros);
    expect(compressed.length).toBeLessThan(1200);
    expect(decompressFrameSync(Buffer.from(compressed)).equals(zeros)).toBe(true);
    const noise = new Uint8Array(200_000);
    for (let i = 0, state = 1; i < noise.length; i++) {
      state = Math.imul(state, 1_103_515_245) + 12_345;
      noise[i] = state >>> 16;
    }
    const stored = compressLz4Frame(noise);
    expect(stored.length).toBeLessThanOrEqual(noise.length + 7 + 4 * 4 + 4);
    expect(decompressFrameSync(Buffer.from(stored)).equals(noise)).toBe(true);
  });
});

describe('refuses', () => {
  const block = (...parts: number[]) => frame({}, word(parts.length), Buffer.from(parts), END);
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['another magic number', Buffer.concat([word(0x184d2203), Buffer.alloc(8)])],
    ['another version', frame({ flags: 0xa0 }, END)],
    ['a dictionary', frame({ flags: 0x61 }, END)],
    ['reserved bits', frame({ descriptor: 0x41 }, END)],
    ['an unknown block size', frame({ descriptor: 0x30 }, END)],
    ['a wrong header checksum', Buffer.from('04224d1860408300000000', 'hex')],
    ['a header that ends in its content size', frame({ flags: 0x68 }).subarray(0, 9)],
    ['no end mark', frame({}, word(BLOCK.length), BLOCK)],
    ['a block that is cut off', frame({}, word(BLOCK.length + 9), BLOCK)],
    ['a block larger than its frame allows', frame({}, word(65_537), Buffer.alloc(65_537), END)],
    ['bytes after the end', frame({}, END, Buffer.from([1]))],
    ['a wrong content size', frame({ flags: 0x68, contentSize: Buffer.concat([word(1), word(0)]) }, END)],
    ['a wrong block checksum', frame({ flags: 0x70 }, word(BLOCK.length), BLOCK, word(1), END)],
    ['a wrong content checksum', frame({ flags: 0x64 }, word(BLOCK.length), BLOCK, END, word(1))],
    ['literals beyond the block', block(0x50, 1, 2)],
    ['a length without an end', block(0xf0, 255, 255)],
    ['half an offset', block(0x10, 1, 1)],
    ['an offset of 0', block(0x10, 1, 0, 0, 0x10, 1)],
    ['an offset before the start', block(0x10, 1, 2, 0, 0x10, 1)],
    ['a match at the end', block(0x10, 1, 1, 0)],
  ])('%s', (_, input) => {
    expect(() => decompressLz4Frame(input, MAX)).toThrow(refusal());
  });

  test('a bomb, before it takes memory', () => {
    const lengths = Buffer.alloc(4_000, 255);
    const bomb = Buffer.concat([Buffer.from([0x1f, 0, 1, 0]), lengths, Buffer.from([0, 0x10, 1])]);
    const blocks = Array.from({ length: 1000 }, () => [word(bomb.length), bomb]).flat();
    expect(() => decompressLz4Frame(frame({ descriptor: 0x70 }, ...blocks, END), MAX)).toThrow(
      refusal('MESSAGE_TOO_LARGE'),
    );
  });

  test('damage, or reads something within the bound, but never fails otherwise', () => {
    fc.assert(
      fc.property(compressible, fc.nat(), bytes(4), (input, at, damage) => {
        const compressed = compressLz4Frame(input);
        compressed.set(
          damage.subarray(0, compressed.length),
          at % Math.max(1, compressed.length - damage.length),
        );
        try {
          expect(decompressLz4Frame(compressed, 100_000).length).toBeLessThanOrEqual(100_000);
        } catch (error) {
          expect(['INVALID_RECORD', 'MESSAGE_TOO_LARGE']).toContain((error as { code?: string }).code);
        }
      }),
      { numRuns: 500 },
    );
  });
});
