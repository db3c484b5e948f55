// Every compression goes round, within its bound, and says what is wrong with damaged bytes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMPRESSIONS } from '../../lib/record/batch-header.ts';
import { compress, decompress, DECOMPRESSED_BYTES_MAX } from '../../lib/record/compression.ts';
import { compressible } from './arbitraries.ts';

const codecs = COMPRESSIONS.filter((compression) => compression !== 'none');
const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error;

describe.each(COMPRESSIONS)('%s', (compression) => {
  test('goes round', () => {
    fc.assert(
      fc.property(compressible, (input) => {
        expect(Buffer.from(decompress(compress(input, compression), compression)).equals(input)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(codecs)('%s', (compression) => {
  const input = Buffer.alloc(300_000, 'wadi');

  test('is bounded to the byte', () => {
    const compressed = compress(input, compression);
    expect(decompress(compressed, compression, input.length)).toHaveLength(input.length);
    expect(() => decompress(compressed, compression, input.length - 1)).toThrow(
      refusal('MESSAGE_TOO_LARGE', String(input.length - 1)),
    );
  });

  test('is bounded where the caller names no bound', () => {
    const bomb = compress(new Uint8Array(DECOMPRESSED_BYTES_MAX + 1), compression);
    expect(bomb.length).toBeLessThan(4_000_000);
    expect(() => decompress(bomb, compression)).toThrow(
      refusal('MESSAGE_TOO_LARGE', String(DECOMPRESSED_BYTES_MAX)),
    );
  });

  test('refuses what is not compressed, and what is cut off', () => {
    const compressed = compress(input, compression);
    expect(() => decompress(Buffer.from('not compressed at all'), compression)).toThrow(
      refusal('INVALID_RECORD', compression),
    );
    expect(() => decompress(compressed.subarray(0, compressed.length - 1), compression)).toThrow(
      refusal('INVALID_RECORD', compression),
    );
  });
});
