// Group commit: writes that are called at about the same time are decided one after the other and made durable at once.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import { CommitGroup } from './commit-group.ts';
import type { ItemTables } from './item-tables.ts';

/** A commit holds the event loop: so much of it at a time. */
const GROUP_WRITES_MAX = 512;
const GROUP_BYTES_MAX = 4 * 1024 * 1024;

/** What a write comes to, once its group is durable. */
export interface Outcome<Result> {
  readonly result: Result;
  /** Runs when the group is durable, before any of its writes is answered. */
  readonly onDurable?: () => void;
}

interface Pending {
  readonly decide: (group: CommitGroup) => Outcome<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes in the order in which they were called, committed in groups by one writer. Owns nothing to close. */
export class CommitQueue {
  readonly #tables: ItemTables;
  readonly #soon: (run: () => void) => void;
  #pending: Pending[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(tables: ItemTables, soon: (run: () => void) => void) {
    this.#tables = tables;
    this.#soon = soon;
  }

  /**
   * Runs `decide` in the next group, which stages its changes there or throws and has staged nothing. Answers when the
   * group is durable. Where the commit fails, all of the group fail with its error: they may have seen one another.
   */
  run<Result>(decide: (group: CommitGroup) => Outcome<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise<Result>((resolve, reject) => {
      this.#pending.push({ decide, resolve: resolve as (result: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Commits what was called before, and takes no more. */
  close(): void {
    this.#isClosed = true;
    while (this.#pending.length > 0) this.#commitGroup();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#soon(() => {
      this.#isScheduled = false;
      if (this.#pending.length > 0) this.#commitGroup();
      if (this.#pending.length > 0) this.#schedule();
    });
  }

  #commitGroup(): void {
    const group = new CommitGroup(this.#tables);
    const decided: (readonly [Pending, Outcome<unknown>])[] = [];
    let taken = 0;
    for (const pending of this.#pending) {
      if (taken === GROUP_WRITES_MAX || group.bytes >= GROUP_BYTES_MAX) break;
      taken++;
      try {
        decided.push([pending, pending.decide(group)]);
      } catch (error) {
        pending.reject(error);
      }
    }
    this.#pending = this.#pending.slice(taken);
    this.#commit(group, decided);
  }

  #commit(group: CommitGroup, decided: readonly (readonly [Pending, Outcome<unknown>])[]): void {
    try {
      if (group.changes.length > 0) this.#tables.commit(group.changes);
    } catch (error) {
      for (const [{ reject }] of decided) reject(toBrokerError(error));
      return;
    }
    for (const [, { onDurable }] of decided) onDurable?.();
    for (const [{ resolve }, { result }] of decided) resolve(result);
  }
}

/** What a store says that was closed. */
export function closedError(): BrokerError {
  return new BrokerError('KAFKA_STORAGE_ERROR', 'the store is closed', { retriable: false });
}
