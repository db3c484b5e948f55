// Sealing: pages of record batches become one immutable segment, a valid Kafka log segment file.
import { formatUuid } from '../base/dice.ts';
import { all, absent, atMost, equals } from '../storage/ports/condition.ts';
import { remove, set, type Action } from '../storage/ports/action.ts';
import { HEAD, headKey, parsePartitionId, type Head } from '../storage/schema/head.ts';
import { logStateItem, logStateKey, readLogState, ROW, segmentItem } from '../storage/schema/log-index.ts';
import { segmentKey } from '../storage/schema/object-key.ts';
import { MINUTE_MS, unpackTailEntry } from '../storage/schema/tail-entry.ts';
import { readEntry, type PlacedEntry } from './entry-bytes.ts';
import { pageAt, pagesBetween } from './pages.ts';
import { getHead, isOpen, unknownPartition } from './partitions.ts';
import { placeEntries } from './read.ts';
import { roll } from './roll.ts';
import { SegmentBuilder } from './segment-builder.ts';
import { segmentAt } from './segments.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { LogState, Segment } from '../storage/schema/log-index.ts';
import type { TailEntry } from '../storage/schema/tail-entry.ts';
import type { LogDeps } from './log-deps.ts';

export interface SealOptions {
  /** Seal all there is, also what is small and young. */
  readonly all?: boolean;
}

export interface SealResult {
  /** Segments made. */
  readonly segments: number;
  readonly bytes: number;
  readonly sealedEnd: number;
  /** Age of the oldest record that is in no segment after the pass; 0: all are, or the tail holds them only shortly. */
  readonly oldestUnsealedAgeMs: number;
}

const SEGMENTS_PER_PASS = 4;
const READS_AT_ONCE = 16;

/**
 * Seals what is due of a partition: full segments, and less once it is old. A pass is bounded and may be stopped, repeated
 * and raced at will: a segment counts once its row is put, with the new sealedEnd, by one conditional transaction.
 * Throws UNKNOWN_TOPIC_ID for a deleted topic.
 */
export async function sealPartition(
  deps: LogDeps,
  partitionId: string,
  options: SealOptions = {},
): Promise<SealResult> {
  let segments = 0;
  let bytes = 0;
  let head = await rollIdleTail(deps, await getHead(deps.items, partitionId), options);
  for (; segments < SEGMENTS_PER_PASS; segments++) {
    const state = await getState(deps, partitionId);
    await raiseHead(deps, head, state);
    const sealed = await sealOne(deps, head, state, options);
    head = await getHead(deps.items, partitionId);
    if (!sealed) break;
    bytes += sealed.bytes;
  }
  const state = await getState(deps, partitionId);
  await raiseHead(deps, head, state);
  const oldestUnsealedAgeMs = await oldestAge(deps, head, state);
  return { segments, bytes, sealedEnd: state.sealedEnd, oldestUnsealedAgeMs };
}

/** What maintenance has made of the log so far. Throws UNKNOWN_TOPIC_ID for a deleted topic. */
export async function getState({ items }: LogDeps, partitionId: string): Promise<LogState> {
  const state = readLogState(await items.get('log-index', logStateKey(partitionId)));
  if (state.isRetired) throw unknownPartition(partitionId);
  return state;
}

const ageOf = ({ clock }: LogDeps, { writtenAtMinutes }: TailEntry): number =>
  clock.now() - writtenAtMinutes * MINUTE_MS;

/** A tail that nobody adds to is rolled here, so that it is sealed before its objects expire. */
async function rollIdleTail(deps: LogDeps, head: Head, options: SealOptions): Promise<Head> {
  const [oldest] = head.tail;
  if (!oldest || (!options.all && ageOf(deps, unpackTailEntry(oldest)) < deps.limits.segmentAgeMaxMs))
    return head;
  await roll(deps, head, { keep: 0 });
  return getHead(deps.items, head.partitionId);
}

/** Makes one segment, or answers undefined where nothing is due or another sealer was first. */
async function sealOne(
  deps: LogDeps,
  head: Head,
  state: LogState,
  options: SealOptions,
): Promise<{ readonly bytes: number } | undefined> {
  const plan = await planSegment(deps, head, state);
  if (!isDue(deps, plan, options)) return undefined;
  const { topicId, partition } = parsePartitionId(head.partitionId);
  const objectKey = segmentKey(topicId, partition, state.sealedEnd, formatUuid(deps.dice.bytes(16)));
  const builder = new SegmentBuilder(state.sealedEnd, deps.limits);
  for (let at = 0; at < plan.entries.length; at += READS_AT_ONCE) {
    const entries = plan.entries.slice(at, at + READS_AT_ONCE);
    const batches = await Promise.all(entries.map((placed) => readEntry(deps, placed, head.leaderEpoch)));
    for (const slices of batches) builder.add(slices);
  }
  const segment = builder.finish(objectKey, Math.floor(deps.clock.now() / MINUTE_MS));
  await deps.objects.put(objectKey, segment.contents);
  if (deps.giveBack) segment.contents.forEach(deps.giveBack);
  if (!(await putSegment(deps, head.partitionId, state, segment.row))) {
    await deps.objects.delete([objectKey]);
    return undefined;
  }
  return { bytes: segment.row.bytes };
}

