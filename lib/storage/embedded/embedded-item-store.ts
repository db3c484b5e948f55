// The table port in one process, over tables of committed items: conditions are decided in memory, one writer commits.
import { assert } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import { EXPIRES_ATTRIBUTE, TABLES } from '../schema/tables.ts';
import {
  checkActions,
  checkKey,
  checkKeys,
  checkTransact,
  keyOf,
  TRANSACT_BYTES_MAX,
  transactKey,
} from '../item-checks.ts';
import { CommitQueue, type AnsweredWhen, type Outcome } from './commit-queue.ts';
import { decideWrite, isChange, usageOf, type Decision, type UsageKind } from './decide-write.ts';
import { digestOf, RecentRequests } from './recent-requests.ts';
import type { Clock } from '../../base/clock.ts';
import type { Action } from '../ports/action.ts';
import type { Condition } from '../ports/condition.ts';
import type {
  Item,
  ItemKey,
  QueryOptions,
  ScanOptions,
  TableName,
  TransactResult,
  TransactWrite,
  WriteResult,
} from '../ports/item-store.ts';
import type { ObservableItemStore, WriteUsage } from '../item-usage.ts';
import type { CommitGroup } from './commit-group.ts';
import type { ItemTables } from './item-tables.ts';

const SINGLE: UsageKind = { isTransactional: false, isCancelled: false };

/** Expired items that one commit removes. */
const EXPIRED_PER_COMMIT = 200;

export interface EmbeddedItemStoreOptions {
  /** For the ten minutes that request ids are remembered. */
  readonly clock: Clock;
  /** Runs a function soon. All writes that were called by then are committed together. */
  readonly soon: (run: () => void) => void;
}

/**
 * The table port over `tables`, which it owns. Writes called at the same time share one commit, in the order of the
 * calls, and are answered when that commit is durable; what they are given must stay as it is until then. A commit that
 * fails fails all its writes, with the outcome that the tables tell, and the store goes on. Reads see committed items only.
 */
export class EmbeddedItemStore implements ObservableItemStore {
  readonly #tables: ItemTables;
  readonly #queue: CommitQueue;
  readonly #requests: RecentRequests;
  readonly #observers: ((write: WriteUsage) => void)[] = [];
  #closing: Promise<void> | undefined;

  constructor(tables: ItemTables, { clock, soon }: EmbeddedItemStoreOptions) {
    this.#tables = tables;
    this.#queue = new CommitQueue(tables, soon);
    this.#requests = new RecentRequests(clock);
  }

  observeWrites(observer: (write: WriteUsage) => void): void {
    this.#observers.push(observer);
  }

  async get(table: TableName, key: ItemKey): Promise<Item | undefined> {
    checkKey(table, key);
    return Promise.resolve(this.#queue.read(table, key));
  }

  async getMany(table: TableName, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
    checkKeys(table, keys);
    return Promise.resolve(keys.map((key) => this.#queue.read(table, key)));
  }

  async query(table: TableName, pk: string, options: QueryOptions): Promise<readonly Item[]> {
    checkLimit(options.limit);
    assert(!options.between || TABLES[table].hasSortKey, `table ${table} has no sort key`);
    return this.#queue.readAll(table, pk, () => this.#tables.query(table, pk, options));
  }

  async scan(
    table: TableName,
    options: ScanOptions,
  ): Promise<{ readonly items: readonly Item[]; readonly after?: ItemKey }> {
    checkLimit(options.limit);
    return this.#queue.readAll(table, undefined, () => {
      const items = this.#tables.scan(table, options);
      const last = items.at(-1);
      return last && items.length === options.limit ? { items, after: keyOf(table, last) } : { items };
    });
  }

  async put(table: TableName, item: Item, condition?: Condition): Promise<WriteResult> {
    return this.#write({ kind: 'put', table, item, ...(condition && { condition }) });
  }

  /**
   * As `put`, but answered in order only (commit-queue.ts): for what nobody can see before a later write names it, and is
   * nobody's loss without that.
   */
  async putInOrder(table: TableName, item: Item): Promise<WriteResult> {
    return this.#write({ kind: 'put', table, item }, 'in-order');
  }

  async update(
    table: TableName,
    key: ItemKey,
    actions: readonly Action[],
    condition?: Condition,
  ): Promise<WriteResult> {
    checkActions(actions);
    return this.#write({ kind: 'update', table, key, actions, ...(condition && { condition }) });
  }

  async delete(table: TableName, key: ItemKey, condition?: Condition): Promise<WriteResult> {
    return this.#write({ kind: 'delete', table, key, ...(condition && { condition }) });
  }

  async transact(writes: readonly TransactWrite[], requestId: string): Promise<TransactResult> {
    checkTransact(writes, requestId);
    const digest = digestOf(writes);
    return this.#queue.run((group) =>
      this.#requests.has(requestId, digest, group.requests)
        ? this.#replay(group, writes)
        : this.#transact(group, writes, requestId, digest),
    );
  }

