// The rules that a record batch must keep to be stored, in the order in which they are checked.
import { BrokerError } from '../base/errors.ts';
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, batchCrc, MAGIC, type BatchHeader } from './batch-header.ts';
import { decompress } from './compression.ts';
import { createLayout, readLayout, type RecordLayout } from './record-codec.ts';
import type { Cursor } from './varint.ts';

/** What a batch is checked against, beyond the rules that always hold. */
export interface BatchLimits {
  /** Of the whole batch as it is stored, compressed or not (max.message.bytes). Default: none. */
  readonly maxBytes?: number;
  /** Also decompress, and check every record: dense offsets, maxTimestamp, lengths. Default: the header alone. */
  readonly checkRecords?: boolean;
  /** Of the records, decompressed. Default: DECOMPRESSED_BYTES_MAX. */
  readonly decompressedBytesMax?: number;
  /** With `checkRecords`: refuse records without a key, as a compacted topic must. */
  readonly keysRequired?: boolean;
  /** Refuse what only a broker may write: a batch that says LogAppendTime. */
  readonly fromProducer?: boolean;
  /** With `checkRecords`: the earliest and the latest timestamp a record may have, in ms; -1 is none, and always allowed. */
  readonly timestampsMs?: readonly [number, number];
}

const invalid = (what: string): BrokerError => new BrokerError('INVALID_RECORD', what);

/** Throws CORRUPT_MESSAGE unless the batch has the bytes that its header says. */
export function checkSize(header: Pick<BatchHeader, 'batchBytes'>, bytes: number): void {
  if (header.batchBytes === bytes && bytes >= BATCH_HEADER_BYTES) return;
  throw new BrokerError('CORRUPT_MESSAGE', `a record batch of ${header.batchBytes} bytes has ${bytes}`);
}

/**
 * Checks what must hold before any field may be believed: size, magic, CRC. Throws CORRUPT_MESSAGE, MESSAGE_TOO_LARGE or, for
 * another magic, INVALID_RECORD.
 */
