// Reading a partition: whole batches from an offset on, from the tail, the pages or the segments. Nothing is listed.
import { BrokerError } from '../base/errors.ts';
import { unpackTailEntry } from '../storage/schema/tail-entry.ts';
import { readEntry, type PlacedEntry } from './entry-bytes.ts';
import { readEntryPart } from './entry-part.ts';
import { pagesBetween } from './pages.ts';
import { getHead } from './partitions.ts';
import { readSegmentBatches, segmentAt } from './segments.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { Head } from '../storage/schema/head.ts';
import type { LogDeps } from './log-deps.ts';

export interface ReadOptions {
  /** A view of the head that was read before: the head is read again only where the view is too old to lead to the data. */
  readonly head?: Head;
  readonly offset: number;
  /** The answer holds whole batches within so many bytes, but at least one where there is one. */
  readonly maxBytes: number;
}

export interface ReadResult {
  /** With their true offsets, in order and without a gap, beginning with the one that contains the asked offset. */
  readonly batches: readonly BatchSlice[];
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

const HEADS_TRIED = 3;

/**
 * Reads from `offset` on. An offset equal to the high watermark answers no batches.
 * Throws OFFSET_OUT_OF_RANGE below logStartOffset and above the high watermark, UNKNOWN_TOPIC_ID for a deleted topic,
 * KAFKA_STORAGE_ERROR where data that should be there is not.
 */
export async function read(deps: LogDeps, partitionId: string, options: ReadOptions): Promise<ReadResult> {
  for (let tries = 1; ; tries++) {
    const seen = tries === 1 ? options.head : undefined;
    const head = seen ?? (await getHead(deps.items, partitionId));
    checkRange(head, options.offset);
    const batches = await readFrom(deps, head, options);
    if (batches) return { batches, highWatermark: head.next, logStartOffset: head.startOffset };
    if (tries === HEADS_TRIED) throw missing(partitionId, options.offset);
  }
}

function checkRange({ partitionId, startOffset, next }: Head, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= startOffset && offset <= next) return;
  throw new BrokerError(
    'OFFSET_OUT_OF_RANGE',
    `offset ${offset} of partition ${partitionId} is out of range: it has ${startOffset} to ${next}`,
    { field: 'offset' },
  );
}

/** Undefined: some offset is in no row, so that the head has to be taken again (rule retake). */
async function readFrom(
  deps: LogDeps,
  head: Head,
  { offset, maxBytes }: ReadOptions,
): Promise<readonly BatchSlice[] | undefined> {
  if (offset === head.next) return [];
  if (offset < head.sealedEnd) {
    const segment = await segmentAt(deps.items, head.partitionId, offset);
    return segment && readSegmentBatches(deps, segment, { offset, maxBytes });
  }
  const entries = await entriesFrom(deps, head, { offset, maxBytes });
  return entries && readEntries(deps, head, entries, { offset, maxBytes });
}

/** The entries from the one that contains `offset` on, until they have more than `maxBytes`. */
async function entriesFrom(
  deps: LogDeps,
  head: Head,
  { offset, maxBytes }: ReadOptions,
): Promise<readonly PlacedEntry[] | undefined> {
  const entries: PlacedEntry[] = [];
  let bytes = 0;
  const take = (startOffset: number, tail: readonly Uint8Array[]): boolean => {
    for (const placed of placeEntries(startOffset, tail, offset)) {
      entries.push(placed);
      bytes += placed.entry.byteLength;
      if (bytes > maxBytes) return false;
    }
    return true;
  };
  let coveredTo = Math.max(offset, head.sealedEnd);
  for await (const page of pagesBetween(deps.items, head.partitionId, coveredTo, head.tailStart)) {
    coveredTo = page.endOffset;
    if (!take(page.startOffset, page.tail)) return entries;
  }
  if (coveredTo < head.tailStart) return entries.length > 0 ? entries : undefined;
  take(head.tailStart, head.tail);
  return entries;
}

/**
 * Unpacks the entries that end after `from`, and gives each its offset. A page may begin before sealedEnd: its entries
 * up to there are in a segment too, and what they name may be deleted.
 */
export function placeEntries(
  startOffset: number,
  tail: readonly Uint8Array[],
  from = startOffset,
): readonly PlacedEntry[] {
  const placed: PlacedEntry[] = [];
  let baseOffset = startOffset;
  for (const packed of tail) {
    const entry = unpackTailEntry(packed);
    const endOffset = baseOffset + entry.recordCount;
    if (endOffset > from) placed.push({ baseOffset, entry });
    baseOffset = endOffset;
  }
  return placed;
}

async function readEntries(
  deps: LogDeps,
  head: Head,
  entries: readonly PlacedEntry[],
  { offset, maxBytes }: ReadOptions,
): Promise<readonly BatchSlice[]> {
  const { objects, places } = deps;
  const { leaderEpoch } = head;
  const read = await Promise.all(
    entries.map((placed) =>
      places
        ? readEntryPart({ objects, places }, placed, leaderEpoch, { offset, maxBytes })
        : readEntry(deps, placed, leaderEpoch),
    ),
  );
  return takeBatches(read.flat(), offset, maxBytes);
}

/** Of batches in order: from the one that contains `offset` on, as many as fit, but at least one. */
export function takeBatches(
  batches: readonly BatchSlice[],
  offset: number,
  maxBytes: number,
): readonly BatchSlice[] {
  const from = batches.findIndex(({ header }) => header.baseOffset + header.recordCount > offset);
  if (from < 0) return [];
  let bytes = 0;
  let end = from;
  for (const batch of batches.slice(from)) {
    bytes += batch.bytes.length;
    if (end > from && bytes > maxBytes) break;
    end++;
  }
  return batches.slice(from, end);
}

const missing = (partitionId: string, offset: number): BrokerError =>
  new BrokerError('KAFKA_STORAGE_ERROR', `partition ${partitionId} has no data at offset ${offset}`, {
    retriable: false,
  });
