// Reading sealed segments: finding the one that holds an offset, and a range of its batches.
import { BrokerError } from '../base/errors.ts';
import { BATCH_HEADER_BYTES, readBatchHeader, type BatchSlice } from '../record/batch-header.ts';
import { readSegment, segmentSortKey, type IndexEntry, type Segment } from '../storage/schema/log-index.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { LogDeps } from './log-deps.ts';

const OFFSET_MAX = Number.MAX_SAFE_INTEGER;
const SEGMENTS_AT_ONCE = 32;

/** The segment that contains `offset`, or undefined. */
export async function segmentAt(
  items: ItemStore,
  partitionId: string,
  offset: number,
): Promise<Segment | undefined> {
  const between = [segmentSortKey(0), segmentSortKey(offset)] as const;
  const [item] = await items.query('log-index', partitionId, { between, forward: false, limit: 1 });
  const segment = item && readSegment(item);
  return segment && segment.endOffset > offset ? segment : undefined;
}

/** All segments that begin at or after `from`, in order. */
export async function* segmentsFrom(
  items: ItemStore,
  partitionId: string,
  from: number,
): AsyncGenerator<Segment> {
  for (let start = from; ;) {
    const between = [segmentSortKey(start), segmentSortKey(OFFSET_MAX)] as const;
    const found = await items.query('log-index', partitionId, { between, limit: SEGMENTS_AT_ONCE });
    for (const item of found) {
      const segment = readSegment(item);
      yield segment;
      start = segment.endOffset;
    }
    if (found.length < SEGMENTS_AT_ONCE) return;
  }
}

/** The last index entry at or before an offset. */
export function indexEntryFor(segment: Segment, offset: number): IndexEntry {
  const entry = segment.index.findLast(({ baseOffset }) => baseOffset <= offset) ?? segment.index[0];
  if (!entry)
    throw new BrokerError('KAFKA_STORAGE_ERROR', `segment ${segment.objectKey} has no index`, {
      retriable: false,
    });
  return entry;
}

/** Whole batches of a segment from the one that contains `offset` on, within `maxBytes` but at least one. */
export async function readSegmentBatches(
  { objects, places }: Pick<LogDeps, 'objects' | 'places'>,
  segment: Segment,
  { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
): Promise<readonly BatchSlice[]> {
  let [position, end] = rangeFor(segment, { offset, maxBytes }, places);
  let bytes = await getRange(objects, segment, position, end);
  const batches: BatchSlice[] = [];
  let taken = 0;
  let nextPosition = position;
  for (let at = 0; position + at < segment.bytes;) {
    const batchEnd = batchEndAt(bytes, at);
    if (batchEnd === undefined || batchEnd > bytes.length) {
      if (batches.length > 0) break;
      // The batch that contains the offset is cut off: fetch all of it.
      position += at;
      end = Math.min(segment.bytes, position + Math.max((batchEnd ?? 0) - at, BATCH_HEADER_BYTES));
      bytes = await getRange(objects, segment, position, end);
      at = 0;
      continue;
    }
    const slice = { header: readBatchHeader(bytes, at), bytes: bytes.subarray(at, batchEnd) };
    at = batchEnd;
    if (slice.header.baseOffset + slice.header.recordCount <= offset) continue;
    taken += slice.bytes.length;
    if (batches.length > 0 && taken > maxBytes) break;
    batches.push(slice);
    nextPosition = position + at;
  }
  const last = batches.at(-1)?.header;
  if (last) places?.learn(segment.objectKey, last.baseOffset + last.recordCount, nextPosition);
  return batches;
}

/** What to read: from where the offset is known to be, or from the index entry before it to what it may be in. */
function rangeFor(
  segment: Segment,
  { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
  places: LogDeps['places'],
): [position: number, end: number] {
  const known = places?.positionOf(segment.objectKey, offset);
  const position = known ?? indexEntryFor(segment, offset).position;
  const nextEntry = segment.index.find(({ baseOffset }) => baseOffset > offset);
  const endAtLeast =
    known === undefined ? (nextEntry?.position ?? segment.bytes) : known + BATCH_HEADER_BYTES;
  return [position, Math.min(segment.bytes, Math.max(position + maxBytes, endAtLeast))];
}

/** Where the batch that begins at `at` ends, or undefined where even its header is cut off. */
function batchEndAt(bytes: Uint8Array, at: number): number | undefined {
  return bytes.length - at < BATCH_HEADER_BYTES ? undefined : at + readBatchHeader(bytes, at).batchBytes;
}

async function getRange(
  objects: LogDeps['objects'],
  segment: Segment,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const bytes = await objects.get(segment.objectKey, { start, end });
  if (bytes?.length === end - start) return bytes;
  const found = bytes ? `has only ${bytes.length} of ${end - start} bytes at ${start}` : 'is gone';
  throw new BrokerError('KAFKA_STORAGE_ERROR', `segment ${segment.objectKey} ${found}`, { retriable: false });
}
