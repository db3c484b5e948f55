// What one process remembers of a partition between its commits: the last view of the head, and spilled states it read.
import { headKey, readHead, type Head } from '../storage/schema/head.ts';
import { spilledKey, spilledState, type ProducerState } from '../storage/schema/producer-state.ts';
import { entriesUntilRoll } from './head-state.ts';
import { getHead } from './partitions.ts';
import type { LogDeps } from './log-deps.ts';

const SPILLED_STATES_KEPT = 1000;

/** What was seen of others counts half after so long: long beside the pauses of those who come back several times a second. */
const RATE_HALF_LIFE_MS = 10_000;

/**
 * A view is read anew when so much of what the tail had room for has probably been used since. A read costs a tenth of a
 * refused write, so that even an unlikely refusal is worth it: three times the expected entries come in 2 of 100 cases.
 */
const ROOM_SHARE_MAX = 1 / 3;

/** Owned by one writer. Everything in it may be old, and an append that relies on it is checked by its condition. */
export class WriterMemory {
  readonly partitionId: string;
  #view: Head | undefined;
  #viewAtMs = 0;
  /** Records that others were seen to append, and how long they were watched: the older, the less they count. */
  #othersRecords = 0;
  #watchedMs = 0;
  #recordsPerEntry = 1;
  #entryBytes = 0;
  readonly #spilled = new Map<
    string,
    { readonly spills: number; readonly state: ProducerState | undefined }
  >();

  constructor(partitionId: string) {
    this.partitionId = partitionId;
  }

  get view(): Head | undefined {
    return this.#view;
  }

  /** Keeps the newer of two views, and learns how busy others are. `ownRecords`: of this writer among the new ones. */
  remember(view: Head, nowMs: number, ownRecords = 0): void {
    const last = this.#view;
    if (last && (view.next < last.next || (view.next === last.next && view.tailStart < last.tailStart)))
      return;
    if (last) this.#watch(view.next - last.next - ownRecords, Math.max(1, nowMs - this.#viewAtMs));
    if (ownRecords > 0) {
      this.#recordsPerEntry = ownRecords;
      this.#entryBytes = view.tail.at(-1)?.length ?? 0;
    }
    this.#view = view;
    this.#viewAtMs = nowMs;
  }

  /** Sums, and no rate of the last interval alone: between two views of one append there is often nobody else. */
  #watch(othersRecords: number, elapsedMs: number): void {
    const weight = 0.5 ** (elapsedMs / RATE_HALF_LIFE_MS);
    this.#othersRecords = this.#othersRecords * weight + othersRecords;
    this.#watchedMs = this.#watchedMs * weight + elapsedMs;
  }

  /** How many entries others have probably appended since the view. One more is supposed than was seen, for want of sight. */
  #entriesSince(nowMs: number): number {
    if (this.#watchedMs === 0) return 0;
    const seen = this.#othersRecords / this.#recordsPerEntry + 1;
    return (seen / this.#watchedMs) * (nowMs - this.#viewAtMs);
  }

  forget(): void {
    this.#view = undefined;
  }

  /**
   * A view to begin a commit with. It may be old (an older `next` is a valid fence), but one so old that the tail has
   * probably been rolled since is read anew, eventually consistent: that costs half a read instead of a refused write.
   */
  async firstView(deps: LogDeps): Promise<Head> {
    const { items, clock, limits } = deps;
    const known = this.#view;
    const room = known ? entriesUntilRoll(known, this.#entryBytes, limits) : 0;
    if (known && this.#entriesSince(clock.now()) <= room * ROOM_SHARE_MAX) return known;
    const item = await items.get('heads', headKey(this.partitionId), { consistent: false });
    const head = item && readHead(item);
    const view = head && !head.isRetired ? head : await getHead(items, this.partitionId);
    this.remember(view, clock.now());
    return this.#view && this.#view.next >= view.next ? this.#view : view;
  }

  /**
   * The state in a producer's spilled row, read (consistently) after `view`; what was read under the same `spills` is
   * used again, as a row only counts once a cut has raised them.
   */
  async spilledStateOf(deps: LogDeps, key: string, view: Head): Promise<ProducerState | undefined> {
    if (view.spills === 0) return undefined;
    const known = this.#spilled.get(key);
    if (known?.spills === view.spills) return known.state;
    const item = await deps.items.get('producers', spilledKey(this.partitionId, key));
    const state = item && spilledState(item, deps.clock.now());
    if (this.#spilled.size >= SPILLED_STATES_KEPT) this.#spilled.clear();
    this.#spilled.set(key, { spills: view.spills, state });
    return state;
  }
}
