// Removing what no reader needs any more: sealed hot data where no expiry does it, and the data of deleted topics.
import { objectKeyOf } from './entry.ts';
import { placeEntries } from './read.ts';
import {
  readSegment,
  pageSortKey,
  readPage,
  segmentSortKey,
  logStateKey,
  RETIRE_LOG_STATE,
} from '../storage/schema/log-index.ts';
import { unpackTailEntry } from '../storage/schema/tail-entry.ts';
import type { Item } from '../storage/ports/item-store.ts';
import type { LogDeps } from './log-deps.ts';

const OFFSET_MAX = Number.MAX_SAFE_INTEGER;
const ROWS_PER_PASS = 200;

/**
 * The objects that hold the batches of packed entries and of nothing else. What is shared with other partitions is not
 * among them: it goes by its expiry (rule sharedExpiry), so that nobody has to know who else refers to it.
 */
function objectsOf(tail: readonly Uint8Array[]): readonly string[] {
  return tail
    .map(unpackTailEntry)
    .flatMap((entry) => (entry.inline || entry.sharedPosition !== undefined ? [] : [objectKeyOf(entry)]));
}

/**
 * Removes pages, and the hot objects they name, that end at or before the head's `sealedEnd` and whose youngest entry is
 * older than `graceMs`. A writer frozen for longer than that learns that it cannot tell what became of its records; so
 * the grace must exceed any pause of a process that shares the store. Bounded; answers the pages removed.
 */
export async function collectSealed(
  { items, objects, clock }: LogDeps,
  partitionId: string,
  { sealedEnd, graceMs }: { readonly sealedEnd: number; readonly graceMs: number },
): Promise<number> {
  if (sealedEnd <= 0) return 0;
  const between = [pageSortKey(0), pageSortKey(sealedEnd - 1)] as const;
  const rows = await items.query('log-index', partitionId, { between, limit: ROWS_PER_PASS });
  const isOld = (item: Item) => {
    const page = readPage(item);
    const writtenAtMs = placeEntries(0, page.tail).map(({ entry }) => entry.writtenAtMinutes * 60_000);
    return page.endOffset <= sealedEnd && Math.max(...writtenAtMs) + graceMs < clock.now();
  };
  const old = rows.filter(isOld);
  await objects.delete(old.flatMap((item) => objectsOf(readPage(item).tail)));
  for (const item of old) await items.delete('log-index', { pk: partitionId, sk: item['sk'] as string });
  return old.length;
}

/**
 * Removes the log-index rows and the objects of a partition whose head is retired, all but the state row: retired, it
 * refuses a late sealer for ever (rule keepFence). Safe to repeat; bounded: answers whether everything is gone. Hot
 * objects of the tail, which the retired head no longer names, go by their expiry.
 */
export async function collectPartition({ items, objects }: LogDeps, partitionId: string): Promise<boolean> {
  await items.update('log-index', logStateKey(partitionId), RETIRE_LOG_STATE);
  const segments = await items.query('log-index', partitionId, {
    between: [segmentSortKey(0), segmentSortKey(OFFSET_MAX)],
    limit: ROWS_PER_PASS,
  });
  const pages = await items.query('log-index', partitionId, {
    between: [pageSortKey(0), pageSortKey(OFFSET_MAX)],
    limit: ROWS_PER_PASS,
  });
  const keys = [
    ...segments.map((item) => readSegment(item).objectKey),
    ...pages.flatMap((item) => objectsOf(readPage(item).tail)),
  ];
  await objects.delete(keys);
  for (const item of [...segments, ...pages]) {
    await items.delete('log-index', { pk: partitionId, sk: item['sk'] as string });
  }
  return segments.length < ROWS_PER_PASS && pages.length < ROWS_PER_PASS;
}
