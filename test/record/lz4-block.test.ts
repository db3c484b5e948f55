// LZ4 blocks keep the format's rules for their end, which the decoders of other languages rely on.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compressLz4Block,
  decompressLz4Block,
  lz4BlockBytesMax,
  measureLz4Block,
} from '../../lib/record/lz4-block.ts';
import { compressible } from './arbitraries.ts';

function compressed(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(lz4BlockBytesMax(input.length));
  return output.subarray(0, compressLz4Block(input, output, 0));
}

/** Where the last match starts, and how many literals follow it; -1 where there is no match. */
function endOf(block: Uint8Array): { lastMatchStart: number; lastLiterals: number } {
  let [at, content, lastMatchStart] = [0, 0, -1];
  const lengthFrom = (half: number): number => {
    let length = half;
    for (let more = half === 15 ? 255 : 0; more === 255; length += more) more = block[at++] ?? 0;
    return length;
  };
  for (;;) {
    const token = block[at++] ?? 0;
    const literals = lengthFrom(token >>> 4);
    at += literals;
    content += literals;
    if (at >= block.length) return { lastMatchStart, lastLiterals: literals };
    at += 2;
    lastMatchStart = content;
    content += lengthFrom(token & 15) + 4;
  }
}

test('ends in 5 literals, and begins no match in its last 12 bytes', () => {
  let matches = 0;
  for (let length = 0; length < 200; length++) {
    for (const unit of ['a', 'ab', 'abcd', 'abcdefghijk']) {
      const input = Buffer.alloc(length, unit);
      const { lastMatchStart, lastLiterals } = endOf(compressed(input));
      if (lastMatchStart < 0) continue;
      matches++;
      expect(lastLiterals).toBeGreaterThanOrEqual(5);
      expect(lastMatchStart).toBeLessThanOrEqual(length - 12);
    }
  }
  expect(matches).toBeGreaterThan(600);
});

test('is measured as it decompresses, and fits into the bound', () => {
  fc.assert(
    fc.property(compressible, (input) => {
      const block = compressed(input);
      expect(block.length).toBeLessThanOrEqual(lz4BlockBytesMax(input.length));
      expect(measureLz4Block(block)).toBe(input.length);
      const output = new Uint8Array(input.length + 3);
      expect(decompressLz4Block(block, output, 3, 3)).toBe(output.length);
      expect(Buffer.from(output.subarray(3)).equals(input)).toBe(true);
    }),
  );
});
