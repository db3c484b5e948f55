// Looking for the appends of other processes, for all in this process who wait for records: many partitions by one request.
import { LRUCache } from 'lru-cache';
import { HEADS_READ_AT_ONCE } from '../log/partitions.ts';
import type { KeyWatch } from '../base/key-watch.ts';
import type { Log } from '../log/log.ts';
import type { Head } from '../storage/schema/head.ts';

export interface HeadPollDeps {
  readonly log: Log;
  /** Told of the partitions whose end has moved, or whose topic is gone. */
  readonly watch: KeyWatch;
  /** How long a partition is not looked at, at first and at most; Infinity where no other process appends. */
  readonly pollMsMin: number;
  readonly pollMsMax: number;
}

/**
 * A process looks at no more than a thousand heads a second, however many partitions it waits for: half a read unit each,
 * which comes to $0.23 an hour at the most. Who waits for more than 500 idle partitions is told later than `pollMsMax`.
 */
const MS_PER_HEAD = 1;

/** Of partitions that nobody waits for just now. */
const ENDS_KEPT = 10_000;

/** The newest end that was seen of a partition, and since when it is the newest. */
interface SeenEnd {
  readonly next: number;
  readonly sinceMs: number;
}

interface Followed {
  waiters: number;
  dueAtMs: number;
}

/**
 * Owned by one broker. A partition is looked at again after as long as it has been idle, between the least and the most
 * pause: what it costs depends on how many partitions are waited for, and not on how many clients wait or how often they
 * ask. The looks are eventually consistent, and only wake: whoever is woken reads for itself.
 */
export class HeadPoll {
  readonly #deps: HeadPollDeps;
  readonly #seen = new LRUCache<string, SeenEnd>({ max: ENDS_KEPT });
  readonly #followed = new Map<string, Followed>();
  #isRunning = false;
  #mayPollAtMs = 0;
  #wake = new AbortController();
  #wakeAtMs = Infinity;

  constructor(deps: HeadPollDeps) {
    this.#deps = deps;
  }

  /** Looks at partitions, whose ends the caller has just seen, until the answered function is called. */
  follow(ends: ReadonlyMap<string, number>): () => void {
    const { log, pollMsMin } = this.#deps;
    if (pollMsMin === Infinity) return () => undefined;
    const nowMs = log.deps.clock.now();
    for (const [partitionId, next] of ends) this.#add(partitionId, next, nowMs);
    if (!this.#isRunning) void this.#run();
    else if (this.#earliestDueMs() < this.#wakeAtMs) this.#wake.abort();
    return () => {
      for (const partitionId of ends.keys()) this.#remove(partitionId);
      if (this.#followed.size === 0) this.#wake.abort();
    };
  }

  #add(partitionId: string, next: number, nowMs: number): void {
    this.#see(partitionId, next, nowMs);
    const followed = this.#followed.get(partitionId);
    if (followed) followed.waiters++;
    else this.#followed.set(partitionId, { waiters: 1, dueAtMs: nowMs + this.#pauseMs(partitionId, nowMs) });
  }

  #remove(partitionId: string): void {
    const followed = this.#followed.get(partitionId);
    if (followed && --followed.waiters === 0) this.#followed.delete(partitionId);
  }

  /** Answers whether the end has moved. */
  #see(partitionId: string, next: number, nowMs: number): boolean {
    const seen = this.#seen.get(partitionId);
    if (seen && seen.next >= next) return false;
    this.#seen.set(partitionId, { next, sinceMs: nowMs });
    return true;
  }

  #pauseMs(partitionId: string, nowMs: number): number {
    const { pollMsMin, pollMsMax } = this.#deps;
    const idleMs = nowMs - (this.#seen.get(partitionId)?.sinceMs ?? nowMs);
    return Math.min(pollMsMax, Math.max(pollMsMin, idleMs));
  }

  #earliestDueMs(): number {
    let earliestMs = Infinity;
    for (const { dueAtMs } of this.#followed.values()) earliestMs = Math.min(earliestMs, dueAtMs);
    return Math.max(earliestMs, this.#mayPollAtMs);
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps.log.deps;
    this.#isRunning = true;
    while (this.#followed.size > 0) {
      const nowMs = clock.now();
      this.#wakeAtMs = this.#earliestDueMs();
      if (this.#wakeAtMs <= nowMs) {
        await this.#poll(nowMs);
      } else {
        this.#wake = new AbortController();
        await clock.sleep(this.#wakeAtMs - nowMs, this.#wake.signal);
      }
    }
    this.#isRunning = false;
  }

  async #poll(nowMs: number): Promise<void> {
    const { log, pollMsMax } = this.#deps;
    const partitionIds = this.#due(nowMs);
    // A store that fails is asked again; those who wait learn of it by their own reads, or wait in vain as long as they wish.
    const heads = await log.heads(partitionIds, { consistent: false }).catch(() => undefined);
    const seenMs = log.deps.clock.now();
    this.#mayPollAtMs = seenMs + partitionIds.length * MS_PER_HEAD;
    for (const [at, partitionId] of partitionIds.entries()) {
      if (heads) this.#tell(partitionId, heads[at], seenMs);
      const followed = this.#followed.get(partitionId);
      if (followed) followed.dueAtMs = seenMs + (heads ? this.#pauseMs(partitionId, seenMs) : pollMsMax);
    }
  }

  /** Those whose pause is over or nearly so, which saves requests; the longest overdue first, so that all have their turn. */
  #due(nowMs: number): readonly string[] {
    return [...this.#followed]
      .filter(([partitionId, { dueAtMs }]) => dueAtMs <= nowMs + this.#pauseMs(partitionId, nowMs) / 4)
      .sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs)
      .slice(0, HEADS_READ_AT_ONCE)
      .map(([partitionId]) => partitionId);
  }

  #tell(partitionId: string, head: Head | undefined, nowMs: number): void {
    if (!head || this.#see(partitionId, head.next, nowMs)) this.#deps.watch.notify(partitionId);
  }
}