  /**
   * Removes the items whose expiry is at or before `nowMs`, some in each commit, so that others go on in between.
   * Answers how many. Nothing else removes them.
   */
  async removeExpired(nowMs: number): Promise<number> {
    let removed = 0;
    for (const { name, expires } of Object.values(TABLES)) {
      if (!expires) continue;
      let found: number;
      do {
        found = await this.#queue.run((group) => this.#expire(group, name, nowMs));
        removed += found;
      } while (found === EXPIRED_PER_COMMIT);
    }
    return removed;
  }

  /** Commits what was called before, then closes the tables. */
  async close(): Promise<void> {
    this.#closing ??= this.#queue.close().finally(() => {
      this.#tables.close();
    });
    await this.#closing;
  }

  #write(write: TransactWrite, when?: AnsweredWhen): Promise<WriteResult> {
    return this.#queue.run((group) => {
      const decision = decideIn(group, write);
      stage(group, decision);
      return { result: resultOf(decision), onCommitted: this.#report([decision], SINGLE) };
    }, when);
  }

  #transact(
    group: CommitGroup,
    writes: readonly TransactWrite[],
    requestId: string,
    digest: string,
  ): Outcome<TransactResult> {
    const decisions = writes.map((write) => decideIn(group, write));
    const failed = decisions.flatMap(({ applied, before }, index) =>
      applied ? [] : [{ index, current: before }],
    );
    const report = this.#report(decisions, { isTransactional: true, isCancelled: failed.length > 0 });
    if (failed.length > 0) return { result: { applied: false, failed }, onCommitted: report };
    checkTransactBytes(decisions);
    for (const decision of decisions) stage(group, decision);
    group.requests.set(requestId, digest);
    const onCommitted = () => {
      this.#requests.add(requestId, digest);
      report();
    };
    return { result: { applied: true }, onCommitted };
  }

  #replay(group: CommitGroup, writes: readonly TransactWrite[]): Outcome<TransactResult> {
    const report = this.#report(
      writes.map((write) => {
        const { table } = write;
        const key = transactKey(write);
        const before = group.read(table, key);
        return { write, table, key, applied: true, before, after: before, afterBytes: 0, isReplay: true };
      }),
      { isTransactional: true, isCancelled: false },
    );
    return { result: { applied: true }, onCommitted: report };
  }

  #expire(group: CommitGroup, table: TableName, nowMs: number): Outcome<number> {
    const keys = this.#tables.expired(table, nowMs, EXPIRED_PER_COMMIT);
    for (const key of keys) {
      // An earlier write of this group may have given it a longer life.
      const expires = group.read(table, key)?.[EXPIRES_ATTRIBUTE];
      if (typeof expires === 'number' && expires * 1000 <= nowMs)
        group.stage({ table, key, item: undefined }, 0);
    }
    return { result: keys.length };
  }

  /** Tells the observers, if there are any, of sizes as they are now, later. */
  #report(decisions: readonly Decision[], kind: UsageKind): () => void {
    if (this.#observers.length === 0) return () => undefined;
    const usages = decisions.map((decision) => usageOf(decision, kind));
    return () => {
      for (const usage of usages) for (const observer of this.#observers) observer(usage);
    };
  }
}

function checkLimit(limit: number): void {
  assert(Number.isInteger(limit) && limit >= 1, `limit ${limit}, at least 1`);
}

const decideIn = (group: CommitGroup, write: TransactWrite): Decision =>
  decideWrite(write, group.read(write.table, transactKey(write)));

function stage(group: CommitGroup, { write, table, key, applied, after, afterBytes }: Decision): void {
  if (applied && isChange(write)) group.stage({ table, key, item: after }, afterBytes);
}

function resultOf({ write, applied, before, after }: Decision): WriteResult {
  if (!applied) return { applied, current: before };
  return { applied, item: write.kind === 'put' ? write.item : after };
}

function checkTransactBytes(decisions: readonly Decision[]): void {
  const bytes = decisions.reduce((sum, { afterBytes }) => sum + afterBytes, 0);
  if (bytes > TRANSACT_BYTES_MAX)
    throw new BrokerError(
      'MESSAGE_TOO_LARGE',
      `a transaction has ${bytes} bytes, at most ${TRANSACT_BYTES_MAX}`,
    );
}
