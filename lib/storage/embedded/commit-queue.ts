// Group commit: writes that are called at about the same time are decided one after the other and made durable at once. While
// one sync of the disk is under way, the next groups are committed already; readers see what is durable only.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import { CommitGroup } from './commit-group.ts';
import type { ItemTables } from './item-tables.ts';
import type { Item, ItemKey, TableName } from '../ports/item-store.ts';

/** A commit holds the event loop: so much of it at a time. */
const GROUP_WRITES_MAX = 512;
const GROUP_BYTES_MAX = 4 * 1024 * 1024;

/** What a write comes to. */
export interface Outcome<Result> {
  readonly result: Result;
  /** Runs when the group is committed, before any of its writes is answered. */
  readonly onCommitted?: () => void;
}

/**
 * When a write is answered. `in-order`: when it is committed, so that it will be durable no later than any write that is
 * called from then on; alone it may be lost to a power failure.
 */
export type AnsweredWhen = 'durable' | 'in-order';

interface Pending {
  readonly decide: (group: CommitGroup) => Outcome<unknown>;
  readonly when: AnsweredWhen;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Decided = readonly [Pending, Outcome<unknown>];

/** A group that is committed and not known to be durable, with what is to be answered then. */
interface Unsynced {
  readonly group: CommitGroup;
  readonly decided: readonly Decided[];
}

/** Writes in the order in which they were called, committed in groups by one writer. Owns nothing to close. */
export class CommitQueue {
  readonly #tables: ItemTables;
  readonly #soon: (run: () => void) => void;
  #pending: Pending[] = [];
  #unsynced: Unsynced[] = [];
  /** Reads that wait until all is durable. No group is committed meanwhile, so that they need not wait for long. */
  #reads: (() => void)[] = [];
  #syncing: Promise<void> | undefined;
  #isScheduled = false;
  #isClosed = false;
  #failure: BrokerError | undefined;

  constructor(tables: ItemTables, soon: (run: () => void) => void) {
    this.#tables = tables;
    this.#soon = soon;
  }

  /**
   * Runs `decide` in the next group, which stages its changes there or throws and has staged nothing. Answers when the
   * group is durable. Where the commit fails, all of the group fail with its error: they may have seen one another.
   */
  run<Result>(
    decide: (group: CommitGroup) => Outcome<Result>,
    when: AnsweredWhen = 'durable',
  ): Promise<Result> {
    const refusal = this.#refusal();
    if (refusal) return Promise.reject(refusal);
    return new Promise<Result>((resolve, reject) => {
      this.#pending.push({ decide, when, resolve: resolve as (result: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** The durable item under a key; the caller's own. Throws where the queue is closed. */
  read(table: TableName, key: ItemKey): Item | undefined {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    for (const { group } of this.#unsynced) {
      const before = group.before(table, key);
      if (before) return before.item;
    }
    return this.#tables.read(table, key);
  }

  /** Runs `read` of one table, or of one of its partition keys, when what it holds is durable. */
  async readAll<Result>(table: TableName, pk: string | undefined, read: () => Result): Promise<Result> {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    if (!this.#unsynced.some(({ group }) => group.touches(table, pk))) return read();
    await new Promise<void>((resolve) => {
      this.#reads.push(resolve);
      this.#startSync();
    });
    if (this.#failure) throw this.#failure;
    // Nothing was committed since: commits are no microtasks.
    return read();
  }

  /** Commits what was called before, takes no more, and resolves when all of it is answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#pending.length > 0) this.#commitGroup();
    while (this.#syncing) await this.#syncing;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #refusal(): BrokerError | undefined {
    return this.#isClosed ? closedError() : this.#failure;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#soon(() => {
      this.#isScheduled = false;
      if (this.#reads.length > 0) return;
      if (this.#pending.length > 0) this.#commitGroup();
      if (this.#pending.length > 0) this.#schedule();
    });
  }

  #commitGroup(): void {
    const group = new CommitGroup(this.#tables);
    const decided: Decided[] = [];
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

  #commit(group: CommitGroup, decided: readonly Decided[]): void {
    try {
      if (this.#failure) throw this.#failure;
      if (group.changes.length > 0) this.#tables.commit(group.changes);
    } catch (error) {
      reject(decided, toBrokerError(error));
      return;
    }
    for (const [, { onCommitted }] of decided) onCommitted?.();
    // What changes nothing may still tell of changes that are not durable yet.
    const isDurable = !this.#tables.sync || (group.changes.length === 0 && this.#unsynced.length === 0);
    if (isDurable) {
      answer(decided);
      return;
    }
    answer(decided.filter(([{ when }]) => when === 'in-order'));
    const waiting = decided.filter(([{ when }]) => when === 'durable');
    this.#unsynced.push({ group, decided: waiting });
    if (waiting.length > 0) this.#startSync();
  }

  #startSync(): void {
    this.#syncing ??= this.#syncAll().finally(() => {
      this.#syncing = undefined;
      // Somebody may have come since the last look.
      if (this.#isSyncDue) this.#startSync();
      else for (const read of this.#reads.splice(0)) read();
      if (this.#pending.length > 0) this.#schedule();
    });
  }

  /** Whether anybody waits for what is committed to be durable. */
  get #isSyncDue(): boolean {
    if (this.#unsynced.length === 0 || this.#failure) return false;
    return this.#reads.length > 0 || this.#unsynced.some(({ decided }) => decided.length > 0);
  }

  /** One sync after the other, each for all that was committed by then. */
  async #syncAll(): Promise<void> {
    while (this.#isSyncDue) {
      const covered = this.#unsynced.length;
      try {
        await this.#tables.sync?.();
      } catch (error) {
        this.#fail(toBrokerError(error));
        return;
      }
      const synced = this.#unsynced.slice(0, covered);
      this.#unsynced = this.#unsynced.slice(covered);
      for (const { decided } of synced) answer(decided);
    }
  }

  /** Groups that are not known to be durable stay where they are: what they changed is not shown. */
  #fail(error: BrokerError): void {
    this.#failure = error.restated({ outcome: 'not-applied', field: undefined });
    for (const { decided } of this.#unsynced) reject(decided, error);
  }
}

function answer(decided: readonly Decided[]): void {
  for (const [{ resolve }, { result }] of decided) resolve(result);
}

function reject(decided: readonly Decided[], error: BrokerError): void {
  for (const [pending] of decided) pending.reject(error);
}

/** What a store says that was closed. */
export function closedError(): BrokerError {
  return new BrokerError('KAFKA_STORAGE_ERROR', 'the store is closed', { retriable: false });
}
