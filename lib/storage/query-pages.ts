// Going through many rows of one partition key without holding them all.
import type { Item, ItemStore, QueryOptions, TableName } from './ports/item-store.ts';

const ALL = ['\u0000', '\u{10ffff}'] as const;

/**
 * The rows under a partition key, page by page, in the order of their sort keys; between two of them, or all. One that is put
 * or deleted meanwhile may be there or not.
 */
export async function* queryPages(
  items: ItemStore,
  table: TableName,
  pk: string,
  { between: [first, last] = ALL, ...options }: Omit<QueryOptions, 'forward'>,
): AsyncGenerator<readonly Item[], void, undefined> {
  for (let from = first; ;) {
    const page = await items.query(table, pk, { ...options, between: [from, last] });
    if (page.length > 0) yield page;
    if (page.length < options.limit) return;
    from = `${page.at(-1)?.['sk'] as string}\u0000`;
  }
}

/** As `queryPages`, all at once. */
export async function queryAll(...call: Parameters<typeof queryPages>): Promise<readonly Item[]> {
  const rows: Item[] = [];
  for await (const page of queryPages(...call)) rows.push(...page);
  return rows;
}
