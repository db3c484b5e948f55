// Whole record batches of magic 2: written, read, checked before they are stored, and given a log append time.
import { BrokerError } from '../base/errors.ts';
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  batchCrc,
  COMPRESSIONS,
  placeBatch,
  readBatchHeader,
  splitBatches,
  type BatchHeader,
  type Compression,
} from './batch-header.ts';
import { compress, decompress } from './compression.ts';
import { checkBatchHeader, checkCrc, checkRecords, checkSize, type BatchLimits } from './batch-rules.ts';
import {
  createLayout,
  readLayout,
  recordBodyBytes,
  toRecord,
  writeRecord,
  type RecordBase,
  type RecordPlace,
} from './record-codec.ts';
import type { LogRecord, PlacedRecord } from './record.ts';
import { varintBytes, type Cursor } from './varint.ts';

const ATTRIBUTES_AT = 21;
const MAX_TIMESTAMP_AT = 35;
const LOG_APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const INT32_MAX = 2 ** 31 - 1;

/** How a batch is written. The producer's triple goes together: all three, or none. */
export interface EncodeOptions {
  /** Default: none. */
  readonly compression?: Compression;
  /** Default: 0, as producers send it; the offset of the first record, the others follow it. */
  readonly baseOffset?: number;
  /** Default: -1. */
  readonly partitionLeaderEpoch?: number;
  /** Default: -1n. */
  readonly producerId?: bigint;
  /** Default: -1. */
  readonly producerEpoch?: number;
  /** Default: -1. */
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  /** Makes the batch LogAppendTime: this is the timestamp of all its records. Default: CreateTime. */
  readonly logAppendTimeMs?: number;
}

/**
 * Writes at least one record as a batch, in their order. Throws INVALID_TIMESTAMP for a timestamp that is not a safe
 * integer, INVALID_RECORD for no records, and MESSAGE_TOO_LARGE for what no batch can hold.
 */
export function encodeBatch(records: readonly LogRecord[], options: EncodeOptions = {}): Uint8Array {
  const [first] = records;
  if (first === undefined)
    throw new BrokerError('INVALID_RECORD', 'a record batch has at least 1 record, got 0');
  const { compression = 'none' } = options;
  const baseTimestampMs = first.timestampMs;
  const places = placeRecords(records, baseTimestampMs);
  const recordBytes = places.reduce((sum, { bodyBytes }) => sum + varintBytes(bodyBytes) + bodyBytes, 0);
  if (recordBytes > INT32_MAX - BATCH_HEADER_BYTES) {
    throw new BrokerError(
      'MESSAGE_TOO_LARGE',
      `the records of a batch have at most ${INT32_MAX - BATCH_HEADER_BYTES} bytes, got ${recordBytes}`,
    );
  }
  const batch = new Uint8Array(BATCH_HEADER_BYTES + recordBytes);
  const cursor: Cursor = { bytes: batch, at: BATCH_HEADER_BYTES, end: batch.length };
  records.forEach((record, at) => {
    writeRecord(cursor, record, places[at] as RecordPlace);
  });
  const timestamps = {
    baseTimestampMs,
    maxTimestampMs:
      options.logAppendTimeMs ?? records.reduce((max, one) => Math.max(max, one.timestampMs), -Infinity),
  };
  if (compression === 'none') return writeHeader(batch, records.length, timestamps, options);
  const compressed = compress(batch.subarray(BATCH_HEADER_BYTES), compression);
  const smaller = new Uint8Array(BATCH_HEADER_BYTES + compressed.length);
  smaller.set(compressed, BATCH_HEADER_BYTES);
  return writeHeader(smaller, records.length, timestamps, options);
}

function placeRecords(records: readonly LogRecord[], baseTimestampMs: number): readonly RecordPlace[] {
  return records.map((record, offsetDelta) => {
    if (!Number.isSafeInteger(record.timestampMs)) {
      throw new BrokerError(
        'INVALID_TIMESTAMP',
        `records[${offsetDelta}]: a timestamp must be a safe integer, got ${record.timestampMs}`,
      );
    }
    const timestampDelta = record.timestampMs - baseTimestampMs;
    return { timestampDelta, offsetDelta, bodyBytes: recordBodyBytes(record, timestampDelta, offsetDelta) };
  });
}

