// LZ4's frame format as Kafka uses it in batches of magic 2 (github.com/lz4/lz4, doc/lz4_Frame_format.md).
// Written here because every package that fits into a bundle leaves the decompressed size unbounded.
import { BrokerError } from '../base/errors.ts';
import { byteAt, wordAt } from './bytes.ts';
import { compressLz4Block, decompressLz4Block, lz4BlockBytesMax, measureLz4Block } from './lz4-block.ts';
import { xxhash32 } from './xxhash32.ts';

/*
 * Frame => Magic Flags BlockDescriptor [ContentSize] HeaderChecksum [Block] EndMark [ContentChecksum]
 *   Magic => UINT32 (all little-endian)     Block => Size Data [BlockChecksum]
 *   Flags => UINT8 (bits 6-7 version 1,       Size => UINT32 (highest bit: Data is not compressed)
 *     5 blocks are independent, 4 block       BlockChecksum => UINT32 (XXH32 of Data)
 *     checksums, 3 content size,            EndMark => UINT32 (0)
 *     2 content checksum, 0 dictionary id)  ContentChecksum => UINT32 (XXH32 of what it decompresses to)
 *   BlockDescriptor => UINT8 (bits 4-6: 4 to 7 for blocks of at most 64 KiB, 256 KiB, 1 MiB, 4 MiB)
 *   ContentSize => UINT64                   HeaderChecksum => UINT8 (bits 8-15 of XXH32 from Flags on)
 */

const MAGIC = 0x184d2204;
const UNCOMPRESSED = 0x80000000;
/** Version 1, independent blocks of at most 64 KiB, no checksums: the frames of the Java client, which refuses dependent blocks. */
const FLAGS = 0b0110_0000;
const BLOCK_DESCRIPTOR = 0b0100_0000;
const BLOCK_BYTES_MAX = 65_536;
const HEADER_BYTES = 7;
const WORD_BYTES = 4;

function refused(what: string): BrokerError {
  return new BrokerError('INVALID_RECORD', `lz4 frame: ${what}`);
}

function writeWord(bytes: Uint8Array, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset + at, WORD_BYTES).setUint32(0, value, true);
}

/** Compresses into one frame; the same bytes always give the same frame. */
export function compressLz4Frame(input: Uint8Array): Uint8Array {
  const blocks = Math.ceil(input.length / BLOCK_BYTES_MAX);
  const output = new Uint8Array(
    HEADER_BYTES + blocks * WORD_BYTES + lz4BlockBytesMax(input.length) + blocks * 16 + WORD_BYTES,
  );
  writeWord(output, 0, MAGIC);
  output[4] = FLAGS;
  output[5] = BLOCK_DESCRIPTOR;
  output[6] = xxhash32(output.subarray(4, 6)) >>> 8;
  let end = HEADER_BYTES;
  for (let at = 0; at < input.length; at += BLOCK_BYTES_MAX) {
    end = writeBlock(input.subarray(at, at + BLOCK_BYTES_MAX), output, end);
  }
  return output.subarray(0, end + WORD_BYTES);
}

function writeBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  const dataStart = start + WORD_BYTES;
  const end = compressLz4Block(block, output, dataStart);
  if (end - dataStart < block.length) {
    writeWord(output, start, end - dataStart);
    return end;
  }
  output.set(block, dataStart);
  output.fill(0, dataStart + block.length, end);
  writeWord(output, start, (UNCOMPRESSED | block.length) >>> 0);
  return dataStart + block.length;
}

interface FrameHeader {
  readonly blocksAreIndependent: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly contentSize: number | undefined;
  readonly blockBytesMax: number;
  readonly headerBytes: number;
}

