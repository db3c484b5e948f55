// Writes that are decided together and committed in one step: each sees what those before it in the group have staged.
import { keyText } from '../item-checks.ts';
import { cloneItem } from './clone-item.ts';
import type { Change, ItemTables } from './item-tables.ts';
import type { Item, ItemKey, TableName } from '../ports/item-store.ts';

/** A group under way. Nothing of it is visible outside before `changes` are committed. */
export class CommitGroup {
  /** Digests of the group's transactions by request id. */
  readonly requests = new Map<string, string>();
  readonly #tables: ItemTables;
  readonly #changes = new Map<string, Change>();
  #bytes = 0;

  constructor(tables: ItemTables) {
    this.#tables = tables;
  }

  /** What the key holds after what was staged; the caller's own. */
  read(table: TableName, key: ItemKey): Item | undefined {
    const change = this.#changes.get(changeText(table, key));
    return change ? change.item && cloneItem(change.item) : this.#tables.read(table, key);
  }

  /** `bytes` are the item's. */
  stage(change: Change, bytes: number): void {
    this.#changes.set(changeText(change.table, change.key), change);
    this.#bytes += bytes;
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  /** Of all items staged so far, those replaced within the group included. */
  get bytes(): number {
    return this.#bytes;
  }
}

const changeText = (table: TableName, key: ItemKey): string => `${table} ${keyText(key)}`;
