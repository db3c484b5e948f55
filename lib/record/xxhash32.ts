// XXH32 with seed 0, the checksum inside LZ4 frames.
import { byteAt, wordAt } from './bytes.ts';

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const round = (lane: number, input: number): number =>
  Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);

/** The four lanes over all whole stripes of 16 bytes, merged. */
function hashStripes(bytes: Uint8Array, end: number): number {
  let a = (PRIME_1 + PRIME_2) | 0;
  let b = PRIME_2 | 0;
  let c = 0;
  let d = -PRIME_1 | 0;
  for (let at = 0; at < end; at += 16) {
    a = round(a, wordAt(bytes, at));
    b = round(b, wordAt(bytes, at + 4));
    c = round(c, wordAt(bytes, at + 8));
    d = round(d, wordAt(bytes, at + 12));
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

/** The unsigned hash of all of `bytes` (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
export function xxhash32(bytes: Uint8Array): number {
  const { length } = bytes;
  const stripesEnd = length - (length % 16);
  let hash = stripesEnd > 0 ? hashStripes(bytes, stripesEnd) : PRIME_5;
  hash = (hash + length) | 0;
  let at = stripesEnd;
  for (; at + 4 <= length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(wordAt(bytes, at), PRIME_3)) | 0, 17), PRIME_4);
  }
  for (; at < length; at++) {
    hash = Math.imul(rotate((hash + Math.imul(byteAt(bytes, at), PRIME_5)) | 0, 11), PRIME_1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
