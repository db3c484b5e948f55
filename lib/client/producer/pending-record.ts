// A record on its way: what it will be in its batch, and who waits for it.
import type { BrokerError } from '../../base/errors.ts';
import type { Compression } from '../../record/batch-header.ts';
import type { LogRecord } from '../../record/record.ts';
import type { RecordMetadata } from './producer-options.ts';

export interface PendingRecord {
  readonly record: LogRecord;
  /** About what it takes in a batch and in the buffer. */
  readonly bytes: number;
  readonly compression: Compression;
  readonly enqueuedAtMs: number;
  /** Called once, with what became of it. */
  readonly settle: (result: RecordMetadata | BrokerError) => void;
}

/** Lengths, deltas and CRC shares of a record: more than it takes, by little. */
const RECORD_OVERHEAD_BYTES = 32;

/** An upper bound, nearly met, of a record's bytes in a batch. */
export function recordBytesOf({ key, value, headers }: LogRecord): number {
  const ofHeaders = headers.reduce(
    (sum, header) => sum + Buffer.byteLength(header.key) + (header.value?.length ?? 0) + 10,
    0,
  );
  return RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders;
}

/**
 * How many records from the front of a queue go into the next batch: as many as fit within `bytesMax`, at least one, all
 * with the compression of the first.
 */
export function batchLength(queue: readonly PendingRecord[], bytesMax: number): number {
  const compression = queue[0]?.compression;
  let bytes = 0;
  for (const [at, pending] of queue.entries()) {
    bytes += pending.bytes;
    if (at > 0 && (bytes > bytesMax || pending.compression !== compression)) return at;
  }
  return queue.length;
}
