// The table port: small items under a partition key and, in some tables, a sort key; one conditional write at a time.
// Every adapter behaves alike (test/conformance); keep to what DynamoDB and its emulators agree on.
import type { Condition } from './condition.ts';
import type { Action } from './action.ts';

/** A value of an attribute. Numbers are safe integers; strings and binaries may be empty; lists and maps nest. */
export type ItemValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly ItemValue[]
  | { readonly [name: string]: ItemValue };

/** Attributes by name; includes the key attributes `pk` and, where the table has one, `sk`. */
export type Item = { readonly [name: string]: ItemValue };

/** The tables of DESIGN section 4. Their keys and expiry attribute are in schema/tables.ts. */
export type TableName = 'topics' | 'heads' | 'log-index' | 'objects' | 'offsets' | 'groups' | 'producers';

/** `sk` is given exactly where the table has a sort key. */
export interface ItemKey {
  readonly pk: string;
  readonly sk?: string;
}

/**
 * What became of a conditional write. `applied: false` means that the condition failed and nothing changed; `current` is
 * then the item as the condition saw it (undefined: there is none). `item` is the new item of an `update`, and for
 * `put` what was put; it is undefined for `delete`. `isRepeated`: an earlier attempt of the same call got no answer, so it
 * may have been applied, or may be yet.
 */
export type WriteResult =
  | { readonly applied: true; readonly item: Item | undefined }
  | { readonly applied: false; readonly current: Item | undefined; readonly isRepeated?: true };

export type TransactWrite =
  | { readonly kind: 'put'; readonly table: TableName; readonly item: Item; readonly condition?: Condition }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly key: ItemKey;
      readonly actions: readonly Action[];
      readonly condition?: Condition;
    }
  | {
      readonly kind: 'delete';
      readonly table: TableName;
      readonly key: ItemKey;
      readonly condition?: Condition;
    }
  | {
      readonly kind: 'check';
      readonly table: TableName;
      readonly key: ItemKey;
      readonly condition: Condition;
    };

/** `failed` lists the writes whose conditions failed, by index; nothing of the transaction was applied. */
export type TransactResult =
  | { readonly applied: true }
  | {
      readonly applied: false;
      readonly failed: readonly { readonly index: number; readonly current: Item | undefined }[];
    };

export interface ReadOptions {
  /** Default true. An eventually consistent read costs half and may be old. */
  readonly consistent?: boolean;
}

export interface QueryOptions extends ReadOptions {
  /** Sort keys from the first to the last, both inclusive, in the order of their UTF-8 bytes; default: all. */
  readonly between?: readonly [first: string, last: string];
  /** Default true: ascending. */
  readonly forward?: boolean;
  /** At most so many items, at least 1. The adapter pages until it has them. */
  readonly limit: number;
}

export interface ScanOptions {
  /** Go on after this key, in an order of the store's own. */
  readonly after?: ItemKey;
  readonly limit: number;
}

/**
 * The table port. Each method is one request that is applied at once or not at all.
 *
 * Errors are BrokerErrors: THROTTLING_QUOTA_EXCEEDED (not-applied), REQUEST_TIMED_OUT (unknown for writes: it may be
 * applied now, later or never), KAFKA_STORAGE_ERROR (outcome says), MESSAGE_TOO_LARGE (not-applied; an item over 400 KB).
 * An adapter itself may repeat a request whose answer was lost; so every write must be safe to repeat and to arrive late.
 */
export interface ItemStore {
  get(table: TableName, key: ItemKey, options?: ReadOptions): Promise<Item | undefined>;
  /** At most 100 keys, no key twice; answers in the order of `keys`. Not a snapshot of all of them at one time. */
  getMany(
    table: TableName,
    keys: readonly ItemKey[],
    options?: ReadOptions,
  ): Promise<readonly (Item | undefined)[]>;
  query(table: TableName, pk: string, options: QueryOptions): Promise<readonly Item[]>;
  /** For maintenance only. `after` is absent at the end of the table. */
  scan(
    table: TableName,
    options: ScanOptions,
  ): Promise<{ readonly items: readonly Item[]; readonly after?: ItemKey }>;
  put(table: TableName, item: Item, condition?: Condition): Promise<WriteResult>;
  /** Makes the item if there is none and the condition allows that. No two actions may touch one path or its parents. */
  update(
    table: TableName,
    key: ItemKey,
    actions: readonly Action[],
    condition?: Condition,
  ): Promise<WriteResult>;
  delete(table: TableName, key: ItemKey, condition?: Condition): Promise<WriteResult>;
  /**
   * At most 100 writes to different items and 4 MB, all or none. `requestId` (1 to 36 characters) makes a repetition
   * within ten minutes a success without effect. A conflict with another write in flight is THROTTLING_QUOTA_EXCEEDED.
   */
  transact(writes: readonly TransactWrite[], requestId: string): Promise<TransactResult>;
  close(): Promise<void>;
}
