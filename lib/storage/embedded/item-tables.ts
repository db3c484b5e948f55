// What the embedded item store stands on: tables of committed items with one writer. SQLite and a Map implement it.
import type { Item, ItemKey, QueryOptions, ScanOptions, TableName } from '../ports/item-store.ts';

/** What a key holds after a commit; undefined: nothing. */
export interface Change {
  readonly table: TableName;
  readonly key: ItemKey;
  readonly item: Item | undefined;
}

/**
 * Committed items. All calls are synchronous, arguments are checked. An item that is answered is the caller's own, one
 * that is given is copied.
 */
export interface ItemTables {
  read(table: TableName, key: ItemKey): Item | undefined;
  query(table: TableName, pk: string, options: QueryOptions): readonly Item[];
  scan(table: TableName, options: ScanOptions): readonly Item[];
  /** Keys of at most `limit` items that expired at or before `nowMs`. */
  expired(table: TableName, nowMs: number, limit: number): readonly ItemKey[];
  /**
   * Makes all changes in one step; each key is in them once. Durable are those of a commit at the latest when a later one's
   * are. Throws a BrokerError that says what is known.
   */
  commit(changes: readonly Change[]): void;
  /**
   * Resolves when what was committed before the call is durable. Absent: it is when `commit` returns. A failure, which is a
   * BrokerError, is for good: nobody knows what is durable, and nothing may be committed from then on.
   */
  sync?(): Promise<void>;
  close(): void;
}
