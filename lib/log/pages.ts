// Looking at a partition's pages: in order, from an offset on, noticing where one is missing.
import { padOffset, pageSortKey, readPage, type Page } from '../storage/schema/log-index.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';

const PAGES_AT_ONCE = 16;

/** The page that contains `offset`, or undefined where no page does. */
export async function pageAt(
  items: ItemStore,
  partitionId: string,
  offset: number,
): Promise<Page | undefined> {
  const between = [pageSortKey(0), pageSortKey(offset)] as const;
  const [item] = await items.query('log-index', partitionId, { between, forward: false, limit: 1 });
  const page = item && readPage(item);
  return page && page.endOffset > offset ? page : undefined;
}

/**
 * The pages that cover [from, to), each beginning where the one before ends; the first is the one that contains `from`.
 * It ends early at a hole: compare the last page's end with `to`.
 */
export async function* pagesBetween(
  items: ItemStore,
  partitionId: string,
  from: number,
  to: number,
): AsyncGenerator<Page> {
  if (from >= to) return;
  let page = await pageAt(items, partitionId, from);
  while (page) {
    yield page;
    const next = page.endOffset;
    if (next >= to) return;
    const between = [`page#${padOffset(next)}`, pageSortKey(to - 1)] as const;
    const chain = await items.query('log-index', partitionId, { between, limit: PAGES_AT_ONCE });
    page = undefined;
    let end = next;
    for (const item of chain) {
      const following = readPage(item);
      if (following.startOffset !== end) return;
      end = following.endOffset;
      if (item === chain.at(-1) && end < to) page = following;
      else yield following;
      if (end >= to) return;
    }
  }
}

/** Up to `limit` pages before `offset`, the latest first. They may leave holes. */
export async function pagesBefore(
  items: ItemStore,
  partitionId: string,
  offset: number,
  limit: number,
): Promise<readonly Page[]> {
  if (offset <= 0) return [];
  const between = [pageSortKey(0), pageSortKey(offset - 1)] as const;
  const found = await items.query('log-index', partitionId, { between, forward: false, limit });
  return found.map(readPage);
}
