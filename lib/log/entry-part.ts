// Reading large entries piece by piece: who reads on where the last read ended does not read the whole object again.
import { LRUCache } from 'lru-cache';
import { BATCH_HEADER_BYTES, readBatchHeader, type BatchSlice } from '../record/batch-header.ts';
import { checkStored, placeBatches, readEntry, type PlacedEntry } from './entry-bytes.ts';
import { objectKeyOf, rangeOf } from './entry.ts';
import type { LogDeps } from './log-deps.ts';

const PLACES_KEPT = 10_000;

/**
 * Where batches begin in entries that were read, so far as it was learned. Worth having where an object that is asked for
 * again is read again: a cache of whole objects does without.
 */
export class EntryPlaces {
  readonly #positions = new LRUCache<string, number>({ max: PLACES_KEPT });

  /** In bytes from the entry's start; undefined: not known. */
  positionOf({ baseOffset, entry }: PlacedEntry, offset: number): number | undefined {
    return offset <= baseOffset ? 0 : this.#positions.get(`${objectKeyOf(entry)} ${offset}`);
  }

  /** `position`: where the batch begins whose first record is at `offset`. */
  learn({ entry }: PlacedEntry, offset: number, position: number): void {
    this.#positions.set(`${objectKeyOf(entry)} ${offset}`, position);
  }
}

/**
 * Batches of an entry: all of them, or from the one that begins at `offset` on as many as fit into `maxBytes`, but at least
 * one. As `readEntry` in all else.
 */
export async function readEntryPart(
  { objects, places }: Pick<LogDeps, 'objects'> & { readonly places: EntryPlaces },
  placed: PlacedEntry,
  leaderEpoch: number,
  { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
): Promise<readonly BatchSlice[]> {
  const { entry, baseOffset } = placed;
  const position = places.positionOf(placed, offset);
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
  places: EntryPlaces,
  placed: PlacedEntry,
  batches: readonly BatchSlice[],
  startPosition = 0,
): void {
  let position = startPosition;
  for (const { header, bytes } of batches) {
    places.learn(placed, header.baseOffset, position);
    position += bytes.length;
  }
  const last = batches.at(-1)?.header;
  if (last && position < placed.entry.byteLength)
    places.learn(placed, last.baseOffset + last.recordCount, position);
}
