// Cases of get, getMany, query and scan: order, limits, paging, and what is missing.
import { expect } from 'vitest';
import type { Subject } from './item-store-subject.ts';
import type { Item, ItemKey, ItemStore, QueryOptions } from '../../lib/storage/ports/item-store.ts';
import type { Cases } from './suite.ts';

const padded = (i: number) => i.toString().padStart(4, '0');

/** Puts `count` items with sort keys 0000, 0001, ... and answers their partition key. */
async function fill({ store, pk }: Subject, count: number, more: Item = {}): Promise<string> {
  const key = pk();
  await Promise.all(
    Array.from({ length: count }, (_, i) => store.put('groups', { pk: key, sk: padded(i), i, ...more })),
  );
  return key;
}

async function found(store: ItemStore, pk: string, options: QueryOptions): Promise<unknown[]> {
  return (await store.query('groups', pk, options)).map((item) => item['i']);
}

async function scanAll(store: ItemStore, limit: number, isOurs: (item: Item) => boolean): Promise<Item[]> {
  const ours: Item[] = [];
  let after: ItemKey | undefined;
  do {
    const page = await store.scan('groups', { limit, ...(after && { after }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ours.push(...page.items.filter(isOurs));
    after = page.after;
  } while (after);
  return ours;
}

export const readCases: Cases<Subject> = {
  'get of what is missing is undefined': async ({ store, pk }) => {
    expect(await store.get('heads', { pk: pk() })).toBeUndefined();
    expect(await store.get('groups', { pk: pk(), sk: 's' }, { consistent: false })).toBeUndefined();
  },

  'getMany answers in the order of the keys, missing ones as undefined': async (subject) => {
    const { store } = subject;
    const pk = await fill(subject, 5);
    const key = (i: number) => ({ pk, sk: padded(i) });
    const items = await store.getMany('groups', [
      key(3),
      key(9),
      key(0),
      key(4),
      { pk: `${pk}x`, sk: '0000' },
    ]);
    expect(items.map((item) => item?.['i'])).toEqual([3, undefined, 0, 4, undefined]);
    expect(items).toHaveLength(5);
    expect(await store.getMany('groups', [])).toEqual([]);
  },

  'getMany of 100 keys, backwards': async (subject) => {
    const pk = await fill(subject, 100);
    const keys = Array.from({ length: 100 }, (_, i) => ({ pk, sk: padded(99 - i) }));
    const items = await subject.store.getMany('groups', keys);
    expect(items.map((item) => item?.['i'])).toEqual(keys.map((_, i) => 99 - i));
  },

  'getMany of more than one answer can carry': async ({ store, pk }) => {
    const keys = Array.from({ length: 60 }, () => ({ pk: pk() }));
    const data = new Uint8Array(300_000);
    for (const [i, key] of keys.entries()) await store.put('heads', { ...key, i, data });
    const items = await store.getMany('heads', keys);
    expect(items.map((item) => item?.['i'])).toEqual(keys.map((_, i) => i));
  },

  'query goes up and down and stops at its limit': async (subject) => {
    const { store } = subject;
    const pk = await fill(subject, 10);
    expect(await found(store, pk, { limit: 100 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await found(store, pk, { limit: 3 })).toEqual([0, 1, 2]);
    expect(await found(store, pk, { limit: 3, forward: false })).toEqual([9, 8, 7]);
    expect(await found(store, pk, { limit: 1, forward: true })).toEqual([0]);
    expect(await found(store, pk, { limit: 10, consistent: false })).toHaveLength(10);
    expect(await found(store, subject.pk(), { limit: 10 })).toEqual([]);
  },

  'query between takes both ends': async (subject) => {
    const { store } = subject;
    const pk = await fill(subject, 10);
    const between = (first: string, last: string, more: Partial<QueryOptions> = {}) =>
      found(store, pk, { between: [first, last], limit: 100, ...more });
    expect(await between('0003', '0006')).toEqual([3, 4, 5, 6]);
    expect(await between('0003', '0006', { forward: false })).toEqual([6, 5, 4, 3]);
    expect(await between('0003', '0006', { forward: false, limit: 2 })).toEqual([6, 5]);
    expect(await between('0003', '0006', { limit: 2 })).toEqual([3, 4]);
    expect(await between('0004', '0004')).toEqual([4]);
    expect(await between('00035', '00065')).toEqual([4, 5, 6]);
    expect(await between('a', 'z')).toEqual([]);
  },

  'query between ends that cross finds nothing': async (subject) => {
    const pk = await fill(subject, 3);
    expect(await found(subject.store, pk, { between: ['0002', '0001'], limit: 9 })).toEqual([]);
  },

  'query keeps to one partition key': async ({ store, pk }) => {
    const base = pk();
    for (const suffix of ['', 'a', '/', '\u0001'])
      await store.put('groups', { pk: base + suffix, sk: 's', i: suffix });
    expect(await found(store, base, { limit: 9 })).toEqual(['']);
    expect(await found(store, `${base}a`, { limit: 9 })).toEqual(['a']);
  },

  'sort keys go by UTF-8 bytes': async ({ store, pk }) => {
    const key = pk();
    const sorted = [
      '\u0000',
      '\u0000a',
      '\u0001',
      ' ',
      '0',
      '10',
      '9',
      'A',
      'Z',
      '_',
      'a',
      'aa',
      'a\u0301',
      'é',
      'و',
      '\uff5e',
      '🏜',
    ];
    for (const sk of sorted.toReversed()) await store.put('groups', { pk: key, sk, i: sk });
    expect(await found(store, key, { limit: 99 })).toEqual(sorted);
    expect(await found(store, key, { limit: 99, forward: false })).toEqual(sorted.toReversed());
    expect(await found(store, key, { limit: 99, between: ['é', '\uff5e'] })).toEqual(['é', 'و', '\uff5e']);
  },

  'query of a table without sort key': async ({ store, given }) => {
    const key = await given({ i: 1 });
    expect(await store.query('heads', key.pk, { limit: 9 })).toEqual([{ ...key, i: 1 }]);
  },

  'query pages on past 1 MB': async (subject) => {
    const { store } = subject;
    const pk = await fill(subject, 12, { data: new Uint8Array(300_000) });
    const all = Array.from({ length: 12 }, (_, i) => i);
    expect(await found(store, pk, { limit: 100 })).toEqual(all);
    expect(await found(store, pk, { limit: 100, forward: false })).toEqual(all.toReversed());
    expect(await found(store, pk, { limit: 7 })).toEqual(all.slice(0, 7));
    expect(await found(store, pk, { limit: 12 })).toEqual(all);
  },

  'scan sees every item once': async (subject) => {
    const first = await fill(subject, 30);
    const second = await fill(subject, 5, { data: new Uint8Array(300_000) });
    for (const limit of [7, 1000]) {
      const items = await scanAll(
        subject.store,
        limit,
        (item) => item['pk'] === first || item['pk'] === second,
      );
      const of = (pk: string) => items.filter((item) => item['pk'] === pk).map((item) => item['i'] as number);
      expect(of(first).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
      expect(of(second).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    }
  },

  'scan goes on after a key that is gone': async (subject) => {
    const { store } = subject;
    const pk = await fill(subject, 6);
    const page = await store.scan('groups', { limit: 1 });
    const after = page.after;
    if (!after) throw new Error('a scan of 1 of many items has no place to go on');
    const mark = page.items[0];
    await store.delete('groups', after);
    const rest = await store.scan('groups', { limit: 100_000, after });
    expect(rest.items).not.toContainEqual(mark);
    if (mark) await store.put('groups', mark);
    const ours = [mark, ...rest.items].filter((item) => item?.['pk'] === pk);
    if (!rest.after) expect(ours).toHaveLength(6);
  },
};
