// Record batches to append: of one record whose value has a given size, or that fill a given size themselves.
import { encodeBatch, type EncodeOptions } from '../lib/record/record-batch.ts';
import { readBatchHeader, type BatchSlice } from '../lib/record/batch-header.ts';

/** What values are filled with. */
const PATTERN = Uint8Array.from({ length: 251 }, (_, at) => at * 31);

/** A batch of one record without a key. */
export function batchOf(valueBytes: number, timestampMs: number, options: EncodeOptions = {}): Uint8Array {
  const value = Buffer.alloc(valueBytes, PATTERN);
  return encodeBatch([{ key: null, value, headers: [], timestampMs }], options);
}

/** The same, as the log takes it. */
export function sliceOf(valueBytes: number, timestampMs: number, options: EncodeOptions = {}): BatchSlice {
  const bytes = batchOf(valueBytes, timestampMs, options);
  return { bytes, header: readBatchHeader(bytes) };
}
