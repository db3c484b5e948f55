// The record batches of a tail entry, from wherever they are, with their true offsets.
import { BrokerError } from '../base/errors.ts';
import { placeBatch, splitBatches, type BatchSlice } from '../record/batch-header.ts';
import { objectKeyOf, rangeOf } from './entry.ts';
import type { TailEntry } from '../storage/schema/tail-entry.ts';
import type { LogDeps } from './log-deps.ts';

/** An entry and the offset of its first record. */
export interface PlacedEntry {
  readonly baseOffset: number;
  readonly entry: TailEntry;
}

/**
 * The batches of an entry with their offsets and leader epoch filled in; the bytes are the caller's own.
 * Throws KAFKA_STORAGE_ERROR where the object is gone or holds something else.
 */
export async function readEntry(
  { objects }: Pick<LogDeps, 'objects'>,
  { baseOffset, entry }: PlacedEntry,
  leaderEpoch: number,
): Promise<readonly BatchSlice[]> {
  const stored = entry.inline ?? (await objects.get(objectKeyOf(entry), rangeOf(entry)));
  const bytes = checkStored(stored, entry.byteLength, { baseOffset, entry });
  // What is inline belongs to the head; what an object store answers is the caller's own.
  return placeBatches(entry.inline ? new Uint8Array(bytes) : bytes, baseOffset, leaderEpoch);
}

/** The bytes of an entry, or of a part of it, where they are as many as they should be; throws as `readEntry` does. */
export function checkStored(
  stored: Uint8Array | undefined,
  byteCount: number,
  { baseOffset, entry }: PlacedEntry,
): Uint8Array {
  if (stored?.length === byteCount) return stored;
  const found = stored ? `has ${stored.length} bytes` : 'is gone';
  throw new BrokerError(
    'KAFKA_STORAGE_ERROR',
    `the object of the ${byteCount} bytes at offset ${baseOffset} ${found}: ${objectKeyOf(entry)}`,
    { retriable: false },
  );
}

/** Splits a run of whole batches and writes their offsets, from `baseOffset` on, and leader epoch into it. */
export function placeBatches(
  bytes: Uint8Array,
  baseOffset: number,
  leaderEpoch: number,
): readonly BatchSlice[] {
  let offset = baseOffset;
  const batches: BatchSlice[] = [];
  for (const batch of splitBatches(bytes)) {
    placeBatch(batch.bytes, offset, leaderEpoch);
    batches.push({
      bytes: batch.bytes,
      header: { ...batch.header, baseOffset: offset, partitionLeaderEpoch: leaderEpoch },
    });
    offset += batch.header.recordCount;
  }
  return batches;
}
