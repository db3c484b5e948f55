// The vectors of RFC 3720, and agreement with an implementation nobody here wrote.
import { crc32c as native } from '@node-rs/crc32';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { crc32c, crc32cInJavaScript, useCrc32c } from '../../lib/record/crc32c.ts';
import { bytes } from './arbitraries.ts';

afterEach(() => {
  useCrc32c(crc32cInJavaScript);
});

describe('CRC-32C', () => {
  test.each([
    ['nothing', new Uint8Array(0), 0],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 times 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', new Uint8Array(32).map((_, at) => at), 0x46dd794e],
    ['31 to 0', new Uint8Array(32).map((_, at) => 31 - at), 0x113fdb5c],
  ])('of %s', (_, input, expected) => {
    expect(crc32c(input)).toBe(expected);
  });

  test('agrees with the native one at every length and alignment', () => {
    const all = new Uint8Array(200).map((_, at) => (at * 167 + 13) & 0xff);
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= all.length; end++) {
        const part = all.subarray(start, end);
        expect(crc32cInJavaScript(part)).toBe(native(part));
      }
    }
  });

  test('continues over parts', () => {
    fc.assert(
      fc.property(bytes(100), bytes(100), (first, second) => {
        expect(crc32c(second, crc32c(first))).toBe(native(Buffer.concat([first, second])));
      }),
    );
  });

  test('goes through the accelerator that is registered', () => {
    const seen: number[] = [];
    useCrc32c((input, initial) => {
      seen.push(input.length);
      return native(input, initial);
    });
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(seen).toEqual([9]);
  });
});
