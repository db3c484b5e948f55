// The record batch that a simulated producer sends, and how large it is as JSON on its way in and out.
import { encodeBatch } from '../record/record-batch.ts';
import { HTTP_API_UNIT_BYTES } from './prices.ts';
import { JSON_BYTES } from './assumptions.ts';

/** A real batch, the same each time it is sent. */
export interface SampleBatch {
  readonly bytes: Uint8Array;
  readonly records: number;
  /** 512 KiB units of the HTTP request that produces it. */
  readonly produceUnits: number;
  /** 512 KiB units of an answer that holds so many of these batches; at least 1. */
  fetchUnits(batches: number): number;
}

/** The header of a record batch. */
const BATCH_HEADER_BYTES = 61;
/** Around a record's value: its length, attributes, deltas, key, the value's length, headers. */
const RECORD_OVERHEAD_BYTES = 13;

/** A batch of `batchBytes`, or a byte or two less, with as many whole records of `recordBytes` as it has room for. */
export function createSampleBatch(
  { batchBytes, recordBytes }: { readonly batchBytes: number; readonly recordBytes: number },
  timestampMs: number,
): SampleBatch {
  const room = batchBytes - BATCH_HEADER_BYTES;
  const records = Math.max(1, Math.floor(room / recordBytes));
  const valueBytes = Math.max(1, Math.floor(room / records) - RECORD_OVERHEAD_BYTES);
  const encode = (lastBytes: number) => {
    const sizes = Array.from({ length: records }, (_, at) => (at === records - 1 ? lastBytes : valueBytes));
    return encodeBatch(
      sizes.map((size) => ({ key: null, value: Buffer.alloc(size, 'wadi '), headers: [], timestampMs })),
    );
  };
  // The lengths of lengths vary: what the first try leaves goes to the last record, less where that is a byte too many.
  const lastBytes = Math.max(1, valueBytes + batchBytes - encode(valueBytes).length);
  const filled = encode(lastBytes);
  const tooMany = filled.length - batchBytes;
  const bytes = tooMany > 0 ? encode(Math.max(1, lastBytes - tooMany)) : filled;
  const base64Bytes = records * 4 * Math.ceil(valueBytes / 3);
  const unitsOf = (bodyBytes: number) =>
    Math.max(1, Math.ceil((JSON_BYTES.body + bodyBytes) / HTTP_API_UNIT_BYTES));
  return {
    bytes,
    records,
    produceUnits: unitsOf(base64Bytes + records * JSON_BYTES.producedRecord),
    fetchUnits: (batches) => unitsOf(batches * (base64Bytes + records * JSON_BYTES.consumedRecord)),
  };
}
