// Writers: each commits batches, some at a time, as one entry by one conditional append.
import type { Answer } from './audit.ts';
import { entryOf, type Batch, type Entry, type Head, type ProducerState } from './log.ts';
import { ask, read, type Actor } from './network.ts';
import { judge, stateAfter, type JudgedBatch, type Verdict } from './producer.ts';
import { roll } from './roller.ts';
import { findOriginal, lookForEntry } from './search.ts';
import type { Rules } from './rules.ts';
import type { Expectation } from './table.ts';
import type { World } from './world.ts';

/** What a writer remembers between its commits. */
interface Memory {
  view: Head | undefined;
  readonly spilled: Map<string, { readonly spills: number; readonly state: ProducerState | undefined }>;
}

/** The state of a commit between its steps. */
interface Commit {
  readonly world: World;
  readonly memory: Memory;
  readonly undecided: Set<Batch>;
  view: Head;
  /** The view was read consistently after the commit began. */
  isViewNew: boolean;
  /** Frozen from its first attempt on. */
  entry: Entry | undefined;
  wasTried: boolean;
  /** No attempt of the entry stands below it. */
  nextSeen: number;
}

/** Commits batches until the writer's work is done or its topic is gone. */
export function* write(world: World): Actor {
  const memory: Memory = { view: undefined, spilled: new Map() };
  for (let i = 0; i < world.workload.commitsEach; i++) {
    const view = yield* firstView(world, memory);
    if (view.status !== 'open') break;
    const undecided = new Set(world.clients.nextBatches());
    const commit: Commit = {
      ...{ world, memory, undecided, view, isViewNew: false },
      ...{ entry: undefined, wasTried: false, nextSeen: view.next },
    };
    while (undecided.size > 0) yield* step(commit);
  }
  world.busyWriters--;
}

/** The remembered view, or one that is read anew: it may be older. */
function* firstView({ dice, workload }: World, { view }: Memory): Actor<Head> {
  if (dice.chance(workload.oldViews)) return yield* read('someHead', (table) => table.someHead());
  return view && dice.chance(0.9) ? view : yield* read('getHead', (table) => table.head);
}

function* step(commit: Commit): Actor {
  const { view, undecided, world } = commit;
  if (view.status !== 'open') {
    giveUp(commit);
    return;
  }
  const judged = yield* judgeProducers(commit);
  if (!commit.isViewNew && needsNewView(world.rules, judged)) yield* takeNewView(commit);
  else if (judged.decisions.length > 0) yield* settle(commit, judged.decisions);
  else if (view.tail.length >= world.workload.tailLimit) {
    yield* roll(world, view);
    yield* takeNewView(commit);
  } else {
    const batches = [...undecided].filter((batch) => judged.fit.has(batch));
    commit.entry ??= entryOf(world.clients.nextEntryId(), batches);
    yield* attempt(commit, commit.entry, judged.expectations);
  }
}

function decide({ undecided, world }: Commit, batch: Batch, answer: Answer): void {
  if (!undecided.delete(batch)) return;
  world.audit.answered(batch, answer);
  world.clients.answered(batch, answer);
}

/** Answers all that is undecided: of what was tried nobody knows. */
function giveUp(commit: Commit): void {
  const { entry, wasTried, undecided, world } = commit;
  for (const batch of [...undecided]) {
    const isTried = wasTried && entry?.batches.includes(batch) === true && world.rules.unknown;
    decide(commit, batch, { kind: isTried ? 'unknown' : 'notApplied' });
  }
}

// ---- Judging ---------------------------------------------------------------------------------------------------------

interface Decision {
  readonly batch: JudgedBatch;
  readonly verdict: Exclude<Verdict, 'next'>;
  readonly state: ProducerState;
  readonly isByRow: boolean;
}

interface Judged {
  /** What the view alone decides. */
  readonly decisions: readonly Decision[];
  /** What may stand in one entry. */
  readonly fit: ReadonlySet<Batch>;
  readonly expectations: readonly Expectation[];
}

const needsNewView = ({ newView, newDuplicate }: Rules, { decisions }: Judged): boolean =>
  decisions.some(
    ({ verdict }) => (verdict === 'outOfOrder' && newView) || (verdict === 'behind' && newDuplicate),
  );

function* judgeProducers(commit: Commit): Actor<Judged> {
  const { world, view, nextSeen, undecided } = commit;
  const { rules } = world;
  const before = new Map<string, ProducerState | undefined>();
  const after = new Map<string, ProducerState>();
  const waiting = new Set<string>();
  const decisions: Decision[] = [];
  const fit = new Set<Batch>();
  for (const batch of undecided) {
    const { producer } = batch;
    if (producer && waiting.has(producer.pid)) continue;
    if (!producer) {
      fit.add(batch);
      continue;
    }
    const { pid } = producer;
    if (!before.has(pid)) before.set(pid, view.producers[pid] ?? (yield* spilledState(commit, pid)));
    const judged = { ...batch, producer };
    const own = rules.withinEntry ? after.get(pid) : undefined;
    const state = own ?? before.get(pid);
    const verdict = judge(state, judged);
    if (verdict === 'next') {
      fit.add(batch);
      if (rules.lastInEntry || !after.has(pid)) after.set(pid, stateAfter(state, judged, nextSeen));
    } else if (own && rules.waits) waiting.add(pid);
    else if (state) decisions.push({ batch: judged, verdict, state, isByRow: !view.producers[pid] });
  }
  const expectations = [...after].map(([pid, to]) => ({ pid, state: view.producers[pid], after: to }));
  return { decisions, fit, expectations };
}

