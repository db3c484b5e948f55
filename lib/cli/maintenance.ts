// What the embedded server does beside serving: sealing, and removing what is sealed, expired or of deleted topics.
import { toBrokerError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { collectSealed } from '../log/collect.ts';
import type { Log } from '../log/log.ts';
import type { EmbeddedItemStore } from '../storage/embedded/embedded-item-store.ts';
import type { ObjectStore } from '../storage/ports/object-store.ts';
import { HOT_PREFIX } from '../storage/schema/object-key.ts';

/** Between two looks at all partitions; one that has a segment's worth of records is sealed at once. */
const PASS_EVERY_MS = 60_000;

/** Sealed pages stay so long for a write that is under way; one is given up after 15 minutes. */
const SEALED_GRACE_MS = 60 * 60_000;

/** Objects that one pass looks at. */
const OBJECTS_PER_PASS = 10_000;

export interface MaintenanceDeps {
  readonly log: Log;
  readonly items: EmbeddedItemStore;
  /** Where the large ones of the log's objects are: the small ones expire as items. */
  readonly files: ObjectStore;
  readonly clock: Clock;
  /** All partitions of all topics. */
  readonly partitionIds: () => Promise<readonly string[]>;
  /** Removes some of what deleted topics left. */
  readonly collectTopics: () => Promise<void>;
  readonly onSealed: (partitionId: string, segments: number, bytes: number) => void;
  /** A failure is nobody's loss: the next pass does the work. */
  readonly onError: (what: string, error: unknown) => void;
}

/** Runs passes until it is stopped. */
export class Maintenance {
  readonly #deps: MaintenanceDeps;
  readonly #stopping = new AbortController();
  readonly #due = new Set<string>();
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
  }

  /** Begins with a pass over everything. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Asks for a partition to be sealed soon. */
  sealSoon(partitionId: string): void {
    this.#due.add(partitionId);
    this.#wake.abort();
  }

  /** Resolves when the step under way is done; no other begins. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      await this.pass();
      const nextPassMs = this.#deps.clock.now() + PASS_EVERY_MS;
      while (!this.#isStopping && (await this.#isWokenBefore(nextPassMs))) await this.#sealDue();
    }
  }

  async #isWokenBefore(deadlineMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    if (this.#due.size > 0) return true;
    this.#wake = new AbortController();
    if (this.#isStopping) return false;
    await clock.sleep(Math.max(0, deadlineMs - clock.now()), this.#wake.signal);
    return this.#due.size > 0;
  }

  async #sealDue(): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    for (const partitionId of due) {
      if (!this.#isStopping) await this.#attempt(`sealing ${partitionId}`, () => this.#seal(partitionId));
    }
  }

  /** One look at everything. Never throws. */
  async pass(): Promise<void> {
    const { partitionIds, collectTopics, clock, log } = this.#deps;
    const all = await this.#attempt('listing the topics', partitionIds);
    let oldestUnsealedMs = all === undefined ? Infinity : 0;
    for (const partitionId of all ?? []) {
      if (this.#isStopping) return;
      const age = await this.#attempt(`sealing ${partitionId}`, () => this.#seal(partitionId));
      oldestUnsealedMs = Math.max(oldestUnsealedMs, age ?? Infinity);
    }
    await this.#attempt('collecting deleted topics', collectTopics);
    // Expiry goes by the clock. A server that was off for weeks must seal first what expired meanwhile.
    if (this.#isStopping || oldestUnsealedMs > log.deps.limits.unsealedAgeMaxMs) return;
    await this.#attempt('removing what has expired', () => this.#expire(clock.now()));
  }

  /** Answers the age of the oldest record that is in no segment. */
  async #seal(partitionId: string): Promise<number> {
    const { log, onSealed } = this.#deps;
    for (;;) {
      const { segments, bytes, sealedEnd, oldestUnsealedAgeMs } = await log.seal(partitionId);
      if (segments > 0) onSealed(partitionId, segments, bytes);
      await collectSealed(log.deps, partitionId, { sealedEnd, graceMs: SEALED_GRACE_MS });
      if (segments === 0 || this.#isStopping) return oldestUnsealedAgeMs;
    }
  }

  /** Items by their expiry, and hot objects as a bucket's lifecycle rule does it. */
  async #expire(nowMs: number): Promise<void> {
    const { items, files, log } = this.#deps;
    await items.removeExpired(nowMs);
    const entries = await files.list(HOT_PREFIX, undefined, OBJECTS_PER_PASS);
    const old = entries.filter(({ lastModifiedMs }) => lastModifiedMs + log.deps.limits.hotExpiryMs < nowMs);
    await files.delete(old.map(({ key }) => key));
  }

  async #attempt<T>(what: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      // A topic that was deleted between the list and the look is no failure.
      if (toBrokerError(error).code !== 'UNKNOWN_TOPIC_ID') this.#deps.onError(what, error);
      return undefined;
    }
  }
}
