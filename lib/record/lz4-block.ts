// LZ4's block format: sequences of literals and of copies from before (github.com/lz4/lz4, doc/lz4_Block_format.md).
import { BrokerError } from '../base/errors.ts';
import { byteAt, wordAt } from './bytes.ts';

/*
 * Block => [Sequence]                       Sequence => Token LiteralLength Literals Offset MatchLength
 *   Token => UINT8 (high half: literals, low half: match length - 4; 15 means that the length goes on)
 *   LiteralLength, MatchLength => bytes that are added up, the last of them below 255
 *   Offset => UINT16, little-endian, at least 1. The last sequence ends after its literals.
 */

const MATCH_BYTES_MIN = 4;
/** The format demands that the last 5 bytes are literals, and that no match begins in the last 12. */
const LAST_LITERALS = 5;
const MATCH_START_MARGIN = 12;
const HASH_BITS = 13;

function refused(what: string, at: number): BrokerError {
  return new BrokerError('INVALID_RECORD', `lz4 block: ${what} at byte ${at}`);
}

/** The length that ends in a token's half; `state.at` moves over its further bytes. */
function readLength(block: Uint8Array, state: { at: number }, half: number): number {
  if (half < 15) return half;
  let length = half;
  for (;;) {
    if (state.at >= block.length) throw refused('a length is cut off', state.at);
    const more = byteAt(block, state.at++);
    length += more;
    if (more < 255) return length;
  }
}

/**
 * The bytes that a block decompresses to, found without decompressing it, so that a bomb costs no memory.
 * Throws INVALID_RECORD if the block is cut off.
 */
export function measureLz4Block(block: Uint8Array): number {
  const state = { at: 0 };
  let bytes = 0;
  while (state.at < block.length) {
    const token = byteAt(block, state.at++);
    const literals = readLength(block, state, token >>> 4);
    state.at += literals;
    bytes += literals;
    if (state.at > block.length) throw refused('literals are cut off', block.length);
    if (state.at === block.length) return bytes;
    state.at += 2;
    if (state.at > block.length) throw refused('an offset is cut off', block.length);
    bytes += readLength(block, state, token & 15) + MATCH_BYTES_MIN;
  }
  throw refused('the last literals are missing', block.length);
}

/**
 * Decompresses a block that `measureLz4Block` has measured into `output` from `start` on; copies reach back to
 * `historyStart` at the most. Returns where it ends. Throws INVALID_RECORD if a copy reaches further.
 */
export function decompressLz4Block(
  block: Uint8Array,
  output: Uint8Array,
  start: number,
  historyStart: number,
): number {
  const state = { at: 0 };
  let end = start;
  while (state.at < block.length) {
    const token = byteAt(block, state.at++);
    const literals = readLength(block, state, token >>> 4);
    copyLiterals(block, state.at, output, end, literals);
    state.at += literals;
    end += literals;
    if (state.at >= block.length) break;
    const offset = byteAt(block, state.at) | (byteAt(block, state.at + 1) << 8);
    state.at += 2;
    const length = readLength(block, state, token & 15) + MATCH_BYTES_MIN;
    if (offset === 0 || end - offset < historyStart)
      throw refused(`a copy reaches ${offset} bytes back`, state.at);
    copyMatch(output, end, offset, length);
    end += length;
  }
  return end;
}

/** Short runs are quicker byte by byte than by a call into the engine. */
const LOOP_BYTES_MAX = 32;

function copyLiterals(from: Uint8Array, at: number, to: Uint8Array, start: number, length: number): void {
  if (length > LOOP_BYTES_MAX) {
    to.set(from.subarray(at, at + length), start);
    return;
  }
  for (let i = 0; i < length; i++) to[start + i] = byteAt(from, at + i);
}

/** A copy may overlap what it writes: then it repeats the last `offset` bytes. */
function copyMatch(bytes: Uint8Array, start: number, offset: number, length: number): void {
  if (length > LOOP_BYTES_MAX && offset >= length) {
    bytes.copyWithin(start, start - offset, start - offset + length);
    return;
  }
  for (let i = 0; i < length; i++) bytes[start + i] = byteAt(bytes, start + i - offset);
}

/** The most bytes that a block of `length` bytes compresses to. */
export const lz4BlockBytesMax = (length: number): number => length + Math.floor(length / 255) + 16;

/** Compresses `input`, of at most 64 KiB, into `output` from `start` on, which has room for lz4BlockBytesMax. Returns its end. */
export function compressLz4Block(input: Uint8Array, output: Uint8Array, start: number): number {
  const matchStartMax = input.length - MATCH_START_MARGIN;
  const matchEndMax = input.length - LAST_LITERALS;
  const table = new Uint16Array(1 << HASH_BITS);
  let anchor = 0;
  let end = start;
  let misses = 0;
  for (let at = 1; at <= matchStartMax;) {
    const word = wordAt(input, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = table[slot] as number;
    table[slot] = at;
    if (wordAt(input, candidate) !== word) {
      // Where nothing repeats, look at fewer and fewer places.
      at += 1 + (misses++ >>> 6);
      continue;
    }
    misses = 0;
    let matchEnd = at + MATCH_BYTES_MIN;
    for (let from = candidate + MATCH_BYTES_MIN; matchEnd < matchEndMax; from++, matchEnd++) {
      if (byteAt(input, from) !== byteAt(input, matchEnd)) break;
    }
    end = writeSequence(input, anchor, at, output, end, matchEnd - at);
    output[end++] = at - candidate;
    output[end++] = (at - candidate) >>> 8;
    end = writeLengthRest(output, end, matchEnd - at - MATCH_BYTES_MIN);
    anchor = at = matchEnd;
  }
  return writeSequence(input, anchor, input.length, output, end, 0);
}

/** Writes a token and the literals from `anchor` to `literalsEnd`; `matchLength` is 0 in the last sequence. */
function writeSequence(
  input: Uint8Array,
  anchor: number,
  literalsEnd: number,
  output: Uint8Array,
  start: number,
  matchLength: number,
): number {
  const literals = literalsEnd - anchor;
  const match = matchLength === 0 ? 0 : matchLength - MATCH_BYTES_MIN;
  output[start] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
  const end = writeLengthRest(output, start + 1, literals);
  copyLiterals(input, anchor, output, end, literals);
  return end + literals;
}

function writeLengthRest(output: Uint8Array, start: number, length: number): number {
  if (length < 15) return start;
  let end = start;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) output[end++] = 255;
  output[end++] = rest;
  return end;
}
