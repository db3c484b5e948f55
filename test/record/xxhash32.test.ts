// Vectors of XXH32 with seed 0.
import { expect, test } from 'vitest';
import { xxhash32 } from '../../lib/record/xxhash32.ts';

test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('of %j', (text, expected) => {
  expect(xxhash32(Buffer.from(text))).toBe(expected);
});
