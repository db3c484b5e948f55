// What follows from a view of a head: pure decisions of append and roll, each rule of which test/models has an ablation.
import { entryIdOf, unpackTailEntry, type ProducerBatch } from '../storage/schema/tail-entry.ts';
import {
  packProducerState,
  unpackProducerState,
  type ProducerState,
} from '../storage/schema/producer-state.ts';
import { headBytes, HEAD, type Head } from '../storage/schema/head.ts';
import {
  absent,
  all,
  atMost,
  equals,
  notContains,
  sizeBelow,
  type Condition,
} from '../storage/ports/condition.ts';
import { add, append, set, type Action } from '../storage/ports/action.ts';
import type { LogLimits } from './limits.ts';

/** Sequences count records modulo this, as Kafka's do. */
export const SEQUENCES = 2 ** 31;

/** What the recorded state of a producer says of a batch. */
export type Verdict = 'next' | 'duplicate' | 'out-of-order' | 'fenced';

const following = (sequence: number, count: number): number => (sequence + count) % SEQUENCES;

/** Without a state (a new producer, or one forgotten after its expiry) any first sequence is next, as in Kafka. */
export function judge(state: ProducerState | undefined, batch: ProducerBatch): Verdict {
  if (!state || state.producerEpoch < batch.producerEpoch) {
    return !state || batch.baseSequence === 0 ? 'next' : 'out-of-order';
  }
  if (state.producerEpoch > batch.producerEpoch) return 'fenced';
  if (batch.baseSequence === following(state.lastSequence, 1)) return 'next';
  const lastSequence = following(batch.baseSequence, batch.recordCount - 1);
  const behind = (state.lastSequence - lastSequence + SEQUENCES) % SEQUENCES;
  return behind < SEQUENCES / 2 ? 'duplicate' : 'out-of-order';
}

/**
 * The state once a batch is stored that was next after `before`. `fence`: the append's nextSeen, no batch of the append
 * stands below it.
 */
export function stateAfter(
  before: ProducerState | undefined,
  batch: ProducerBatch,
  fence: number,
): ProducerState {
  const { producerEpoch, baseSequence, recordCount } = batch;
  const isSameEpoch = before?.producerEpoch === producerEpoch;
  return {
    producerEpoch,
    lastSequence: following(baseSequence, recordCount - 1),
    fence,
    isWhole: isSameEpoch ? before.isWhole : baseSequence === 0,
  };
}

/** Where an entry begins in a run of packed entries that starts at `startOffset`, or undefined. */
export function findEntry(
  startOffset: number,
  tail: readonly Uint8Array[],
  entryId: Uint8Array,
): number | undefined {
  let offset = startOffset;
  for (const packed of tail) {
    if (Buffer.compare(entryIdOf(packed), entryId) === 0) return offset;
    offset += unpackTailEntry(packed).recordCount;
  }
  return undefined;
}

/** The base offset of a producer's batch in a run of packed entries that starts at `startOffset`, or undefined. */
export function findBatch(
  startOffset: number,
  tail: readonly Uint8Array[],
  wanted: Pick<ProducerBatch, 'producerId' | 'producerEpoch' | 'baseSequence'>,
): number | undefined {
  let offset = startOffset;
  for (const packed of tail) {
    const entry = unpackTailEntry(packed);
    const found = entry.producerBatches.find(
      (batch) =>
        batch.producerId === wanted.producerId &&
        batch.producerEpoch === wanted.producerEpoch &&
        batch.baseSequence === wanted.baseSequence,
    );
    if (found) return offset + found.recordsBefore;
    offset += entry.recordCount;
  }
  return undefined;
}

/** A producer of an entry: the packed state its append relies on, or that there is none in the head. */
export interface Expectation {
  readonly key: string;
  /** undefined: the producer is not in the head, and was judged by its spilled row (or its absence). */
  readonly packedState: Uint8Array | undefined;
  /** What its last batch in the entry leads to (rule lastInEntry). */
  readonly after: ProducerState;
}

export interface AppendUpdate {
  readonly actions: readonly Action[];
  readonly condition: Condition;
}

/**
 * The one write of an append. It is refused where the partition is retired, the tail full, the entry already in the
 * tail (contains), the tail's start past what the writer had seen (fence), or a producer not as it was judged.
 */
