// One commit: record batches that wait for the same partition become one entry, by one conditional write of the head.
// test/models/append-fence is this protocol; each of its rules is named where it is kept.
import { present } from '../base/assert.ts';
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { HEAD, headKey, producerIn, readHead, type Head } from '../storage/schema/head.ts';
import { MINUTE_MS, unpackTailEntry, type ProducerBatch } from '../storage/schema/tail-entry.ts';
import { producerKey, type ProducerState } from '../storage/schema/producer-state.ts';
import { createEntry, producerBatchOf, producersOf, type PendingEntry } from './entry.ts';
import { appendUpdate, judge, stateAfter, type Expectation, type Verdict } from './head-state.ts';
import { findOriginal, lookForEntry } from './find.ts';
import { getHead, unknownPartition } from './partitions.ts';
import { roll } from './roll.ts';
import { duplicateError, fencedError, outOfOrderError, unprovenError } from './producer-errors.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { LogDeps } from './log-deps.ts';
import type { WriterMemory } from './writer-memory.ts';

/** What became of one batch: stored (now, or before by an earlier attempt of its producer), or refused. */
export type AppendResult =
  | { readonly kind: 'stored'; readonly baseOffset: number; readonly isDuplicate: boolean }
  | { readonly kind: 'refused'; readonly error: BrokerError };

interface PendingBatch {
  readonly slice: BatchSlice;
  readonly batch: ProducerBatch | undefined;
  result: AppendResult | undefined;
}

/** The state of a commit between its steps. */
interface Commit {
  readonly deps: LogDeps;
  readonly memory: WriterMemory;
  readonly batches: readonly PendingBatch[];
  readonly deadlineMs: number;
  /** An entry of all the batches, whose object may be on its way already; it is taken once. */
  prepared: Promise<PendingEntry> | undefined;
  view: Head;
  /** The view was read consistently after the commit began (rule newView). */
  isViewNew: boolean;
  /** The entry and its batches; frozen from its first attempt until it is proved absent and can never be applied. */
  entry: (PendingEntry & { readonly batches: readonly PendingBatch[] }) | undefined;
  /** An attempt of the entry was sent: it is looked for in each newer view (rule recheck). */
  wasTried: boolean;
  /** An attempt has no answer, so that the entry may have been applied, or may be yet: what errors tell as `unknown`. */
  mayBeApplied: boolean;
  /** No attempt of the entry stands below this offset (rule fence). */
  nextSeen: number;
  failures: number;
  /** Why the last attempt failed, for the message when the time is over. */
  lastError?: BrokerError;
}

/**
 * Commits batches in their order; answers in their order when each is decided. Never throws for what befalls the data:
 * errors are in the results, with the outcome. The batches' bytes must stay as they are until it resolves.
 * `prepared` is an entry of just these batches that was begun before.
 */
export async function commitBatches(
  deps: LogDeps,
  memory: WriterMemory,
  slices: readonly BatchSlice[],
  prepared?: Promise<PendingEntry>,
): Promise<readonly AppendResult[]> {
  const batches = slices.map((slice) => ({
    slice,
    batch: producerBatchOf(slice.header, 0),
    result: undefined,
  }));
  const deadlineMs = deps.clock.now() + deps.limits.appendTimeoutMs;
  let commit: Commit | undefined;
  try {
    const view = await memory.firstView(deps);
    const nextSeen = view.next;
    const untried = { entry: undefined, wasTried: false, mayBeApplied: false };
    const begun = { deps, memory, batches, deadlineMs, prepared };
    commit = { ...begun, view, isViewNew: false, ...untried, nextSeen, failures: 0 };
    while (isUndecided(commit)) await step(commit);
  } catch (error) {
    refuseRest(batches, commit, toBrokerError(error, 'not-applied'));
  }
  return batches.map(({ result }: PendingBatch) => present(result, 'the result of a batch'));
}