/** What the next segment would hold. */
interface SegmentPlan {
  readonly entries: readonly PlacedEntry[];
  readonly bytes: number;
}

/** Looks at pages only, not at what they name. */
async function planSegment(deps: LogDeps, head: Head, state: LogState): Promise<SegmentPlan> {
  const entries: PlacedEntry[] = [];
  let bytes = 0;
  for await (const page of pagesBetween(deps.items, head.partitionId, state.sealedEnd, head.tailStart)) {
    for (const placed of placeEntries(page.startOffset, page.tail, state.sealedEnd)) {
      entries.push(placed);
      bytes += placed.entry.byteLength;
      if (bytes >= deps.limits.segmentBytesTarget) return { entries, bytes };
    }
  }
  return { entries, bytes };
}

function isDue({ clock, limits }: LogDeps, { entries, bytes }: SegmentPlan, options: SealOptions): boolean {
  const [oldest] = entries;
  if (!oldest) return false;
  const isOld = oldest.entry.writtenAtMinutes * MINUTE_MS + limits.segmentAgeMaxMs <= clock.now();
  return options.all === true || isOld || bytes >= limits.segmentBytesMin;
}

/** Puts the segment's row and the new sealedEnd. False: another sealer was first, and this can never be applied. */
async function putSegment(
  deps: LogDeps,
  partitionId: string,
  state: LogState,
  row: Segment,
): Promise<boolean> {
  const next = { sealedEnd: row.endOffset, startOffset: state.startOffset, version: state.version + 1 };
  const isUnchanged = state.version === 0 ? absent('pk') : equals(ROW.version, state.version);
  const written = await deps.items.transact(
    [
      { kind: 'put', table: 'log-index', item: segmentItem(partitionId, row), condition: absent('pk') },
      { kind: 'put', table: 'log-index', item: logStateItem(partitionId, next), condition: isUnchanged },
    ],
    formatUuid(deps.dice.bytes(16)),
  );
  return written.applied || wasApplied(deps, partitionId, row.objectKey, state);
}

/** Whether a transaction that was refused had been applied by an earlier attempt whose answer was lost. */
async function wasApplied(
  deps: LogDeps,
  partitionId: string,
  objectKey: string,
  state: LogState,
): Promise<boolean> {
  return (await segmentAt(deps.items, partitionId, state.sealedEnd))?.objectKey === objectKey;
}

/** Raises the head's copies of the log's state; they may be behind it, never ahead. */
export async function raiseHead({ items }: LogDeps, head: Head, state: LogState): Promise<void> {
  if (head.sealedEnd >= state.sealedEnd && head.startOffset >= state.startOffset) return;
  const oldest = await oldestInPages(items, head.partitionId, state.sealedEnd);
  const since: Action = oldest
    ? set(HEAD.unsealedSince, oldest.writtenAtMinutes)
    : remove(HEAD.unsealedSince);
  const marks = [set(HEAD.sealedEnd, state.sealedEnd), set(HEAD.startOffset, state.startOffset)];
  const isBehind = [atMost(HEAD.sealedEnd, state.sealedEnd), atMost(HEAD.startOffset, state.startOffset)];
  const key = headKey(head.partitionId);
  const isSameTail = equals(HEAD.tailStart, head.tailStart);
  const raised = await items.update('heads', key, [...marks, since], all(...isOpen, ...isBehind, isSameTail));
  // Rolled meanwhile: what is unsealed is told by the roll or by the next pass.
  if (!raised.applied) await items.update('heads', key, marks, all(...isOpen, ...isBehind));
}

/** The first entry of the pages that is in no segment yet. */
async function oldestInPages(
  items: ItemStore,
  partitionId: string,
  sealedEnd: number,
): Promise<TailEntry | undefined> {
  const page = await pageAt(items, partitionId, sealedEnd);
  return page && placeEntries(page.startOffset, page.tail, sealedEnd)[0]?.entry;
}

async function oldestAge(deps: LogDeps, head: Head, state: LogState): Promise<number> {
  const paged = await oldestInPages(deps.items, head.partitionId, state.sealedEnd);
  const [inTail] = head.tail;
  const oldest = paged ?? (inTail && unpackTailEntry(inTail));
  return oldest ? Math.max(0, ageOf(deps, oldest)) : 0;
}
