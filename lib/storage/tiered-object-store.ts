// An object store of two: small objects are items of table `objects`, the others are in the store for large ones.
import { assert } from '../base/assert.ts';
import { checkObjectKey } from './object-key.ts';
import { isSmallObjectKey, SMALL_OBJECT_PREFIX } from './schema/object-key.ts';
import { readSmallObject, smallObjectItem, smallObjectKey } from './schema/small-object.ts';
import type { Clock } from '../base/clock.ts';
import type { Item, ItemKey, ItemStore } from './ports/item-store.ts';
import { wholeOf, type ByteRange, type ObjectEntry, type ObjectStore } from './ports/object-store.ts';

/** The two stores, and the clock that expiry goes by. They belong to the tiered store, which closes them. */
export interface TieredObjectStoreOptions {
  readonly items: ItemStore;
  readonly large: ObjectStore;
  readonly clock: Clock;
  /** Puts the items of small objects, durable before whatever names them. Default: as `items` does. */
  readonly putItem?: (table: 'objects', item: Item) => Promise<unknown>;
  /** How long after it was last put a small object may be removed. Default: 14 days, as the bucket's lifecycle rule. */
  readonly hotExpiryMs?: number;
}

const DAY_MS = 86_400_000;

/**
 * A store whose keys say where their bytes are (schema/object-key.ts): the writer, who knows the size, chooses the key, and
 * readers ask one store only. A small object over an item's 400 KB is refused with MESSAGE_TOO_LARGE. Putting a small
 * object again renews its expiry. `list` of small ones scans their whole table: for tests and repairs only.
 */
export function createTieredObjectStore(options: TieredObjectStoreOptions): ObjectStore {
  const { items, large } = options;
  return {
    put: async (key, contents) =>
      isSmallObjectKey(key) ? putSmall(options, key, wholeOf(contents)) : large.put(key, contents),
    get: async (key, range) => (isSmallObjectKey(key) ? getSmall(items, key, range) : large.get(key, range)),
    list: async (prefix, after, limit) => list(options, prefix, after, limit),
    delete: async (keys) => {
      keys.forEach(checkObjectKey);
      await deleteSmall(items, keys.filter(isSmallObjectKey));
      await large.delete(keys.filter((key) => !isSmallObjectKey(key)));
    },
    close: async () => {
      await Promise.all([items.close(), large.close()]);
    },
  };
}

async function putSmall(
  { items, clock, putItem, hotExpiryMs = 14 * DAY_MS }: TieredObjectStoreOptions,
  key: string,
  bytes: Uint8Array,
): Promise<void> {
  checkObjectKey(key);
  const writtenAtMs = Math.floor(clock.now());
  const item = smallObjectItem({ key, bytes, writtenAtMs }, writtenAtMs + hotExpiryMs);
  await (putItem ? putItem('objects', item) : items.put('objects', item));
}

/**
 * Reads at half price first: an object never changes, so that a copy is right if it is there at all. One that is missing
 * there may be too fresh for it, so its absence is taken from a consistent read only.
 */
async function getSmall(
  items: ItemStore,
  key: string,
  range: ByteRange | undefined,
): Promise<Uint8Array | undefined> {
  checkObjectKey(key);
  const itemKey = smallObjectKey(key);
  const item =
    (await items.get('objects', itemKey, { consistent: false })) ?? (await items.get('objects', itemKey));
  if (!item) return undefined;
  const { bytes } = readSmallObject(item);
  return range ? bytes.slice(range.start, Math.max(range.start, range.end)) : bytes;
}

const DELETES_AT_ONCE = 16;

async function deleteSmall(items: ItemStore, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += DELETES_AT_ONCE) {
    const some = keys.slice(start, start + DELETES_AT_ONCE);
    await Promise.all(some.map((key) => items.delete('objects', smallObjectKey(key))));
  }
}

async function list(
  { items, large }: TieredObjectStoreOptions,
  prefix: string,
  after: string | undefined,
  limit: number,
): Promise<readonly ObjectEntry[]> {
  assert(limit >= 1, `limit ${limit}, at least 1`);
  const areOnlySmall = isSmallObjectKey(prefix);
  const mayBeSmall = areOnlySmall || SMALL_OBJECT_PREFIX.startsWith(prefix);
  const [small, others] = await Promise.all([
    mayBeSmall ? listSmall(items, prefix, after, limit) : [],
    areOnlySmall ? [] : large.list(prefix, after, limit),
  ]);
  return firstOf([...small, ...others], limit);
}

const SCAN_PAGE = 200;

async function listSmall(
  items: ItemStore,
  prefix: string,
  after: string | undefined,
  limit: number,
): Promise<readonly ObjectEntry[]> {
  let found: readonly ObjectEntry[] = [];
  let next: ItemKey | undefined;
  do {
    const page = await items.scan('objects', { limit: SCAN_PAGE, ...(next && { after: next }) });
    const entries = page.items
      .map(readSmallObject)
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || key > after))
      .map(({ key, bytes, writtenAtMs }) => ({ key, bytes: bytes.length, lastModifiedMs: writtenAtMs }));
    found = firstOf([...found, ...entries], limit);
    next = page.after;
  } while (next);
  return found;
}

/** The first entries by key. Keys are ASCII, so that JavaScript's order is that of their bytes. */
const firstOf = (entries: readonly ObjectEntry[], limit: number): readonly ObjectEntry[] =>
  entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
