// What a store that knows the sizes of its items tells of each write, so that a meter can price it by DynamoDB's rules.
import type { ItemStore, TableName } from './ports/item-store.ts';

/**
 * One write, reported once it is durable or refused by a condition, its own or another one's of its transaction. Sizes
 * are `itemBytes`, 0 for no item. `afterBytes` is what the write would leave; where its own condition failed, it equals
 * `beforeBytes`. `replay` is a write of a transaction whose request id was seen before.
 */
export interface WriteUsage {
  readonly table: TableName;
  readonly kind: 'put' | 'update' | 'delete' | 'check' | 'replay';
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly applied: boolean;
  readonly isTransactional: boolean;
}

/** An ItemStore that reports its writes. */
export interface ObservableItemStore extends ItemStore {
  /** Calls `observer` for each write from now on, within the call that made it and before it answers. */
  observeWrites(observer: (write: WriteUsage) => void): void;
}
