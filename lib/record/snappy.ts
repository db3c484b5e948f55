// Snappy as Kafka's clients write it: the Java client frames it as the xerial library does, the others send it raw.
import { snappyCompressor, snappyUncompress, snappyUncompressor } from 'hysnappy';
import { BrokerError } from '../base/errors.ts';
import { byteAt } from './bytes.ts';

/*
 * Framed => Magic Version CompatibleVersion [Block]      Raw => Length [Element]
 *   Magic => 0x82 "SNAPPY" 0x00                            Length => UVARINT (of what it decompresses to)
 *   Version, CompatibleVersion => INT32 (1)
 *   Block => Size Raw
 *   Size => INT32
 */

const MAGIC = new Uint8Array([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER_BYTES = 16;
const SIZE_BYTES = 4;
/** What the Java client puts into a block. */
const BLOCK_BYTES_MAX = 32_768;
/** WebAssembly memory grows and never shrinks: a larger block gets its own, which is collected afterwards. */
const SHARED_BYTES_MAX = 8 * 1024 * 1024;

let shared: ReturnType<typeof snappyUncompressor> | undefined;

function refused(what: string, cause?: unknown): BrokerError {
  return new BrokerError('INVALID_RECORD', `snappy: ${what}`, { cause });
}

/** Compresses into blocks of 32 KiB with xerial's framing. The same bytes always give the same output. */
export function compressSnappy(input: Uint8Array): Uint8Array {
  // A new one for each input, because it remembers what it has seen.
  const compress = snappyCompressor();
  const header = new Uint8Array(HEADER_BYTES);
  header.set(MAGIC);
  header[11] = 1;
  header[15] = 1;
  const parts = [header];
  for (let at = 0; at < input.length; at += BLOCK_BYTES_MAX) {
    const block = compress(input.subarray(at, at + BLOCK_BYTES_MAX));
    const size = new Uint8Array(SIZE_BYTES);
    new DataView(size.buffer).setInt32(0, block.length);
    parts.push(size, block as Uint8Array<ArrayBuffer>);
  }
  return Buffer.concat(parts);
}

/** The blocks of framed input; raw input is one block. */
function splitBlocks(input: Uint8Array): readonly Uint8Array[] {
  if (!MAGIC.every((byte, at) => input[at] === byte)) return [input];
  if (input.length < HEADER_BYTES) throw refused('its header is cut off');
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const version = view.getInt32(12);
  if (version !== 1) throw refused(`compatible version must be 1, got ${version}`);
  const blocks: Uint8Array[] = [];
  for (let at = HEADER_BYTES; at < input.length;) {
    if (at + SIZE_BYTES > input.length) throw refused('a block size is cut off');
    const size = view.getUint32(at);
    at += SIZE_BYTES;
    if (at + size > input.length)
      throw refused(`a block of ${size} bytes is cut off after ${input.length - at}`);
    blocks.push(input.subarray(at, at + size));
    at += size;
  }
  return blocks;
}

function readContentBytes(block: Uint8Array): number {
  let value = 0;
  for (let at = 0; at < 5 && at < block.length; at++) {
    const byte = byteAt(block, at);
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return value;
  }
  throw refused('a length is cut off');
}

function decompressBlock(block: Uint8Array, contentBytes: number): Uint8Array {
  try {
    if (block.length + contentBytes > SHARED_BYTES_MAX) return snappyUncompress(block, contentBytes);
    shared ??= snappyUncompressor();
    return shared(block, contentBytes);
  } catch (cause) {
    throw refused(`a block of ${block.length} bytes is damaged`, cause);
  }
}

/**
 * Decompresses framed or raw input. Throws INVALID_RECORD for what is neither, and MESSAGE_TOO_LARGE, before it decompresses
 * anything, for content of more than `maxBytes`.
 */
export function decompressSnappy(input: Uint8Array, maxBytes: number): Uint8Array {
  const blocks = splitBlocks(input).map((block) => ({ block, contentBytes: readContentBytes(block) }));
  const total = blocks.reduce((sum, { contentBytes }) => sum + contentBytes, 0);
  if (total > maxBytes) {
    throw new BrokerError(
      'MESSAGE_TOO_LARGE',
      `snappy records decompress to ${total} bytes, at most ${maxBytes}`,
    );
  }
  const parts = blocks.map(({ block, contentBytes }) => decompressBlock(block, contentBytes));
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}
