// ListOffsets: the first and the next offset, and the first record at or after a time.
import { BrokerError } from '../base/errors.ts';
import { decodeBatch } from '../record/record-batch.ts';
import { readEntry } from './entry-bytes.ts';
import { pagesBetween } from './pages.ts';
import { getHead } from './partitions.ts';
import { placeEntries } from './read.ts';
import { readSegmentBatches, segmentAt, segmentsFrom } from './segments.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { Segment } from '../storage/schema/log-index.ts';
import type { Head } from '../storage/schema/head.ts';
import type { LogDeps } from './log-deps.ts';

/** Offset and timestamp of a record; both -1 where there is none. */
export interface OffsetAndTimestamp {
  readonly offset: number;
  readonly timestampMs: number;
}

const NONE: OffsetAndTimestamp = { offset: -1, timestampMs: -1 };

/** Throws UNKNOWN_TOPIC_ID. */
export async function logOffsets(
  deps: LogDeps,
  partitionId: string,
): Promise<{ readonly logStartOffset: number; readonly highWatermark: number }> {
  const head = await getHead(deps.items, partitionId);
  return { logStartOffset: head.startOffset, highWatermark: head.next };
}

const HEADS_TRIED = 3;

/**
 * The first record whose timestamp is `timestampMs` or later, with its own timestamp. Timestamps need not be in order:
 * segments, entries and batches are passed over by their largest one only. Throws UNKNOWN_TOPIC_ID, KAFKA_STORAGE_ERROR.
 */
export async function offsetForTimestamp(
  deps: LogDeps,
  partitionId: string,
  timestampMs: number,
): Promise<OffsetAndTimestamp> {
  const find = async (head: Head) =>
    (await findInSegments(deps, head, timestampMs)) ?? (await findInEntries(deps, head, timestampMs)) ?? NONE;
  return withHead(deps, partitionId, find);
}

/** The first record of those with the largest timestamp. Throws as `offsetForTimestamp`. */
export async function offsetOfMaxTimestamp(deps: LogDeps, partitionId: string): Promise<OffsetAndTimestamp> {
  const timestampMs = await withHead(deps, partitionId, (head) => maxTimestampMs(deps, head));
  return timestampMs === undefined ? NONE : offsetForTimestamp(deps, partitionId, timestampMs);
}

/** Looks with the head as it is; once more with a newer one where a page has been sealed and removed since (rule retake). */
async function withHead<T>(
  deps: LogDeps,
  partitionId: string,
  look: (head: Head) => Promise<T | 'hole'>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const head = await getHead(deps.items, partitionId);
    const found = await look(head);
    if (found !== 'hole') return found;
    if (tries === HEADS_TRIED) throw missingPage(partitionId, head);
  }
}

async function maxTimestampMs(deps: LogDeps, head: Head): Promise<number | 'hole' | undefined> {
  let maxMs: number | undefined;
  const see = (timestampMs: number) => {
    maxMs = Math.max(maxMs ?? timestampMs, timestampMs);
  };
  for await (const segment of segmentsOf(deps, head)) {
    if (segment.baseOffset >= head.startOffset) see(segment.maxTimestampMs);
    else await timestampsFrom(deps, segment, head.startOffset, see);
  }
  let coveredTo = head.sealedEnd;
  for await (const page of pagesBetween(deps.items, head.partitionId, coveredTo, head.tailStart)) {
    for (const { entry } of placeEntries(page.startOffset, page.tail, head.sealedEnd))
      see(entry.maxTimestampMs);
    coveredTo = page.endOffset;
  }
  if (coveredTo < head.tailStart) return 'hole';
  for (const { entry } of placeEntries(head.tailStart, head.tail)) see(entry.maxTimestampMs);
  return maxMs;
}

/** The segments that hold what the head says is sealed: the first of them may begin before the log's start. */
async function* segmentsOf({ items }: LogDeps, head: Head): AsyncGenerator<Segment> {
  const { partitionId, startOffset, sealedEnd } = head;
  const first = await segmentAt(items, partitionId, startOffset);
  for await (const segment of segmentsFrom(items, partitionId, first?.baseOffset ?? startOffset)) {
    if (segment.baseOffset >= sealedEnd) return;
    yield segment;
  }
}

/** Calls `see` with the timestamp of each record of a segment from an offset on. */
async function timestampsFrom(
  deps: LogDeps,
  segment: Segment,
  startOffset: number,
  see: (timestampMs: number) => void,
): Promise<void> {
  for (let offset = startOffset; offset < segment.endOffset;) {
    const maxBytes = deps.limits.indexIntervalBytes;
    for (const { header, bytes } of await readSegmentBatches(deps, segment, { offset, maxBytes })) {
      for (const record of decodeBatch(bytes).records)
        if (record.offset >= startOffset) see(record.timestampMs);
      offset = header.baseOffset + header.recordCount;
    }
  }
}

async function findInSegments(
  deps: LogDeps,
  head: Head,
  timestampMs: number,
): Promise<OffsetAndTimestamp | undefined> {
  for await (const segment of segmentsOf(deps, head)) {
    if (segment.maxTimestampMs < timestampMs) continue;
    for (const [i, { baseOffset, position, maxTimestampMs }] of segment.index.entries()) {
      if (maxTimestampMs < timestampMs) continue;
      const maxBytes = (segment.index[i + 1]?.position ?? segment.bytes) - position;
      const batches = await readSegmentBatches(deps, segment, { offset: baseOffset, maxBytes });
      const found = findInBatches(batches, head.startOffset, timestampMs);
      if (found) return found;
    }
  }
  return undefined;
}

/** `hole`: a page was sealed and removed since the head was read, so that the head has to be taken again (rule retake). */
async function findInEntries(
  deps: LogDeps,
  head: Head,
  timestampMs: number,
): Promise<OffsetAndTimestamp | 'hole' | undefined> {
  const search = async (startOffset: number, tail: readonly Uint8Array[]) => {
    for (const placed of placeEntries(startOffset, tail, head.sealedEnd)) {
      if (placed.entry.maxTimestampMs < timestampMs) continue;
      const found = findInBatches(
        await readEntry(deps, placed, head.leaderEpoch),
        head.startOffset,
        timestampMs,
      );
      if (found) return found;
    }
    return undefined;
  };
  let coveredTo = head.sealedEnd;
  for await (const page of pagesBetween(deps.items, head.partitionId, coveredTo, head.tailStart)) {
    const found = await search(page.startOffset, page.tail);
    if (found) return found;
    coveredTo = page.endOffset;
  }
  if (coveredTo < head.tailStart) return 'hole';
  return search(head.tailStart, head.tail);
}

const missingPage = (partitionId: string, { sealedEnd, tailStart }: Head): BrokerError =>
  new BrokerError(
    'KAFKA_STORAGE_ERROR',
    `partition ${partitionId} has no pages from ${sealedEnd} to ${tailStart}, where its head says they are`,
    { retriable: false },
  );

function findInBatches(
  batches: readonly BatchSlice[],
  startOffset: number,
  timestampMs: number,
): OffsetAndTimestamp | undefined {
  for (const { header, bytes } of batches) {
    if (header.maxTimestampMs < timestampMs) continue;
    const record = decodeBatch(bytes).records.find(
      (each) => each.timestampMs >= timestampMs && each.offset >= startOffset,
    );
    if (record) return { offset: record.offset, timestampMs: record.timestampMs };
  }
  return undefined;
}