/** Reads a producer's row; what was read under the same spills may be used again. */
function* spilledState({ world, memory, view }: Commit, pid: string): Actor<ProducerState | undefined> {
  const { spills } = view;
  if (spills === 0) return undefined;
  const known = memory.spilled.get(pid);
  const isUsable = known && (known.spills === spills || !world.rules.spillReread);
  if (isUsable && world.dice.chance(0.3)) return known.state;
  const { state } = yield* read('getSpilled', (table) => ({ state: table.spilled.get(pid) }));
  memory.spilled.set(pid, { state, spills });
  return state;
}

/**
 * Answers the batches that are decided. If they stand in the entry, it relied on a state that their producer has left for
 * ever, so that no attempt of it can be applied any more: what remains may be composed anew.
 */
function* settle(commit: Commit, decisions: readonly Decision[]): Actor {
  const { world, undecided } = commit;
  if (world.rules.freshProof && decisions.some(({ isByRow }) => isByRow)) {
    yield* takeNewView(commit);
    if (commit.view.status !== 'open') return;
  }
  for (const { batch, verdict, state } of decisions) {
    const pending = [...undecided].find(({ id }) => id === batch.id);
    if (pending) decide(commit, pending, yield* answerOf(commit, batch, verdict, state));
  }
  commit.entry = undefined;
  commit.wasTried = false;
}

function* answerOf(
  { world, view }: Commit,
  batch: JudgedBatch,
  verdict: Decision['verdict'],
  state: ProducerState,
): Actor<Answer> {
  if (verdict !== 'behind') return { kind: verdict };
  const offset = yield* findOriginal(world.rules, view, batch, state);
  const isProved = offset !== undefined || state.isWhole || !world.rules.provenDuplicate;
  return isProved ? { kind: 'duplicate', offset } : { kind: 'outOfOrder' };
}

// ---- Views -----------------------------------------------------------------------------------------------------------

function* takeNewView(commit: Commit): Actor {
  const head = yield* read('getHead', (table) => table.head);
  yield* adopt(commit, head, { isConsistent: true, mustProve: commit.world.rules.recheck });
}

/** Goes on with another view, once the entry is proved absent from it; if it is found, that is its place. */
function* adopt(commit: Commit, head: Head, { isConsistent = true, mustProve = true } = {}): Actor {
  const { world, memory, entry, nextSeen } = commit;
  const { rules } = world;
  let view = head;
  if (entry && commit.wasTried && mustProve && (rules.absentBeforeJudge || !isDecided(entry, view))) {
    const found = yield* lookForEntry(rules, head, entry.id, nextSeen);
    if (!found.isProved) {
      giveUp(commit);
      return;
    }
    view = found.view;
    if (found.offset !== undefined) store(commit, entry, found.offset);
    else if (!rules.frozen) commit.entry = undefined;
  }
  commit.view = view;
  commit.isViewNew = isConsistent;
  if (rules.oneView || !commit.entry) commit.nextSeen = view.next;
  memory.view = view;
}

const isDecided = ({ batches }: Entry, { producers }: Head): boolean =>
  batches.some((batch) => {
    const { producer } = batch;
    return producer && judge(producers[producer.pid], { ...batch, producer }) === 'behind';
  });

function store(commit: Commit, entry: Entry, start: number): void {
  let offset = start;
  for (const batch of entry.batches) {
    decide(commit, batch, { kind: 'acked', offset });
    offset += batch.records;
  }
  commit.entry = undefined;
  commit.wasTried = false;
}

// ---- The write -------------------------------------------------------------------------------------------------------

function* attempt(commit: Commit, entry: Entry, expectations: readonly Expectation[]): Actor {
  const { world, memory, nextSeen, view } = commit;
  const { dice, workload } = world;
  commit.wasTried = true;
  const request = { entry, nextSeen, spillsSeen: view.spills, expectations };
  const written = yield* ask('append', (table) => table.append(request), request);
  if (written?.isApplied) {
    store(commit, entry, written.head.next - entry.records);
    commit.view = memory.view = written.head;
    commit.nextSeen = written.head.next;
  } else if (written) yield* adopt(commit, written.head);
  else if (dice.chance(workload.givesUp)) giveUp(commit);
  else if (dice.chance(workload.refreshes)) yield* refresh(commit);
}

/** Without an answer a writer may look first, even by an old view: absence from it is as good a fence. */
function* refresh(commit: Commit): Actor {
  const { dice, workload, rules } = commit.world;
  if (!dice.chance(workload.oldViews)) {
    yield* takeNewView(commit);
    return;
  }
  const head = yield* read('someHead', (table) => table.someHead());
  yield* adopt(commit, head, { isConsistent: false, mustProve: rules.recheck });
}
