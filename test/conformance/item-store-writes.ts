// Cases of put, delete and update as a whole: what is stored, what is answered, what is refused, and concurrency.
import { expect } from 'vitest';
import { add, append, set } from '../../lib/storage/ports/action.ts';
import { absent, equals, exists, notContains } from '../../lib/storage/ports/condition.ts';
import { appliedItem, bytes, withoutKey, type Subject } from './item-store-subject.ts';
import type { Item } from '../../lib/storage/ports/item-store.ts';
import type { Cases } from './suite.ts';

const everything: Item = {
  nothing: null,
  yes: true,
  no: false,
  zero: 0,
  negative: -1,
  largest: Number.MAX_SAFE_INTEGER,
  smallest: -Number.MAX_SAFE_INTEGER,
  text: 'wadi',
  emptyText: '',
  unicode: 'وادي 🏜️ \u0000 é',
  binary: bytes(0, 1, 254, 255),
  emptyBinary: bytes(),
  list: [1, 'two', bytes(3), [4, []], { five: 5 }],
  emptyList: [],
  map: { nested: { deep: [bytes(9)] }, 'a.b': 1, 'a[0]': 2 },
  emptyMap: {},
};

export const writeCases: Cases<Subject> = {
  'stores every kind of value as it was': async ({ store, given }) => {
    const key = await given(everything);
    expect(await store.get('heads', key)).toEqual({ ...key, ...everything });
  },

  'answers binaries as plain Uint8Arrays': async ({ store, given }) => {
    const item = await store.get('heads', await given({ binary: bytes(1, 2), list: [bytes(3)] }));
    expect(Object.getPrototypeOf(item?.['binary'])).toBe(Uint8Array.prototype);
    expect(Object.getPrototypeOf((item?.['list'] as Item[])[0])).toBe(Uint8Array.prototype);
  },

  'keeps its own copy of what was written': async ({ store, pk }) => {
    const key = { pk: pk() };
    const binary = bytes(1, 2, 3);
    await store.put('heads', { ...key, binary });
    await store.update('heads', key, [append('list', [binary])]);
    binary.fill(9);
    expect(await store.get('heads', key)).toEqual({ ...key, binary: bytes(1, 2, 3), list: [bytes(1, 2, 3)] });
  },

  'answers copies that belong to the caller': async ({ store, given }) => {
    const key = await given({ binary: bytes(1, 2, 3) });
    const updated = appliedItem(await store.update('heads', key, [set('n', 1)]));
    (updated?.['binary'] as Uint8Array).fill(9);
    const failed = await store.update('heads', key, [], absent('pk'));
    (!failed.applied ? (failed.current?.['binary'] as Uint8Array) : bytes()).fill(9);
    const read = await store.get('heads', key);
    expect(read?.['binary']).toEqual(bytes(1, 2, 3));
    (read?.['binary'] as Uint8Array).fill(9);
    expect((await store.get('heads', key))?.['binary']).toEqual(bytes(1, 2, 3));
  },

  'put replaces the whole item and answers what was put': async ({ store, given }) => {
    const key = await given({ a: 1, b: 2 });
    expect(await store.put('heads', { ...key, c: 3 })).toEqual({ applied: true, item: { ...key, c: 3 } });
    expect(await store.get('heads', key)).toEqual({ ...key, c: 3 });
  },

  'put if absent: the first wins, the second gets it as current': async ({ store, pk }) => {
    const key = { pk: pk() };
    expect((await store.put('heads', { ...key, a: 1 }, absent('pk'))).applied).toBe(true);
    const second = await store.put('heads', { ...key, a: 2 }, absent('pk'));
    expect(second).toEqual({ applied: false, current: { ...key, a: 1 } });
    expect(await store.get('heads', key)).toEqual({ ...key, a: 1 });
  },

  'put on a version': async ({ store, given }) => {
    const key = await given({ version: 1 });
    expect((await store.put('heads', { ...key, version: 2 }, equals('version', 1))).applied).toBe(true);
    const late = await store.put('heads', { ...key, version: 2, late: true }, equals('version', 1));
    expect(late).toEqual({ applied: false, current: { ...key, version: 2 } });
  },

  'a failed condition on no item has no current': async ({ store, pk }) => {
    const key = { pk: pk() };
    const put = await store.put('heads', key, exists('pk'));
    const update = await store.update('heads', key, [set('a', 1)], exists('pk'));
    const removal = await store.delete('heads', key, exists('pk'));
    for (const result of [put, update, removal]) {
      expect(result.applied).toBe(false);
      expect(!result.applied && result.current).toBeUndefined();
    }
    expect(await store.get('heads', key)).toBeUndefined();
  },

  'delete removes, is repeatable, and answers no item': async ({ store, given }) => {
    const key = await given({ a: 1 });
    for (let i = 0; i < 2; i++) {
      expect(appliedItem(await store.delete('heads', key))).toBeUndefined();
      expect(await store.get('heads', key)).toBeUndefined();
    }
  },

  'delete under a condition': async ({ store, given }) => {
    const key = await given({ a: 1 });
    const refused = await store.delete('heads', key, equals('a', 2));
    expect(refused).toEqual({ applied: false, current: { ...key, a: 1 } });
    expect((await store.delete('heads', key, equals('a', 1))).applied).toBe(true);
    expect(await store.get('heads', key)).toBeUndefined();
  },

  'update makes an item where there is none': async ({ store, pk }) => {
    const key = { pk: pk(), sk: 's' };
    const result = await store.update('groups', key, [set('a', 1), append('l', ['x'])], absent('pk'));
    expect(result).toEqual({ applied: true, item: { ...key, a: 1, l: ['x'] } });
    expect(await store.get('groups', key)).toEqual({ ...key, a: 1, l: ['x'] });
  },

  'update without actions makes an item of its key alone': async ({ store, pk }) => {
    const key = { pk: pk() };
    expect(appliedItem(await store.update('heads', key, []))).toEqual(key);
    expect(await store.get('heads', key)).toEqual(key);
  },

  'a failed update changes nothing and answers the current item': async ({ store, given }) => {
    const key = await given({ a: 1, l: ['x'] });
    const actions = [set('a', 2), append('l', ['y'])];
    const result = await store.update('heads', key, actions, equals('a', 9));
    expect(result).toEqual({ applied: false, current: { ...key, a: 1, l: ['x'] } });
    expect(await store.get('heads', key)).toEqual({ ...key, a: 1, l: ['x'] });
  },

  'unicode keys are kept apart and as they are': async ({ store, pk }) => {
    const base = pk();
    // The same letter composed and decomposed, an astral character, a blank, and what paths are made of.
    const names = ['é', 'e\u0301', '🏜', 'وادي', ' ', 'a.b', '#', '"'];
    for (const name of names) await store.put('groups', { pk: base + name, sk: name, name });
    for (const name of names) {
      const key = { pk: base + name, sk: name };
      expect(await store.get('groups', key)).toEqual({ ...key, name });
    }
  },

  'tables are apart': async ({ store, pk }) => {
    const key = { pk: pk() };
    await store.put('heads', { ...key, in: 'heads' });
    await store.put('objects', { ...key, in: 'objects' });
    await store.delete('heads', key);
    expect(await store.get('objects', key)).toEqual({ ...key, in: 'objects' });
  },

  'an expiry does not remove an item by itself': async ({ store, pk }) => {
    const key = { pk: pk() };
    // Above now: an emulator that does honour expiry must not be tempted.
    await store.put('objects', { ...key, expires: 4_000_000_000 });
    expect(await store.get('objects', key)).toEqual({ ...key, expires: 4_000_000_000 });
  },

  'an item of 390 KB is stored': async ({ store, given }) => {
    const data = new Uint8Array(390 * 1024).fill(7);
    const key = await given({ data });
    const stored = (await store.get('heads', key))?.['data'] as Uint8Array;
    expect(Buffer.compare(stored, data)).toBe(0);
  },

  'an item over 400 KB is refused by put and leaves what was there': async ({ store, given }) => {
    const key = await given({ a: 1 });
    const tooLarge = { code: 'MESSAGE_TOO_LARGE', outcome: 'not-applied', retriable: false };
    const put = store.put('heads', { ...key, data: new Uint8Array(410_000) });
    await expect(put).rejects.toMatchObject(tooLarge);
    expect(await store.get('heads', key)).toEqual({ ...key, a: 1 });
  },

  'an item over 400 KB is refused by update and leaves what was there': async ({ store, given }) => {
    const half = new Uint8Array(250_000);
    const key = await given({ list: [half] });
    const tooLarge = { code: 'MESSAGE_TOO_LARGE', outcome: 'not-applied', retriable: false };
    const update = store.update('heads', key, [append('list', [half])]);
    await expect(update).rejects.toMatchObject(tooLarge);
    expect(withoutKey(await store.get('heads', key))['list']).toHaveLength(1);
  },

  '64 appends at once are each applied once': async ({ store, given }) => {
    const key = await given({ count: 0, list: [] });
    const ids = Array.from({ length: 64 }, (_, i) => bytes(i, 1));
    const results = await Promise.all(
      ids.map((id) => store.update('heads', key, [add('count', 1), append('list', [id])])),
    );
    const counts = results.map((result) => appliedItem(result)?.['count'] as number).sort((a, b) => a - b);
    expect(counts).toEqual(ids.map((_, i) => i + 1));
    const item = await store.get('heads', key);
    expect(item?.['count']).toBe(64);
    const stored = (item?.['list'] as Uint8Array[]).map((id) => id[0]);
    expect(new Set(stored).size).toBe(64);
    // Each answer is the item as that very update left it.
    for (const [i, result] of results.entries()) {
      const list = appliedItem(result)?.['list'] as Uint8Array[];
      expect(list.at(-1)).toEqual(ids[i]);
      expect(list).toHaveLength(appliedItem(result)?.['count'] as number);
    }
  },

  'of 32 repetitions at once of one append under notContains one is applied': async ({ store, given }) => {
    const key = await given({ list: [] });
    const append1 = () =>
      store.update('heads', key, [append('list', [bytes(7)])], notContains('list', bytes(7)));
    const results = await Promise.all(Array.from({ length: 32 }, append1));
    expect(results.filter(({ applied }) => applied)).toHaveLength(1);
    for (const result of results) if (!result.applied) expect(result.current?.['list']).toEqual([bytes(7)]);
    expect((await store.get('heads', key))?.['list']).toEqual([bytes(7)]);
  },

  'of 32 puts at once if absent one wins': async ({ store, pk }) => {
    const key = { pk: pk() };
    const results = await Promise.all(
      Array.from({ length: 32 }, (_, i) => store.put('heads', { ...key, i }, absent('pk'))),
    );
    const winners = results.flatMap((result) => (result.applied ? [result.item] : []));
    expect(winners).toHaveLength(1);
    expect(await store.get('heads', key)).toEqual(winners[0]);
  },

  'a write is seen by every read that begins after it': async ({ store, pk }) => {
    const key = { pk: pk(), sk: 's' };
    for (let i = 0; i < 8; i++) {
      await store.put('groups', { ...key, i });
      expect((await store.get('groups', key))?.['i']).toBe(i);
      expect((await store.query('groups', key.pk, { limit: 1 }))[0]?.['i']).toBe(i);
      expect((await store.getMany('groups', [key]))[0]?.['i']).toBe(i);
    }
  },
};
