// Commits what was processed, by itself: after a time, after a number of records, and before partitions are given up.
import { type BrokerError, toBrokerError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { CommittedPartition, OffsetCommit } from '../../groups/groups.ts';
import { Wakeup } from '../wakeup.ts';
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
  /** Commits what `offsets` answers when it comes to it. */
  readonly commit: (offsets: () => readonly OffsetCommit[]) => Promise<readonly CommittedPartition[]>;
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
  uncommitted(readers: readonly PartitionReader[] = this.#options.readers()): readonly OffsetCommit[] {
    return readers.flatMap(({ topic, topicId, partition, processed, committed, isAbandoned }) =>
      isAbandoned || processed === undefined || processed === committed
        ? []
        : [{ topic, partition, offset: processed, ...(topicId !== undefined && { topicId }) }],
    );
  }

  /** Commits these partitions now, unless nothing is to be committed by itself. Never throws. */
  async commitNow(readers: readonly PartitionReader[] = this.#options.readers()): Promise<void> {
    if (!this.#schedule.isEnabled) return;
    // Also where others have committed it: else it would be due for ever.
    this.#processed = 0;
    if (this.uncommitted(readers).length === 0) return;
    try {
      await this.commit(readers);
    } catch (error) {
      this.#options.onError(toBrokerError(error));
    }
  }

  /** Commits what is processed of these partitions. Throws the first error, of the request or of a partition. */
  async commit(readers: readonly PartitionReader[] = this.#options.readers()): Promise<void> {
    let sent: readonly OffsetCommit[] = [];
    const results = await this.#options.commit(() => (sent = this.uncommitted(readers)));
    for (const [at, { error }] of results.entries())
      if (error === undefined) noteCommitted(readers, sent[at]);
    const refused = results.find(({ error }) => error !== undefined);
    if (refused?.error !== undefined) throw refused.error;
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

function noteCommitted(readers: readonly PartitionReader[], offset: OffsetCommit | undefined): void {
  const reader = readers.find((one) => one.topic === offset?.topic && one.partition === offset.partition);
  if (offset !== undefined) reader?.noteCommitted(offset.offset);
}
