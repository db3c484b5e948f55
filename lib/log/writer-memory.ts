// What one process remembers of a partition between its commits: the last view of the head, and spilled states it read.
import { headKey, readHead, type Head } from '../storage/schema/head.ts';
import { spilledKey, spilledState, type ProducerState } from '../storage/schema/producer-state.ts';
import { getHead } from './partitions.ts';
import type { LogDeps } from './log-deps.ts';

const SPILLED_STATES_KEPT = 1000;

/** Owned by one writer. Everything in it may be old, and an append that relies on it is checked by its condition. */
export class WriterMemory {
  readonly partitionId: string;
  #view: Head | undefined;
  #viewAtMs = 0;
  /** Records per millisecond that others were seen to append; 0 for a lone writer. */
  #othersRate = 0;
  #recordsPerEntry = 1;
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
    if (last) {
      const elapsedMs = Math.max(1, nowMs - this.#viewAtMs);
      this.#othersRate = (view.next - last.next - ownRecords) / elapsedMs;
    }
    if (ownRecords > 0) this.#recordsPerEntry = ownRecords;
    this.#view = view;
    this.#viewAtMs = nowMs;
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
    const entriesSince = ((clock.now() - this.#viewAtMs) * this.#othersRate) / this.#recordsPerEntry;
    if (this.#view && entriesSince <= limits.tailEntriesSoft) return this.#view;
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