export function appendUpdate(
  packedEntry: Uint8Array,
  recordCount: number,
  view: { readonly nextSeen: number; readonly spillsSeen: number },
  expectations: readonly Expectation[],
  limits: LogLimits,
): AppendUpdate {
  const producers = expectations.map(({ key, after }) =>
    set([HEAD.producers, key], packProducerState(after)),
  );
  const expected = expectations.map(({ key, packedState }) =>
    packedState ? equals([HEAD.producers, key], packedState) : absent([HEAD.producers, key]),
  );
  const reliesOnSpilled = expectations.some(({ packedState }) => packedState === undefined);
  return {
    actions: [add(HEAD.next, recordCount), append(HEAD.tail, [packedEntry]), ...producers],
    condition: all(
      absent(HEAD.retired),
      atMost(HEAD.tailStart, view.nextSeen),
      sizeBelow(HEAD.tail, limits.tailEntriesMax),
      notContains(HEAD.tail, packedEntry),
      ...expected,
      ...(reliesOnSpilled ? [equals(HEAD.spills, view.spillsSeen)] : []),
    ),
  };
}

/** How many more entries of this size a head takes in its first KB before somebody rolls it; at most `tailEntriesSoft`. */
export function entriesUntilRoll(view: Head, entryBytes: number, limits: LogLimits): number {
  const { tailEntriesSoft, headBytesSoft } = limits;
  const byCount = tailEntriesSoft - (view.tail.length % tailEntriesSoft);
  if (!isSmall(entryBytes, limits)) return byCount;
  const roomBytes = headBytesSoft - headBytes(view);
  return Math.min(byCount, Math.max(0, Math.floor(roomBytes / (entryBytes + 1))));
}

/**
 * Whether the append that led to `after` asks its writer to roll: its entry was the last of a dozen, or there is room for
 * one more of its size only (a roll takes two round trips, in which others append), or the head has grown past what it
 * may cost. Of entries that come one after the other one asks, as two rolls at a time are one in vain.
 */
export function crossesSoftLimit(after: Head, limits: LogLimits): boolean {
  const packed = after.tail.at(-1);
  if (!packed) return false;
  if (after.tail.length % limits.tailEntriesSoft === 0) return true;
  const { headBytesSoft } = limits;
  const bytes = headBytes(after);
  const [bytesBefore, wantedBytes] = [bytes - packed.length - 1, inlineLengthOf(packed, limits)];
  if (!isSmall(wantedBytes, limits))
    return Math.floor(bytes / headBytesSoft) > Math.floor(bytesBefore / headBytesSoft);
  const hadRoomFor = (bytesThen: number) => Math.floor((headBytesSoft - bytesThen) / (wantedBytes + 1));
  return hadRoomFor(bytes) <= 1 && hadRoomFor(bytesBefore) > 1;
}

/**
 * A roll costs two writes. Where at least four entries have room, that is less than to put those that no longer fit into
 * objects of their own, at a write each, until the tail is a dozen long (`npm run bench writers`).
 */
const isSmall = (entryBytes: number, { headBytesSoft }: LogLimits): boolean =>
  4 * entryBytes <= headBytesSoft - EMPTY_HEAD_BYTES;

/** Of a head without a tail and without producers. */
const EMPTY_HEAD_BYTES = 102;

/** What an entry would take with its batches in it, also where they are in an object for want of room. */
function inlineLengthOf(packed: Uint8Array, { inlineBytesMax }: LogLimits): number {
  const { inline, byteLength } = unpackTailEntry(packed);
  return inline || byteLength > inlineBytesMax ? packed.length : packed.length + byteLength;
}

/** The producers that a roll moves out of the head: the least recently used, once their states are too many bytes. */
export function chooseSpills(view: Head, limits: LogLimits): readonly string[] {
  const bytesOf = ([key, state]: [string, Uint8Array]) => key.length + state.length + 1;
  const byUse = Object.entries(view.producers);
  let bytes = byUse.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes <= limits.producersBytesMax) return [];
  const spills: string[] = [];
  byUse.sort(([, a], [, b]) => fenceOf(a) - fenceOf(b));
  for (const entry of byUse) {
    if (bytes <= limits.producersBytesMax / 2 || spills.length === SPILLS_AT_ONCE) break;
    spills.push(entry[0]);
    bytes -= bytesOf(entry);
  }
  return spills;
}

/** Each moved producer adds a guard and a removal to the cut's expression. */
const SPILLS_AT_ONCE = 32;

const fenceOf = (packedState: Uint8Array): number => unpackProducerState(packedState).fence;
