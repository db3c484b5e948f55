// Reading large entries piece by piece: who reads on where the last read ended does not read the whole object again.
import { BATCH_HEADER_BYTES, readBatchHeader, type BatchSlice } from '../record/batch-header.ts';
import { checkStored, placeBatches, readEntry, type PlacedEntry } from './entry-bytes.ts';
import { objectKeyOf, rangeOf } from './entry.ts';
import type { BatchPlaces } from './batch-places.ts';
import type { LogDeps } from './log-deps.ts';

/**
 * Batches of an entry: all of them, or from the one that begins at `offset` on as many as fit into `maxBytes`, but at least
 * one. As `readEntry` in all else.
 */
export async function readEntryPart(
  { objects, places }: Pick<LogDeps, 'objects'> & { readonly places: BatchPlaces },
  placed: PlacedEntry,
  leaderEpoch: number,
  { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
): Promise<readonly BatchSlice[]> {
  const { entry, baseOffset } = placed;
  const position = offset <= baseOffset ? 0 : places.positionOf(objectKeyOf(entry), offset);
  if (entry.inline || entry.byteLength <= maxBytes) return readEntry({ objects }, placed, leaderEpoch);
  if (position === undefined) {
    const all = await readEntry({ objects }, placed, leaderEpoch);
    learnAll(places, placed, all);
    return all;
  }
  const read = async (byteCount: number) => {
    const start = (rangeOf(entry)?.start ?? 0) + position;
    const end = start + Math.min(byteCount, entry.byteLength - position);
    return checkStored(await objects.get(objectKeyOf(entry), { start, end }), end - start, placed);
  };
  let bytes = await read(Math.max(maxBytes, BATCH_HEADER_BYTES));
  const { batchBytes } = readBatchHeader(bytes);
  if (batchBytes > bytes.length) bytes = await read(batchBytes);
  const batches = placeBatches(wholeBatches(bytes), Math.max(offset, baseOffset), leaderEpoch);
  learnAll(places, placed, batches, position);
  return batches;
}

/** The run without what is cut off at its end. */
function wholeBatches(bytes: Uint8Array): Uint8Array {
  let end = 0;
  while (bytes.length - end >= BATCH_HEADER_BYTES) {
    const { batchBytes } = readBatchHeader(bytes, end);
    if (batchBytes < BATCH_HEADER_BYTES || end + batchBytes > bytes.length) break;
    end += batchBytes;
  }
  return bytes.subarray(0, end);
}

function learnAll(
  places: BatchPlaces,
  placed: PlacedEntry,
  batches: readonly BatchSlice[],
  startPosition = 0,
): void {
  const key = objectKeyOf(placed.entry);
  let position = startPosition;
  for (const { header, bytes } of batches) {
    places.learn(key, header.baseOffset, position);
    position += bytes.length;
  }
  const last = batches.at(-1)?.header;
  if (last && position < placed.entry.byteLength)
    places.learn(key, last.baseOffset + last.recordCount, position);
}
