// What the embedded server does beside serving: sealing, and removing what is sealed, expired or of deleted topics.
import { toBrokerError } from '../base/errors.ts';
import { sweep } from '../broker/sweep.ts';
import { collectSealed } from '../log/collect.ts';
import type { Log } from '../log/log.ts';
import { getHead } from '../log/partitions.ts';
import type { SealResult } from '../log/seal.ts';
import type { EmbeddedItemStore } from '../storage/embedded/embedded-item-store.ts';
import type { ObjectStore } from '../storage/ports/object-store.ts';
import { HOT_PREFIX } from '../storage/schema/object-key.ts';
import { eachPartition } from './each-partition.ts';

/** Between two looks at all partitions; one that has a segment's worth of records is sealed at once. */
const PASS_EVERY_MS = 60_000;

/** Between two removals of what is sealed or expired: each looks at all pages and hot files. */
const COLLECT_EVERY_MS = 15 * 60_000;

/** Sealed pages stay so long for a write that is under way; one is given up after 15 minutes. */
const SEALED_GRACE_MS = 60 * 60_000;

/** Between two passes sealing takes one part of the time in so many: who writes waits for the same disk and processor. */
const SEALING_SHARE = 4;

/** Objects that one `list` answers. */
const OBJECTS_AT_ONCE = 1_000;

export interface MaintenanceDeps {
  readonly log: Log;
  readonly items: EmbeddedItemStore;
  /** Where the large ones of the log's objects are: the small ones expire as items. */
  readonly files: ObjectStore;
  /** Carries deletions of topics on, as far as one step goes. */
  readonly collectTopics: () => Promise<unknown>;
  /** Carries consumer groups past their deadlines, and removes what of them is over. */
  readonly sweepGroups: () => Promise<unknown>;
  readonly onSealed: (partitionId: string, result: SealResult) => void;
  /** A failure is nobody's loss: the next pass does the work. */
  readonly onError: (what: string, error: unknown) => void;
}

/** Runs passes until it is stopped. */
export class Maintenance {
  readonly #deps: MaintenanceDeps;
  readonly #stopping = new AbortController();
  readonly #due = new Set<string>();
  #wake = new AbortController();
  #collectAtMs = 0;
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

  /** One look at everything. Never throws. */
  async pass(): Promise<void> {
    const { log, collectTopics, sweepGroups } = this.#deps;
    const { clock, limits } = log.deps;
    const swept = await this.#attempt('sealing', () => this.#sweep());
    if (this.#isStopping()) return;
    await this.#attempt('collecting deleted topics', collectTopics);
    await this.#attempt('sweeping groups', sweepGroups);
    if (this.#isStopping() || clock.now() < this.#collectAtMs) return;
    this.#collectAtMs = clock.now() + COLLECT_EVERY_MS;
    await this.#attempt('removing what is sealed', () => this.#collect());
    // Expiry goes by the clock. A server that was off for weeks must seal first what expired meanwhile.
    const isAllSealed = swept?.isComplete === true && swept.failures === 0;
    if (this.#isStopping() || !isAllSealed || swept.oldestUnsealedAgeMs > limits.unsealedAgeMaxMs) return;
    await this.#attempt('removing what has expired', () => this.#expire(clock.now()));
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps.log.deps;
    while (!this.#isStopping()) {
      await this.pass();
      const nextPassMs = clock.now() + PASS_EVERY_MS;
      while (!this.#isStopping() && (await this.#isWokenBefore(nextPassMs))) await this.#sealDue(nextPassMs);
    }
  }

  async #isWokenBefore(deadlineMs: number): Promise<boolean> {
    const { clock } = this.#deps.log.deps;
    if (clock.now() >= deadlineMs) return false;
    if (this.#due.size > 0) return true;
    this.#wake = new AbortController();
    if (this.#isStopping()) return false;
    await clock.sleep(Math.max(0, deadlineMs - clock.now()), this.#wake.signal);
    return this.#due.size > 0;
  }

  async #sealDue(untilMs: number): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    for (const partitionId of due) {
      if (!this.#isStopping())
        await this.#attempt(`sealing ${partitionId}`, () => this.#seal(partitionId, untilMs));
    }
  }

  /** One bounded step and a pause; where there is more, its turn comes again. The next pass seals all without a pause. */
  async #seal(partitionId: string, untilMs: number): Promise<void> {
    const { clock } = this.#deps.log.deps;
    const beganAtMs = clock.now();
    const result = await this.#deps.log.seal(partitionId);
    this.#report(partitionId, result);
    if (result.segments === 0) return;
    this.#due.add(partitionId);
    const endedAtMs = clock.now();
    const pauseMs = Math.min((endedAtMs - beganAtMs) * (SEALING_SHARE - 1), untilMs - endedAtMs);
    if (pauseMs > 0) await clock.sleep(pauseMs, this.#stopping.signal);
  }

  #sweep() {
    return sweep(this.#deps.log, {
      isStopping: () => this.#isStopping(),
      onSealed: (partitionId, result) => {
        this.#report(partitionId, result);
      },
      onError: (partitionId, error) => {
        this.#deps.onError(`sealing ${partitionId}`, error);
      },
    });
  }

  #report(partitionId: string, result: SealResult): void {
    if (result.segments > 0) this.#deps.onSealed(partitionId, result);
  }

  async #collect(): Promise<void> {
    const { deps } = this.#deps.log;
    for await (const { partitionId } of eachPartition(deps.items)) {
      if (this.#isStopping()) return;
      await this.#attempt(`removing what is sealed of ${partitionId}`, async () => {
        const { sealedEnd } = await getHead(deps.items, partitionId);
        while ((await collectSealed(deps, partitionId, { sealedEnd, graceMs: SEALED_GRACE_MS })) > 0);
      });
    }
  }

  /** Items by their expiry, and hot objects as a bucket's lifecycle rule does it. */
  async #expire(nowMs: number): Promise<void> {
    const { items, files, log } = this.#deps;
    await items.removeExpired(nowMs);
    let after: string | undefined;
    do {
      const entries = await files.list(HOT_PREFIX, after, OBJECTS_AT_ONCE);
      const old = entries.filter(
        ({ lastModifiedMs }) => lastModifiedMs + log.deps.limits.hotExpiryMs < nowMs,
      );
      await files.delete(old.map(({ key }) => key));
      after = entries.length === OBJECTS_AT_ONCE ? entries.at(-1)?.key : undefined;
    } while (after !== undefined && !this.#isStopping());
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
