// Commits what was processed, by itself: after a time, after a number of records, and before partitions are given up.
import { type BrokerError, toBrokerError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { Wakeup } from '../wakeup.ts';
import type { DueCommit } from './committer.ts';
import type { PartitionReader } from './partition-reader.ts';

/** When to commit. */
export interface CommitSchedule {
  readonly isEnabled: boolean;
  readonly intervalMs: number;
  /** Records processed. */
  readonly threshold: number;
}

export interface AutoCommitOptions {
  readonly clock: Clock;
  readonly schedule: CommitSchedule;
  readonly readers: () => readonly PartitionReader[];
  /** Commits what `due` answers when it comes to it. Throws the first error, of the request or of a partition. */
  readonly commit: (due: () => readonly DueCommit[]) => Promise<void>;
  /** What is not committed now is committed the next time, or its records come again. */
  readonly onError: (error: BrokerError) => void;
}

/** Owned by one consumer; ends with `stop`. */
export class AutoCommit {
  readonly #options: AutoCommitOptions;
  readonly #stopping = new AbortController();
  readonly #due = new Wakeup();
  #schedule: CommitSchedule;
  #processed = 0;
  #running: Promise<void> | undefined;

  constructor(options: AutoCommitOptions) {
    this.#options = options;
    this.#schedule = options.schedule;
  }

  /** Begins to look at the clock. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Goes by this schedule from now on. */
  reschedule(schedule: CommitSchedule): void {
    this.#schedule = schedule;
    this.#due.wake();
  }

  /** Resolves when the commit under way is done; no other begins by itself. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** So many more records are processed. */
  count(records: number): void {
    this.#processed += records;
    if (this.#isDue()) this.#due.wake();
  }

  /** What is processed and not committed of these partitions. */
  uncommitted(readers: readonly PartitionReader[] = this.#options.readers()): readonly DueCommit[] {
    return readers.flatMap((reader) => reader.dueAt(reader.processed));
  }

  /** Commits these partitions now, unless nothing is to be committed by itself. Never throws. */
  async commitNow(readers: readonly PartitionReader[] = this.#options.readers()): Promise<void> {
    if (!this.#schedule.isEnabled) return;
    // Also where others have committed it: else it would be due for ever.
    this.#processed = 0;
    if (this.uncommitted(readers).length === 0) return;
    try {
      // Nothing by itself any more where it was said so before its turn.
      await this.#options.commit(() => (this.#schedule.isEnabled ? this.uncommitted(readers) : []));
    } catch (error) {
      this.#options.onError(toBrokerError(error));
    }
  }

  /** Commits what is processed of these partitions. Throws the first error, of the request or of a partition. */
  async commit(readers: readonly PartitionReader[] = this.#options.readers()): Promise<void> {
    await this.#options.commit(() => this.uncommitted(readers));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (!this.#isDue()) await this.#wait(signal);
      await this.commitNow();
    }
  }

  #isDue(): boolean {
    const { isEnabled, threshold } = this.#schedule;
    return isEnabled && this.#processed >= threshold;
  }

  /** Until the time is over, the count is reached, or another schedule is given. */
  async #wait(signal: AbortSignal): Promise<void> {
    const { isEnabled, intervalMs } = this.#schedule;
    const turn = new AbortController();
    const either = AbortSignal.any([signal, turn.signal]);
    const due = this.#due.wait(either);
    await (isEnabled ? Promise.race([this.#options.clock.sleep(intervalMs, either), due]) : due);
    turn.abort();
  }
}