const isUndecided = ({ batches }: Commit): boolean => batches.some(({ result }) => result === undefined);

async function step(commit: Commit): Promise<void> {
  const { deps, view } = commit;
  if (deps.clock.now() >= commit.deadlineMs) throw timedOut(commit);
  const judged = await judgeProducers(commit);
  if (judged.needsNewView) return takeNewView(commit);
  if (judged.decisions.length > 0) return settle(commit, judged.decisions);
  if (view.tail.length >= deps.limits.tailEntriesMax) return rollFullTail(commit);
  if (unsealedAgeMs(commit) > deps.limits.unsealedAgeMaxMs) {
    // It may have been sealed since the view.
    if (!commit.isViewNew) return takeNewView(commit);
    throw oldDataError(commit);
  }
  commit.entry ??= await compose(commit, judged.fit);
  return attempt(commit, commit.entry, judged.expectations);
}

// ---- Judging the batches of producers --------------------------------------------------------------------------------

interface Decision {
  readonly pending: PendingBatch;
  readonly batch: ProducerBatch;
  readonly verdict: Verdict;
  readonly state: ProducerState | undefined;
  readonly isBySpilled: boolean;
}

interface Judged {
  /** Batches that the view alone decides: they can never be stored by this commit. */
  readonly decisions: readonly Decision[];
  readonly needsNewView: boolean;
  /** Batches that may stand in one entry. */
  readonly fit: readonly PendingBatch[];
  readonly expectations: readonly Expectation[];
}

async function judgeProducers(commit: Commit): Promise<Judged> {
  const { deps, memory, view, batches } = commit;
  const states = new Map<string, ProducerState | undefined>();
  const after = new Map<string, ProducerState>();
  const waiting = new Set<string>();
  const decisions: Decision[] = [];
  const fit: PendingBatch[] = [];
  for (const pending of batches.filter(({ result }) => result === undefined)) {
    const { batch } = pending;
    if (!batch) {
      fit.push(pending);
      continue;
    }
    const key = producerKey(batch.producerId);
    if (waiting.has(key)) continue;
    if (!states.has(key))
      states.set(key, producerIn(view, key) ?? (await memory.spilledStateOf(deps, key, view)));
    const state = after.get(key) ?? states.get(key);
    const verdict = judge(state, batch);
    if (verdict === 'next') {
      fit.push(pending);
      after.set(key, stateAfter(state, batch, commit.nextSeen));
    } else if (after.has(key)) {
      // It was judged by a batch that is not stored yet: it waits for the next entry.
      waiting.add(key);
    } else {
      decisions.push({ pending, batch, verdict, state, isBySpilled: !(key in view.producers) });
    }
  }
  // Rules newView and newDuplicate: to an old view what is far ahead looks like what is half a wrap behind.
  const needsNewView = !commit.isViewNew && decisions.some(({ verdict }) => verdict !== 'fenced');
  const expectations = [...after].map(([key, state]) => ({
    key,
    packedState: view.producers[key],
    after: state,
  }));
  return { decisions, needsNewView, fit, expectations };
}

/**
 * Answers the batches that are decided. The entry they stood in relied on a state that its producer has left for ever,
 * so that no attempt of it can be applied any more: what remains of it may be composed anew.
 */
async function settle(commit: Commit, decisions: readonly Decision[]): Promise<void> {
  // Rule freshProof: the spilled row may tell of what was applied after the view was taken, our own entry too.
  if (decisions.some(({ isBySpilled }) => isBySpilled)) await takeNewView(commit);
  for (const { pending, batch, verdict, state } of decisions) {
    pending.result ??= await answer(commit, batch, verdict, state);
  }
  dropEntry(commit);
}

function dropEntry(commit: Commit): void {
  commit.entry = undefined;
  commit.wasTried = false;
  commit.mayBeApplied = false;
}

