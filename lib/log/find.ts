// Finding what is already in a log: an entry of an unanswered attempt, or the first copy of a producer's batch.
import { BrokerError } from '../base/errors.ts';
import { findBatch, findEntry } from './head-state.ts';
import { pagesBefore, pagesBetween } from './pages.ts';
import { getHead } from './partitions.ts';
import type { Head } from '../storage/schema/head.ts';
import type { ProducerBatch } from '../storage/schema/tail-entry.ts';
import type { ProducerState } from '../storage/schema/producer-state.ts';
import type { LogDeps } from './log-deps.ts';

const HEADS_TRIED = 3;

/**
 * Looks for an entry in `view` at or after `fence`. `offset` undefined: it is proved absent from the answered view, which
 * is a newer one where pages were missing at first (rules retake and coverage).
 * Throws KAFKA_STORAGE_ERROR (unknown) where a page stays missing, as for a writer that was frozen for days.
 */
export async function lookForEntry(
  deps: LogDeps,
  view: Head,
  entryId: Uint8Array,
  fence: number,
): Promise<{ readonly view: Head; readonly offset: number | undefined }> {
  let head = view;
  for (let tries = 1; ; tries++) {
    const inTail = findEntry(head.tailStart, head.tail, entryId);
    if (inTail !== undefined || head.tailStart <= fence) return { view: head, offset: inTail };
    const { offset, coveredTo } = await lookInPages(deps, head, entryId, fence);
    if (offset !== undefined || coveredTo >= head.tailStart) return { view: head, offset };
    if (tries === HEADS_TRIED) throw missingPage(head.partitionId, coveredTo);
    head = await getHead(deps.items, head.partitionId);
  }
}

async function lookInPages(
  { items }: LogDeps,
  head: Head,
  entryId: Uint8Array,
  fence: number,
): Promise<{ readonly offset: number | undefined; readonly coveredTo: number }> {
  let coveredTo = fence;
  for await (const page of pagesBetween(items, head.partitionId, fence, head.tailStart)) {
    const offset = findEntry(page.startOffset, page.tail, entryId);
    coveredTo = page.endOffset;
    if (offset !== undefined) return { offset, coveredTo };
  }
  return { offset: undefined, coveredTo };
}

/**
 * The offset at which a producer's batch was stored first, or undefined if that is not to be found in a bounded search:
 * the tail, the pages from its state's fence on, and some pages before.
 */
export async function findOriginal(
  { items, limits }: LogDeps,
  view: Head,
  batch: ProducerBatch,
  state: ProducerState,
): Promise<number | undefined> {
  const inTail = findBatch(view.tailStart, view.tail, batch);
  if (inTail !== undefined) return inTail;
  let pages = 0;
  for await (const page of pagesBetween(items, view.partitionId, state.fence, view.tailStart)) {
    const found = findBatch(page.startOffset, page.tail, batch);
    if (found !== undefined) return found;
    if (++pages === limits.duplicateSearchPages) break;
  }
  const before = Math.min(state.fence + 1, view.tailStart);
  for (const page of await pagesBefore(items, view.partitionId, before, limits.duplicateSearchPages)) {
    const found = findBatch(page.startOffset, page.tail, batch);
    if (found !== undefined) return found;
  }
  return undefined;
}

const missingPage = (partitionId: string, offset: number): BrokerError =>
  new BrokerError(
    'KAFKA_STORAGE_ERROR',
    `partition ${partitionId} has no page at offset ${offset} any more: it cannot be told whether the records were stored`,
    { outcome: 'unknown', retriable: false },
  );
