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
  readonly #before = new Map<string, Item | undefined>();
  #bytes = 0;

  constructor(tables: ItemTables) {
    this.#tables = tables;
  }

  /** What the key holds after what was staged; the caller's own. */
  read(table: TableName, key: ItemKey): Item | undefined {
    const text = changeText(table, key);
    const change = this.#changes.get(text);
    if (change) return change.item && cloneItem(change.item);
    const before = this.#tables.read(table, key);
    this.#before.set(text, before);
    return before;
  }

  /** `bytes` are the item's. The key was read before. */
  stage(change: Change, bytes: number): void {
    this.#changes.set(changeText(change.table, change.key), change);
    this.#bytes += bytes;
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  /** Whether the group changes the key; if so, what it held before the group. */
  before(table: TableName, key: ItemKey): { readonly item: Item | undefined } | undefined {
    const text = changeText(table, key);
    if (!this.#changes.has(text)) return undefined;
    const item = this.#before.get(text);
    return { item: item && cloneItem(item) };
  }

  /** Whether the group changes anything of a table, or of one partition key in it. */
  touches(table: TableName, pk: string | undefined): boolean {
    return this.changes.some(
      (change) => change.table === table && (pk === undefined || change.key.pk === pk),
    );
  }

  /** Of all items staged so far, those replaced within the group included. */
  get bytes(): number {
    return this.#bytes;
  }
}

const changeText = (table: TableName, key: ItemKey): string => `${table} ${keyText(key)}`;