export function checkCrc(bytes: Uint8Array, { maxBytes = Infinity }: BatchLimits): void {
  if (bytes.length < BATCH_HEADER_BYTES) {
    throw new BrokerError(
      'CORRUPT_MESSAGE',
      `a record batch has at least ${BATCH_HEADER_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, BATCH_HEADER_BYTES);
  const magic = view.getInt8(16);
  if (magic !== MAGIC) throw invalid(`record batch magic must be ${MAGIC}, got ${magic}`);
  const batchBytes = view.getInt32(8) + BATCH_PREFIX_BYTES;
  if (batchBytes > maxBytes) {
    throw new BrokerError(
      'MESSAGE_TOO_LARGE',
      `a record batch has at most ${maxBytes} bytes, got ${batchBytes}`,
    );
  }
  checkSize({ batchBytes }, bytes.length);
  const [crc, expected] = [view.getUint32(17), batchCrc(bytes)];
  if (crc !== expected) {
    throw new BrokerError('CORRUPT_MESSAGE', `record batch CRC must be ${hex(expected)}, got ${hex(crc)}`);
  }
}

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`;

/** Checks the fields of a header whose CRC is right. Throws INVALID_RECORD or INVALID_TIMESTAMP. */
export function checkBatchHeader(header: BatchHeader, { fromProducer = false }: BatchLimits): void {
  const { recordCount, lastOffsetDelta, baseTimestampMs, maxTimestampMs } = header;
  if (header.isControl) throw invalid("a control batch is the broker's to write");
  if (recordCount < 1) throw invalid(`a record batch has at least 1 record, got ${recordCount}`);
  if (recordCount !== lastOffsetDelta + 1) {
    throw invalid(
      `lastOffsetDelta must be ${recordCount - 1} for ${recordCount} records, got ${lastOffsetDelta}`,
    );
  }
  checkProducer(header);
  if (!Number.isSafeInteger(baseTimestampMs) || !Number.isSafeInteger(maxTimestampMs)) {
    throw new BrokerError(
      'INVALID_TIMESTAMP',
      `baseTimestamp and maxTimestamp must be safe integers, got ${baseTimestampMs} and ${maxTimestampMs}`,
    );
  }
  if (fromProducer && header.timestampType === 'LogAppendTime') {
    throw new BrokerError('INVALID_TIMESTAMP', 'a producer may not set LogAppendTime');
  }
}

/** Without a producer id, epoch and sequence mean nothing: some clients leave them at 0, some at -1. */
function checkProducer({ producerId, producerEpoch, baseSequence, isTransactional }: BatchHeader): void {
  if (producerId < -1n) throw invalid(`producerId must be at least -1, got ${String(producerId)}`);
  if (producerId >= 0n) {
    if (producerEpoch < 0)
      throw invalid(`producerEpoch must be at least 0 with a producer id, got ${producerEpoch}`);
    if (baseSequence < 0)
      throw invalid(`baseSequence must be at least 0 with a producer id, got ${baseSequence}`);
  } else if (isTransactional) {
    throw invalid('a transactional record batch needs a producer id');
  }
}

/**
 * Decompresses, and checks that the records are those that the header describes. Throws INVALID_RECORD,
 * INVALID_TIMESTAMP, or MESSAGE_TOO_LARGE.
 */
export function checkRecords(payload: Uint8Array, header: BatchHeader, limits: BatchLimits): void {
  const bytes = decompress(payload, header.compression, limits.decompressedBytesMax);
  const cursor: Cursor = { bytes, at: 0, end: bytes.length };
  const layout = createLayout();
  let maxTimestampMs = -Infinity;
  const keyless: number[] = [];
  for (let i = 0; i < header.recordCount; i++) {
    readLayout(cursor, layout);
    checkOffsetDelta(i, layout);
    if (limits.keysRequired && layout.keyBytes < 0 && keyless.length < RECORD_ERRORS_MAX) keyless.push(i);
    const timestampMs = header.baseTimestampMs + layout.timestampDelta;
    if (!Number.isSafeInteger(timestampMs)) {
      throw new BrokerError(
        'INVALID_TIMESTAMP',
        `records[${i}]: a timestamp must be a safe integer, got ${timestampMs}`,
      );
    }
    checkTimestamp(i, timestampMs, limits);
    maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
  }
  if (cursor.at !== bytes.length) {
    throw invalid(`${header.recordCount} records end after ${cursor.at} bytes, got ${bytes.length}`);
  }
  checkMaxTimestamp(header, maxTimestampMs);
  checkKeys(keyless);
}

/** librdkafka counts from 0 on, so that a batch of records without timestamps (-1) says 0: lookups by time pass over none. */
function checkMaxTimestamp({ timestampType, maxTimestampMs }: BatchHeader, latestMs: number): void {
  if (timestampType !== 'CreateTime') return;
  if (maxTimestampMs === latestMs || maxTimestampMs === Math.max(0, latestMs)) return;
  const message = `maxTimestamp must be ${latestMs}, the latest of the records, got ${maxTimestampMs}`;
  throw new BrokerError('INVALID_TIMESTAMP', message);
}

/** So many wrong records are named, as each takes room in the answer. Clients are told that the others are of their batch. */
const RECORD_ERRORS_MAX = 1000;

/** Names each record without a key: its producer can send the others again. */
function checkKeys(keyless: readonly number[]): void {
  const recordErrors = keyless.map((index) => ({
    ...{ index, message: `records[${index}]: a record of a compacted topic needs a key` },
  }));
  const [first] = recordErrors;
  if (!first) return;
  const field = `records[${first.index}].key`;
  throw new BrokerError('INVALID_RECORD', first.message, { field, recordErrors });
}

function checkOffsetDelta(index: number, { offsetDelta }: RecordLayout): void {
  if (offsetDelta !== index)
    throw invalid(`records[${index}]: offset delta must be ${index}, got ${offsetDelta}`);
}

function checkTimestamp(index: number, timestampMs: number, { timestampsMs }: BatchLimits): void {
  const [earliest, latest] = timestampsMs ?? [-Infinity, Infinity];
  if ((timestampMs >= earliest && timestampMs <= latest) || timestampMs === -1) return;
  const limit = timestampMs > latest ? `at most ${latest}` : `at least ${earliest}`;
  throw new BrokerError(
    'INVALID_TIMESTAMP',
    `records[${index}]: the timestamp must be ${limit}, got ${timestampMs}`,
    { field: `records[${index}].timestamp` },
  );
}
