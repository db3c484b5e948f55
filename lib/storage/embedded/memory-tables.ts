// Tables of items in memory. Nothing of them is durable.
import { EXPIRES_ATTRIBUTE, TABLES } from '../schema/tables.ts';
import { compareUtf8 } from './compare-utf8.ts';
import { decodeItem, encodeItem } from './item-codec.ts';
import type { Item, ItemKey, QueryOptions, ScanOptions, TableName } from '../ports/item-store.ts';
import type { Change, ItemTables } from './item-tables.ts';

/** As SQLite keeps it, so that both stores take and give the same values. */
interface Row {
  readonly bytes: Uint8Array;
  readonly expires: number | undefined;
}

/** Rows of one partition key by sort key; the empty one in tables without. */
type Partition = Map<string, Row>;

/** Empty tables. */
export class MemoryTables implements ItemTables {
  readonly #tables = new Map<TableName, Map<string, Partition>>(
    Object.values(TABLES).map(({ name }) => [name, new Map<string, Partition>()]),
  );

  read(table: TableName, { pk, sk = '' }: ItemKey): Item | undefined {
    const row = this.#partitions(table).get(pk)?.get(sk);
    return row && itemOf(table, pk, sk, row);
  }

  query(table: TableName, pk: string, { between, forward = true, limit }: QueryOptions): readonly Item[] {
    const partition = this.#partitions(table).get(pk) ?? new Map<string, Row>();
    const [first, last] = between ?? [];
    const isWithin = (sk: string) =>
      (first === undefined || compareUtf8(sk, first) >= 0) &&
      (last === undefined || compareUtf8(sk, last) <= 0);
    const order = forward ? 1 : -1;
    const rows = [...partition].filter(([sk]) => isWithin(sk)).sort(([a], [b]) => order * compareUtf8(a, b));
    return rows.slice(0, limit).map(([sk, row]) => itemOf(table, pk, sk, row));
  }

  scan(table: TableName, { after, limit }: ScanOptions): readonly Item[] {
    const rows = [...this.#partitions(table)]
      .filter(([pk]) => !after || compareUtf8(pk, after.pk) >= 0)
      .sort(([a], [b]) => compareUtf8(a, b));
    const items: Item[] = [];
    for (const [pk, partition] of rows) {
      for (const [sk, row] of [...partition].sort(([a], [b]) => compareUtf8(a, b))) {
        if (pk === after?.pk && compareUtf8(sk, after.sk ?? '') <= 0) continue;
        items.push(itemOf(table, pk, sk, row));
        if (items.length === limit) return items;
      }
    }
    return items;
  }

  expired(table: TableName, nowMs: number, limit: number): readonly ItemKey[] {
    const keys: ItemKey[] = [];
    for (const [pk, partition] of this.#partitions(table)) {
      for (const [sk, { expires }] of partition) {
        if (expires === undefined || expires * 1000 > nowMs) continue;
        keys.push(keyOf(table, pk, sk));
        if (keys.length === limit) return keys;
      }
    }
    return keys;
  }

  commit(changes: readonly Change[]): void {
    for (const { table, key, item } of changes) this.#set(table, key, item);
  }

  close(): void {
    this.#tables.clear();
  }

  #set(table: TableName, { pk, sk = '' }: ItemKey, item: Item | undefined): void {
    const partitions = this.#partitions(table);
    const partition = partitions.get(pk) ?? new Map<string, Row>();
    if (item) partitions.set(pk, partition.set(sk, rowOf(item)));
    else if (partition.delete(sk) && partition.size === 0) partitions.delete(pk);
  }

  #partitions(table: TableName): Map<string, Partition> {
    const partitions = this.#tables.get(table);
    if (!partitions) throw new Error(`no table ${table}`);
    return partitions;
  }
}

const keyOf = (table: TableName, pk: string, sk: string): ItemKey =>
  TABLES[table].hasSortKey ? { pk, sk } : { pk };

const itemOf = (table: TableName, pk: string, sk: string, { bytes }: Row): Item =>
  decodeItem({ ...keyOf(table, pk, sk) }, bytes.slice());

function rowOf(item: Item): Row {
  const expires = item[EXPIRES_ATTRIBUTE];
  return { bytes: encodeItem(item).slice(), expires: typeof expires === 'number' ? expires : undefined };
}