function writeHeader(
  batch: Uint8Array,
  recordCount: number,
  timestamps: Pick<BatchHeader, 'baseTimestampMs' | 'maxTimestampMs'>,
  options: EncodeOptions,
): Uint8Array {
  const view = viewOf(batch, 0);
  placeBatch(batch, options.baseOffset ?? 0, options.partitionLeaderEpoch ?? -1);
  view.setInt32(8, batch.length - BATCH_PREFIX_BYTES);
  view.setInt8(16, 2);
  view.setInt16(
    ATTRIBUTES_AT,
    COMPRESSIONS.indexOf(options.compression ?? 'none') |
      (options.logAppendTimeMs === undefined ? 0 : LOG_APPEND_TIME) |
      (options.isTransactional ? TRANSACTIONAL : 0),
  );
  view.setInt32(23, recordCount - 1);
  view.setBigInt64(27, BigInt(timestamps.baseTimestampMs));
  view.setBigInt64(MAX_TIMESTAMP_AT, BigInt(timestamps.maxTimestampMs));
  view.setBigInt64(43, options.producerId ?? -1n);
  view.setInt16(51, options.producerEpoch ?? -1);
  view.setInt32(53, options.baseSequence ?? -1);
  view.setInt32(57, recordCount);
  writeCrc(batch);
  return batch;
}

const viewOf = (bytes: Uint8Array, start: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + start, BATCH_HEADER_BYTES);

function writeCrc(batch: Uint8Array): void {
  viewOf(batch, 0).setUint32(17, batchCrc(batch));
}

/** A batch, read. Keys and values are views of the batch where it is not compressed. */
export interface DecodedBatch {
  readonly header: BatchHeader;
  readonly records: readonly PlacedRecord[];
}

/**
 * Reads the batch that begins at `start`, which may be a control batch or one that compaction has thinned out. The CRC is
 * not verified: validateBatch does. Throws CORRUPT_MESSAGE if the batch is cut off, INVALID_RECORD if its records cannot be
 * read, MESSAGE_TOO_LARGE if they decompress to more than `decompressedBytesMax` (default: DECOMPRESSED_BYTES_MAX).
 */
export function decodeBatch(bytes: Uint8Array, start = 0, decompressedBytesMax?: number): DecodedBatch {
  const header = readBatchHeader(bytes, start);
  const batch = bytes.subarray(start, start + header.batchBytes);
  checkSize(header, batch.length);
  if (header.recordCount === 0) return { header, records: [] };
  const payload = decompress(batch.subarray(BATCH_HEADER_BYTES), header.compression, decompressedBytesMax);
  return { header, records: readRecords(payload, header) };
}

function readRecords(payload: Uint8Array, header: BatchHeader): readonly PlacedRecord[] {
  const base: RecordBase = {
    baseOffset: header.baseOffset,
    baseTimestampMs: header.baseTimestampMs,
    logAppendTimeMs: header.timestampType === 'LogAppendTime' ? header.maxTimestampMs : undefined,
  };
  const layout = createLayout();
  const cursor: Cursor = { bytes: payload, at: 0, end: payload.length };
  const records: PlacedRecord[] = [];
  for (let i = 0; i < header.recordCount; i++) {
    readLayout(cursor, layout);
    records.push(toRecord(payload, layout, base));
  }
  return records;
}

/**
 * The records of a run of whole batches from `fromOffset` on, decoded batch by batch as they are asked for. Control batches
 * and batches that end before `fromOffset` are passed over without decompressing. Throws what decodeBatch throws.
 */
export function* recordsOf(
  bytes: Uint8Array,
  fromOffset = 0,
  decompressedBytesMax?: number,
): Generator<PlacedRecord, void, undefined> {
  for (const { header, bytes: batch } of splitBatches(bytes)) {
    if (header.isControl || header.baseOffset + header.lastOffsetDelta < fromOffset) continue;
    for (const record of decodeBatch(batch, 0, decompressedBytesMax).records) {
      if (record.offset >= fromOffset) yield record;
    }
  }
}

/**
 * Checks one batch that fills `bytes`, as a client sends it or as it is stored, and returns its header. Throws
 * - CORRUPT_MESSAGE if it is cut off, has bytes too many, or its CRC is wrong: it was damaged on its way;
 * - MESSAGE_TOO_LARGE if it is larger than a limit;
 * - UNSUPPORTED_COMPRESSION_TYPE for one that Kafka does not know;
 * - INVALID_TIMESTAMP if its times are not those of its records, or are not a producer's to set;
 * - INVALID_RECORD for all else: another magic, a control batch, counts and offsets that disagree, half a producer's triple.
 */
export function validateBatch(bytes: Uint8Array, limits: BatchLimits = {}): BatchHeader {
  checkCrc(bytes, limits);
  const header = readBatchHeader(bytes);
  checkBatchHeader(header, limits);
  if (limits.checkRecords) {
    checkRecords(bytes.subarray(BATCH_HEADER_BYTES), header, limits);
  }
  return header;
}

/** Makes one batch, which fills `batch`, LogAppendTime with `timeMs`, in place; records keep the deltas they were sent with. */
export function setLogAppendTime(batch: Uint8Array, timeMs: number): void {
  const view = viewOf(batch, 0);
  view.setInt16(ATTRIBUTES_AT, view.getInt16(ATTRIBUTES_AT) | LOG_APPEND_TIME);
  view.setBigInt64(MAX_TIMESTAMP_AT, BigInt(timeMs));
  writeCrc(batch);
}