async function answer(
  { deps, view }: Commit,
  batch: ProducerBatch,
  verdict: Verdict,
  state: ProducerState | undefined,
): Promise<AppendResult> {
  if (verdict === 'fenced') return { kind: 'refused', error: fencedError(view.partitionId, batch, state) };
  if (verdict === 'out-of-order')
    return { kind: 'refused', error: outOfOrderError(view.partitionId, batch, state) };
  const known = present(state, 'the state of a duplicate');
  const baseOffset = await findOriginal(deps, view, batch, known);
  if (baseOffset !== undefined) return { kind: 'stored', baseOffset, isDuplicate: true };
  // Rule provenDuplicate: of a producer that did not begin at 0, what is behind may never have been stored.
  const error = known.isWhole ? duplicateError : unprovenError;
  return { kind: 'refused', error: error(view.partitionId, batch, known) };
}

// ---- Views -----------------------------------------------------------------------------------------------------------

async function takeNewView(commit: Commit): Promise<void> {
  await adopt(commit, await getHead(commit.deps.items, commit.memory.partitionId));
}

/**
 * Goes on with a newer view, once the entry is proved absent from it (rule recheck); where the entry is found, that is
 * its place and the commit is done.
 */
async function adopt(commit: Commit, newer: Head): Promise<void> {
  const { deps, memory, entry } = commit;
  let view = newer;
  if (entry && commit.wasTried) {
    const found = await lookForEntry(deps, view, entry.entry.entryId, commit.nextSeen);
    view = found.view;
    if (found.offset !== undefined) store(commit, entry, found.offset);
    // Rule fence: absent, and rolled past what every attempt had seen, it can never be applied any more.
    else if (view.tailStart > commit.nextSeen) commit.mayBeApplied = false;
  }
  commit.view = view;
  commit.isViewNew = true;
  commit.nextSeen = view.next;
  memory.remember(view, deps.clock.now());
}

function store(commit: Commit, entry: NonNullable<Commit['entry']>, baseOffset: number): void {
  entry.batches.forEach((pending, i) => {
    const recordsBefore = present(entry.recordsBefore[i], 'the base of a batch');
    pending.result = { kind: 'stored', baseOffset: baseOffset + recordsBefore, isDuplicate: false };
  });
  dropEntry(commit);
}

// ---- The write -------------------------------------------------------------------------------------------------------

async function compose(commit: Commit, fit: readonly PendingBatch[]): Promise<NonNullable<Commit['entry']>> {
  const { deps, batches, prepared, view } = commit;
  commit.prepared = undefined;
  if (prepared && fit.length === batches.length) return { ...(await prepared), batches: fit };
  const slices = fit.map(({ slice }) => slice);
  return { ...(await createEntry(deps, view.partitionId, slices, view)), batches: fit };
}

async function attempt(
  commit: Commit,
  entry: NonNullable<Commit['entry']>,
  expectations: readonly Expectation[],
): Promise<void> {
  const { deps, memory, view, nextSeen } = commit;
  if (deps.clock.now() - entry.createdAtMs > deps.limits.entryAgeMaxMs) throw timedOut(commit);
  const { recordCount } = entry.entry;
  const seen = { nextSeen, spillsSeen: view.spills };
  const producers = producersOf(entry.entry);
  const relevant = expectations.filter(({ key }) => producers.has(key));
  const { actions, condition } = appendUpdate(entry.packed, recordCount, seen, relevant, deps.limits);
  const mightBeBefore = commit.mayBeApplied;
  commit.wasTried = true;
  commit.mayBeApplied = true;
  const written = await deps.items
    .update('heads', headKey(memory.partitionId), actions, condition)
    .catch((error: unknown) => {
      if (error instanceof BrokerError && error.outcome === 'not-applied')
        commit.mayBeApplied = mightBeBefore;
      return holdBack(commit, error);
    });
  if (!written) return;
  if (!written.applied) {
    if (written.isRepeated !== true) commit.mayBeApplied = mightBeBefore;
    const current = written.current && readHead(written.current);
    if (!current || current.isRetired) throw unknownPartition(memory.partitionId);
    await adopt(commit, current);
    return;
  }
  const after = readHead(present(written.item, HEAD.next));
  const baseOffset = after.next - recordCount;
  store(commit, entry, baseOffset);
  commit.view = after;
  commit.nextSeen = after.next;
  memory.remember(after, deps.clock.now(), recordCount);
}

