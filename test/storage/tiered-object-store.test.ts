// The tiered store passes the conformance suite with large objects and with small ones; and which store keeps which.
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { createMeter, meterItems, meterObjects } from '../../lib/storage/metered.ts';
import { hotObjectKey, SMALL_OBJECT_PREFIX } from '../../lib/storage/schema/object-key.ts';
import { createTieredObjectStore } from '../../lib/storage/tiered-object-store.ts';
import { describeObjectStore } from '../conformance/object-store.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';
import type { ObjectStore } from '../../lib/storage/ports/object-store.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const clock = { now: () => NOW_MS, sleep: () => Promise.resolve() };

const openTiered = () => {
  const items = createMemoryItemStore({ clock });
  const large = createMemoryObjectStore({ clock });
  return { items, large, store: createTieredObjectStore({ items, large, clock }) };
};

/** The same store, under whose prefix every key is a small object's. */
function onlySmall(store: ObjectStore): ObjectStore {
  const inner = (key: string) => `${SMALL_OBJECT_PREFIX}${key}`;
  return {
    put: (key, bytes) => store.put(inner(key), bytes),
    get: (key, range) => store.get(inner(key), range),
    list: async (prefix, after, limit) => {
      const entries = await store.list(inner(prefix), after === undefined ? undefined : inner(after), limit);
      return entries.map((entry) => ({ ...entry, key: entry.key.slice(SMALL_OBJECT_PREFIX.length) }));
    },
    delete: (keys) => store.delete(keys.map(inner)),
    close: () => store.close(),
  };
}

describeObjectStore('tiered, large objects', () => {
  const { store } = openTiered();
  return Promise.resolve({ store, close: () => store.close() });
});

describeObjectStore(
  'tiered, small objects',
  () => {
    const store = onlySmall(openTiered().store);
    return Promise.resolve({ store, close: () => store.close() });
  },
  { skips: { 'get answers what was put, byte for byte': 'an item holds at most 400 KB' } },
);

const id = Uint8Array.from({ length: 16 }, (_, at) => at);
const SMALL = hotObjectKey(20_000, id, true);
const LARGE = hotObjectKey(20_000, id, false);

describe('the tiered store', () => {
  let items: ItemStore;
  let large: ObjectStore;
  let store: ObjectStore;
  beforeEach(() => {
    ({ items, large, store } = openTiered());
  });

  it('keeps small objects as items that expire, and large ones in the object store', async () => {
    await store.put(SMALL, Buffer.from('small'));
    await store.put(LARGE, Buffer.from('large'));
    const expires = NOW_MS / 1000 + 14 * 86_400;
    expect(await items.get('objects', { pk: SMALL })).toMatchObject({ pk: SMALL, expires });
    expect((await items.scan('objects', { limit: 9 })).items).toHaveLength(1);
    expect((await large.list('', undefined, 9)).map(({ key }) => key)).toEqual([LARGE]);
  });

  it.each([0, 1, 6_000, 390_000])('answers a small object of %d bytes', async (length) => {
    const bytes = Uint8Array.from({ length }, (_, at) => at & 0xff);
    await store.put(SMALL, bytes);
    expect(Buffer.compare((await store.get(SMALL)) ?? Buffer.from('none'), bytes)).toBe(0);
  });

  it('refuses a small object that no item can hold, and keeps nothing of it', async () => {
    const put = store.put(SMALL, new Uint8Array(410_000));
    await expect(put).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'not-applied' });
    expect(await store.get(SMALL)).toBeUndefined();
  });

  it('lists both kinds in the order of their keys', async () => {
    const days = [20_003, 20_001, 20_002];
    const keys = days.flatMap((day) => [hotObjectKey(day, id, true), hotObjectKey(day, id, false)]);
    for (const key of keys) await store.put(key, Uint8Array.of(1));
    const listed = async (prefix: string, after: string | undefined, limit: number) =>
      (await store.list(prefix, after, limit)).map(({ key }) => key);
    const sorted = keys.toSorted();
    expect(await listed('hot/', undefined, 9)).toEqual(sorted);
    expect(await listed('', undefined, 2)).toEqual(sorted.slice(0, 2));
    expect(await listed('hot/', sorted[1], 3)).toEqual(sorted.slice(2, 5));
    expect(await listed(SMALL_OBJECT_PREFIX, undefined, 9)).toEqual(
      sorted.filter((key) => key.startsWith(SMALL_OBJECT_PREFIX)),
    );
  });

  it('deletes from both stores at once', async () => {
    await store.put(SMALL, Buffer.from('small'));
    await store.put(LARGE, Buffer.from('large'));
    await store.delete([SMALL, LARGE]);
    expect(await store.list('', undefined, 9)).toEqual([]);
  });
});

describe('reading a small object', () => {
  /** A store whose eventually consistent reads of items know nothing yet. */
  const lagging = (items: ItemStore): ItemStore => ({
    ...items,
    get: (table, key, options) =>
      options?.consistent === false ? Promise.resolve(undefined) : items.get(table, key, options),
  });

  it('asks consistently only where the cheap read finds none', async () => {
    const { items, large, store } = openTiered();
    await store.put(SMALL, Buffer.from('small'));
    const meter = createMeter();
    const metered = { items: meterItems(items, meter), large: meterObjects(large, meter), clock };
    await createTieredObjectStore(metered).get(SMALL);
    expect(meter.tables.objects.readUnits).toBe(0.5);
    const late = createTieredObjectStore({ items: lagging(items), large, clock });
    expect(Buffer.from((await late.get(SMALL)) ?? []).toString()).toBe('small');
  });

  it('refuses a format that it does not know', async () => {
    const { items, store } = openTiered();
    await items.put('objects', { pk: SMALL, f: 2, b: new Uint8Array(), w: 1 });
    await expect(store.get(SMALL)).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' });
  });
});
