// Sealing: pages of record batches become one immutable segment, a valid Kafka log segment file.
import { formatUuid } from '../base/dice.ts';
import { all, absent, atMost, equals } from '../storage/ports/condition.ts';
import { remove, set, type Action } from '../storage/ports/action.ts';
import { HEAD, headKey, parsePartitionId, type Head } from '../storage/schema/head.ts';
import { logStateItem, logStateKey, readLogState, ROW, segmentItem } from '../storage/schema/log-index.ts';
import { segmentKey } from '../storage/schema/object-key.ts';
import { MINUTE_MS, unpackTailEntry } from '../storage/schema/tail-entry.ts';
import { readEntry } from './entry-bytes.ts';
import { pageAt, pagesBetween } from './pages.ts';
import { getHead, isOpen } from './partitions.ts';
import { placeEntries } from './read.ts';
import { roll } from './roll.ts';
import { SegmentBuilder } from './segment-builder.ts';
import { segmentAt } from './segments.ts';
import type { LogState } from '../storage/schema/log-index.ts';
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
    const state = readLogState(await deps.items.get('log-index', logStateKey(partitionId)));
    await raiseHead(deps, head, state);
    const sealed = await sealOne(deps, head, state, options);
    head = await getHead(deps.items, partitionId);
    if (!sealed) break;
    bytes += sealed.bytes;
  }
  const state = readLogState(await deps.items.get('log-index', logStateKey(partitionId)));
  const oldestUnsealedAgeMs = await oldestAge(deps, head, state);
  return { segments, bytes, sealedEnd: state.sealedEnd, oldestUnsealedAgeMs };
}

const ageOf = (deps: LogDeps, packed: Uint8Array): number =>
  deps.clock.now() - unpackTailEntry(packed).writtenAtMinutes * MINUTE_MS;

/** A tail that nobody adds to is rolled here, so that it is sealed before its objects expire. */
async function rollIdleTail(deps: LogDeps, head: Head, options: SealOptions): Promise<Head> {
  const [oldest] = head.tail;
  if (!oldest || (!options.all && ageOf(deps, oldest) < deps.limits.segmentAgeMaxMs)) return head;
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
  const { items, objects, clock, dice, limits } = deps;
  const { partitionId } = head;
  const builder = await collect(deps, head, state);
  const isFull = builder.bytes >= limits.segmentBytesTarget;
  const isOld = builder.oldestAtMinutes * MINUTE_MS + limits.segmentAgeMaxMs <= clock.now();
  const isDue = isFull || builder.bytes >= limits.segmentBytesMin || isOld || options.all === true;
  if (builder.bytes === 0 || !isDue) return undefined;
  const { topicId, partition } = parsePartitionId(partitionId);
  const objectKey = segmentKey(topicId, partition, state.sealedEnd, formatUuid(dice.bytes(16)));
  const segment = builder.finish(objectKey, Math.floor(clock.now() / MINUTE_MS));
  await objects.put(objectKey, segment.contents);
  const next = {
    sealedEnd: segment.row.endOffset,
    startOffset: state.startOffset,
    version: state.version + 1,
  };
  const isUnchanged = state.version === 0 ? absent('pk') : equals(ROW.version, state.version);
  const requestId = formatUuid(dice.bytes(16));
  const written = await items.transact(
    [
      {
        kind: 'put',
        table: 'log-index',
        item: segmentItem(partitionId, segment.row),
        condition: absent('pk'),
      },
      { kind: 'put', table: 'log-index', item: logStateItem(partitionId, next), condition: isUnchanged },
    ],
    requestId,
  );
  if (!written.applied && !(await wasApplied(deps, partitionId, objectKey, state))) {
    await objects.delete([objectKey]);
    return undefined;
  }
  await raiseHead(deps, head, next);
  return { bytes: segment.row.bytes };
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

async function collect(deps: LogDeps, head: Head, state: LogState): Promise<SegmentBuilder> {
  const builder = new SegmentBuilder(state.sealedEnd, deps.limits);
  for await (const page of pagesBetween(deps.items, head.partitionId, state.sealedEnd, head.tailStart)) {
    const entries = placeEntries(page.startOffset, page.tail).filter(
      (each) => each.baseOffset >= state.sealedEnd,
    );
    const batches = await Promise.all(entries.map((placed) => readEntry(deps, placed, head.leaderEpoch)));
    entries.forEach((placed, i) => {
      builder.add(batches[i] ?? [], placed.entry.writtenAtMinutes);
    });
    if (builder.bytes >= deps.limits.segmentBytesTarget) return builder;
  }
  return builder;
}

/** Raises the head's copies of the log's state; they may be behind it, never ahead. */
async function raiseHead({ items }: LogDeps, head: Head, state: LogState): Promise<void> {
  if (head.sealedEnd >= state.sealedEnd && head.startOffset >= state.startOffset) return;
  const rest = await pageAt(items, head.partitionId, state.sealedEnd);
  const oldest =
    rest && placeEntries(rest.startOffset, rest.tail).find((each) => each.baseOffset >= state.sealedEnd);
  const since: Action = oldest
    ? set(HEAD.unsealedSince, oldest.entry.writtenAtMinutes)
    : remove(HEAD.unsealedSince);
  const marks = [set(HEAD.sealedEnd, state.sealedEnd), set(HEAD.startOffset, state.startOffset)];
  const isBehind = [atMost(HEAD.sealedEnd, state.sealedEnd), atMost(HEAD.startOffset, state.startOffset)];
  const key = headKey(head.partitionId);
  const isSameTail = equals(HEAD.tailStart, head.tailStart);
  const raised = await items.update('heads', key, [...marks, since], all(...isOpen, ...isBehind, isSameTail));
  // Rolled meanwhile: what is unsealed is told by the roll or by the next pass.
  if (!raised.applied) await items.update('heads', key, marks, all(...isOpen, ...isBehind));
}

async function oldestAge(deps: LogDeps, head: Head, state: LogState): Promise<number> {
  const page = await pageAt(deps.items, head.partitionId, state.sealedEnd);
  const oldest = (page && state.sealedEnd < head.tailStart ? page.tail[0] : undefined) ?? head.tail[0];
  return oldest ? Math.max(0, ageOf(deps, oldest)) : 0;
}