/**
 * Waits before the same attempt is sent again, unless the error is for good, or tells of a failure that another attempt
 * would meet too and nothing is left to be found out.
 */
async function holdBack(commit: Commit, error: unknown): Promise<undefined> {
  const { clock, dice } = commit.deps;
  if (!(error instanceof BrokerError) || !error.retriable) throw error;
  const isSettled = error.outcome === 'not-applied' && !commit.mayBeApplied;
  if (isSettled && error.code !== 'THROTTLING_QUOTA_EXCEEDED') throw error;
  commit.lastError = error;
  const backoffMs = Math.min(1000, 25 * 2 ** commit.failures++);
  await clock.sleep(backoffMs * dice.random());
}

async function rollFullTail(commit: Commit): Promise<void> {
  const { deps, view } = commit;
  await roll(deps, view, { keep: deps.limits.tailEntriesKept }).catch((error: unknown) =>
    holdBack(commit, error),
  );
  await takeNewView(commit);
}

// ---- Refusals --------------------------------------------------------------------------------------------------------

/** Of the oldest record that is in no segment: what was rolled is older than the tail. 0 where there is none. */
function unsealedAgeMs({ deps, view }: Commit): number {
  const [oldest] = view.tail;
  const sinceMinutes = view.unsealedSinceMinutes ?? (oldest && unpackTailEntry(oldest).writtenAtMinutes);
  return sinceMinutes === undefined ? 0 : deps.clock.now() - sinceMinutes * MINUTE_MS;
}

function oldDataError(commit: Commit): BrokerError {
  const { deps, view, mayBeApplied } = commit;
  return new BrokerError(
    'KAFKA_STORAGE_ERROR',
    `partition ${view.partitionId} takes no records while data older than ${deps.limits.unsealedAgeMaxMs} ms is not sealed (${unsealedAgeMs(commit)} ms): run the sweep`,
    { outcome: mayBeApplied ? 'unknown' : 'not-applied' },
  );
}

/** A store that throttled all the time asks the client to come back later; of any other nobody knows what it did. */
function timedOut({ memory, mayBeApplied, deps, lastError }: Commit): BrokerError {
  const why = lastError === undefined ? '' : `: ${lastError.message}`;
  const isThrottled = !mayBeApplied && lastError?.code === 'THROTTLING_QUOTA_EXCEEDED';
  const { retryAfterMs } = lastError ?? {};
  return new BrokerError(
    isThrottled ? 'THROTTLING_QUOTA_EXCEEDED' : 'REQUEST_TIMED_OUT',
    `partition ${memory.partitionId} took no append within ${deps.limits.appendTimeoutMs} ms${why}`,
    {
      outcome: mayBeApplied ? 'unknown' : 'not-applied',
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(lastError && { cause: lastError }),
    },
  );
}

/** An entry with an attempt that nobody answered may still be applied, whatever the last answer was. */
function refuseRest(batches: readonly PendingBatch[], commit: Commit | undefined, error: BrokerError): void {
  for (const pending of batches) {
    const isTried = commit?.mayBeApplied === true && commit.entry?.batches.includes(pending) === true;
    const outcome = isTried ? 'unknown' : 'not-applied';
    pending.result ??= { kind: 'refused', error: withOutcome(error, outcome) };
  }
}

function withOutcome(error: BrokerError, outcome: BrokerError['outcome']): BrokerError {
  if (error.outcome === outcome) return error;
  return error.restated({ outcome, field: undefined });
}
