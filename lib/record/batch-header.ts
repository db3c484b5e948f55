// The 61 bytes before the records of a batch (magic 2), read and checked without decompressing anything.
import { BrokerError } from '../base/errors.ts';
import { crc32c } from './crc32c.ts';

/*
 * RecordBatch => BaseOffset BatchLength PartitionLeaderEpoch Magic CRC Attributes LastOffsetDelta BaseTimestamp
 *                MaxTimestamp ProducerId ProducerEpoch BaseSequence RecordCount Records
 *   0 BaseOffset => INT64            17 CRC => UINT32 (CRC-32C of all from Attributes on)
 *   8 BatchLength => INT32           21 Attributes => INT16 (bits 0-2 compression, 3 LogAppendTime,
 *  12 PartitionLeaderEpoch => INT32                          4 transactional, 5 control)
 *  16 Magic => INT8 (2)              23 LastOffsetDelta => INT32
 *  27 BaseTimestamp => INT64         51 ProducerEpoch => INT16
 *  35 MaxTimestamp => INT64          53 BaseSequence => INT32
 *  43 ProducerId => INT64            57 RecordCount => INT32
 */

/** Bytes from the start of a batch to its first record. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes that BatchLength does not count. */
export const BATCH_PREFIX_BYTES = 12;
/** The format of records since Kafka 0.11; older ones are refused. */
export const MAGIC = 2;
const CRC_START = 21;

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
/** By the number in Attributes. */
export const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export type TimestampType = 'CreateTime' | 'LogAppendTime';

/** A batch's header. Timestamps are milliseconds; `producerId` is -1n and epoch and sequence -1 where there is none. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the whole batch, from BaseOffset to its end. */
  readonly batchBytes: number;
  readonly partitionLeaderEpoch: number;
  readonly crc: number;
  readonly compression: Compression;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/**
 * Reads the header of the batch that begins at `start`.
 * Throws CORRUPT_MESSAGE if it is cut off, INVALID_RECORD for another magic, and UNSUPPORTED_COMPRESSION_TYPE.
 */
export function readBatchHeader(bytes: Uint8Array, start = 0): BatchHeader {
  if (bytes.length - start < BATCH_HEADER_BYTES) {
    throw new BrokerError(
      'CORRUPT_MESSAGE',
      `a record batch has at least ${BATCH_HEADER_BYTES} bytes, got ${bytes.length - start}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, BATCH_HEADER_BYTES);
  const magic = view.getInt8(16);
  if (magic !== MAGIC) {
    throw new BrokerError('INVALID_RECORD', `record batch magic must be ${MAGIC}, got ${magic}`);
  }
  const attributes = view.getInt16(21);
  const compression = COMPRESSIONS[attributes & 7];
  if (compression === undefined) {
    throw new BrokerError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `compression must be 0 to 4, got ${attributes & 7}`,
    );
  }
  return {
    baseOffset: Number(view.getBigInt64(0)),
    batchBytes: view.getInt32(8) + BATCH_PREFIX_BYTES,
    partitionLeaderEpoch: view.getInt32(12),
    crc: view.getUint32(17),
    compression,
    timestampType: attributes & 8 ? 'LogAppendTime' : 'CreateTime',
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    lastOffsetDelta: view.getInt32(23),
    baseTimestampMs: Number(view.getBigInt64(27)),
    maxTimestampMs: Number(view.getBigInt64(35)),
    producerId: view.getBigInt64(43),
    producerEpoch: view.getInt16(51),
    baseSequence: view.getInt32(53),
    recordCount: view.getInt32(57),
  };
}

/** Writes where a batch stands into it, in place: both fields lie outside the CRC. */
export function placeBatch(
  bytes: Uint8Array,
  baseOffset: number,
  partitionLeaderEpoch: number,
  start = 0,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, BATCH_HEADER_BYTES);
  view.setBigInt64(0, BigInt(baseOffset));
  view.setInt32(12, partitionLeaderEpoch);
}

/** The CRC-32C that the header of one batch, which fills `batch`, should have: of all from Attributes on. */
export function batchCrc(batch: Uint8Array): number {
  return crc32c(batch.subarray(CRC_START));
}

/** Where a batch lies in a run of batches. */
export interface BatchSlice {
  readonly header: BatchHeader;
  /** A view of the run, not a copy. */
  readonly bytes: Uint8Array;
}

/** Splits a run of whole batches. Throws CORRUPT_MESSAGE if the last one is cut off. */
export function splitBatches(bytes: Uint8Array): readonly BatchSlice[] {
  const slices: BatchSlice[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readBatchHeader(bytes, at);
    const end = at + header.batchBytes;
    if (header.batchBytes < BATCH_HEADER_BYTES || end > bytes.length) {
      throw new BrokerError(
        'CORRUPT_MESSAGE',
        `a record batch of ${header.batchBytes} bytes is cut off after ${bytes.length - at}`,
      );
    }
    slices.push({ header, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return slices;
}