function readHeader(frame: Uint8Array): FrameHeader {
  if (frame.length < HEADER_BYTES) throw refused(`at least ${HEADER_BYTES} bytes, got ${frame.length}`);
  if (wordAt(frame, 0) !== MAGIC) throw refused('it does not begin with the magic number');
  const flags = byteAt(frame, 4);
  const descriptor = byteAt(frame, 5);
  if (flags >>> 6 !== 1) throw refused(`version must be 1, got ${flags >>> 6}`);
  if (flags & 1) throw refused('it needs a dictionary');
  const sizeCode = (descriptor >>> 4) & 7;
  if (flags & 2 || descriptor & 0x8f || sizeCode < 4)
    throw refused(`flags ${flags} and ${descriptor} are not legal`);
  const headerBytes = HEADER_BYTES + (flags & 8 ? 8 : 0);
  if (frame.length < headerBytes) throw refused('its header is cut off');
  const checksum = (xxhash32(frame.subarray(4, headerBytes - 1)) >>> 8) & 0xff;
  if (checksum !== byteAt(frame, headerBytes - 1)) {
    throw refused(`header checksum must be ${checksum}, got ${byteAt(frame, headerBytes - 1)}`);
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  return {
    blocksAreIndependent: (flags & 32) !== 0,
    hasBlockChecksums: (flags & 16) !== 0,
    hasContentChecksum: (flags & 4) !== 0,
    contentSize: flags & 8 ? Number(view.getBigUint64(6, true)) : undefined,
    blockBytesMax: 1 << (8 + 2 * sizeCode),
    headerBytes,
  };
}

interface Block {
  readonly data: Uint8Array;
  readonly isCompressed: boolean;
  readonly contentBytes: number;
}

/** Splits a frame into its blocks, whose content is at most `maxBytes` together. */
function readBlocks(
  frame: Uint8Array,
  header: FrameHeader,
  maxBytes: number,
): { readonly blocks: readonly Block[]; readonly contentBytes: number; readonly end: number } {
  const blocks: Block[] = [];
  let contentBytes = 0;
  let at = header.headerBytes;
  for (;;) {
    if (at + WORD_BYTES > frame.length) throw refused('its end mark is missing');
    const size = wordAt(frame, at) >>> 0;
    at += WORD_BYTES;
    if (size === 0) return { blocks, contentBytes, end: at };
    const block = readBlock(frame, at, size, header);
    at += block.data.length + (header.hasBlockChecksums ? WORD_BYTES : 0);
    blocks.push(block);
    contentBytes += block.contentBytes;
    if (contentBytes > maxBytes) throw tooLarge(maxBytes);
  }
}

function tooLarge(maxBytes: number): BrokerError {
  return new BrokerError('MESSAGE_TOO_LARGE', `lz4 records decompress to more than ${maxBytes} bytes`);
}

function readBlock(frame: Uint8Array, at: number, size: number, header: FrameHeader): Block {
  const { blockBytesMax, hasBlockChecksums } = header;
  const isCompressed = size < UNCOMPRESSED;
  const bytes = size % UNCOMPRESSED;
  if (bytes > blockBytesMax) throw refused(`a block has at most ${blockBytesMax} bytes, got ${bytes}`);
  const end = at + bytes;
  if (end + (hasBlockChecksums ? WORD_BYTES : 0) > frame.length) throw refused('a block is cut off');
  const data = frame.subarray(at, end);
  if (hasBlockChecksums && xxhash32(data) !== wordAt(frame, end) >>> 0)
    throw refused('a block checksum is wrong');
  const contentBytes = isCompressed ? measureLz4Block(data) : bytes;
  if (contentBytes > blockBytesMax) {
    throw refused(`a block decompresses to at most ${blockBytesMax} bytes, got ${contentBytes}`);
  }
  return { data, isCompressed, contentBytes };
}

/**
 * Decompresses one frame that fills `frame`. Throws INVALID_RECORD for what is not one, or where a checksum is wrong, and
 * MESSAGE_TOO_LARGE, before it allocates anything, for content of more than `maxBytes`.
 */
export function decompressLz4Frame(frame: Uint8Array, maxBytes: number): Uint8Array {
  const header = readHeader(frame);
  const { blocks, contentBytes, end } = readBlocks(frame, header, maxBytes);
  const frameBytes = end + (header.hasContentChecksum ? WORD_BYTES : 0);
  if (frameBytes !== frame.length) throw refused(`it ends after ${frameBytes} bytes, got ${frame.length}`);
  if (header.contentSize !== undefined && header.contentSize !== contentBytes) {
    throw refused(`content size must be ${contentBytes}, got ${header.contentSize}`);
  }
  const output = new Uint8Array(contentBytes);
  let at = 0;
  for (const { data, isCompressed } of blocks) {
    if (isCompressed) {
      at = decompressLz4Block(data, output, at, header.blocksAreIndependent ? at : 0);
    } else {
      output.set(data, at);
      at += data.length;
    }
  }
  if (header.hasContentChecksum && xxhash32(output) !== wordAt(frame, end) >>> 0) {
    throw refused('its content checksum is wrong');
  }
  return output;
}
