// The conformance suite of the object port: every adapter, and every decorator, behaves as these cases say.
import { expect } from 'vitest';
import { describeCases, type Cases, type Opened, type SuiteOptions } from './suite.ts';
import type { ObjectStore } from '../../lib/storage/ports/object-store.ts';

interface Subject {
  readonly store: ObjectStore;
  /** A prefix that no other case uses. */
  readonly prefix: string;
}

let counter = 0;
const run = `${process.pid}-${Date.now().toString(36)}`;

const filled = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) & 0xff);

const same = (actual: Uint8Array | undefined, expected: Uint8Array): boolean =>
  actual !== undefined && Buffer.compare(actual, expected) === 0;

export const OBJECT_STORE_CASES: Cases<Subject> = {
  'get answers what was put, byte for byte': async ({ store, prefix }) => {
    for (const length of [0, 1, 1000, 8191, 8192, 8193, 100_000, 1_500_000]) {
      const bytes = filled(length);
      await store.put(`${prefix}${length.toString()}`, bytes);
      const found = await store.get(`${prefix}${length.toString()}`);
      expect([length, same(found, bytes)]).toEqual([length, true]);
    }
  },

  'keeps its own copy of what was put': async ({ store, prefix }) => {
    for (const length of [10, 100_000]) {
      const bytes = filled(length);
      await store.put(`${prefix}copy${length.toString()}`, bytes);
      bytes.fill(0);
      expect(same(await store.get(`${prefix}copy${length.toString()}`), filled(length))).toBe(true);
    }
  },

  'puts pieces one after the other, however many and however small': async ({ store, prefix }) => {
    for (const length of [10, 3_000, 100_000]) {
      const bytes = filled(length);
      const pieceBytes = Math.ceil(length / 3_000);
      const pieces = Array.from({ length: Math.ceil(length / pieceBytes) }, (_, at) =>
        bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
      );
      const key = `${prefix}pieces${length.toString()}`;
      await store.put(key, [new Uint8Array(), ...pieces, new Uint8Array()]);
      expect(same(await store.get(key), bytes)).toBe(true);
    }
    await store.put(`${prefix}pieces0`, []);
    expect(same(await store.get(`${prefix}pieces0`), new Uint8Array())).toBe(true);
  },

  'puts a view of a larger buffer': async ({ store, prefix }) => {
    const buffer = filled(50_000);
    await store.put(`${prefix}view`, buffer.subarray(100, 20_100));
    expect(same(await store.get(`${prefix}view`), buffer.slice(100, 20_100))).toBe(true);
  },

  'get of what is missing is undefined': async ({ store, prefix }) => {
    expect(await store.get(`${prefix}missing`)).toBeUndefined();
    expect(await store.get(`${prefix}missing/deeper`)).toBeUndefined();
    expect(await store.get(`${prefix}missing`, { start: 0, end: 10 })).toBeUndefined();
  },

  'get answers ranges, cut at the end': async ({ store, prefix }) => {
    for (const length of [1000, 100_000]) {
      const [bytes, key] = [filled(length), `${prefix}range${length.toString()}`];
      await store.put(key, bytes);
      const ranges = [
        [0, 1],
        [0, length],
        [10, 20],
        [length - 1, length],
        [length - 10, length + 10],
        [0, 2 * length],
      ];
      for (const [start = 0, end = 0] of ranges) {
        const found = await store.get(key, { start, end });
        expect([start, end, same(found, bytes.slice(start, end))]).toEqual([start, end, true]);
      }
    }
  },

  'a range that is empty or past the end answers no bytes': async ({ store, prefix }) => {
    for (const length of [0, 1000, 100_000]) {
      const key = `${prefix}past${length.toString()}`;
      await store.put(key, filled(length));
      for (const range of [
        { start: length, end: length + 5 },
        { start: length + 7, end: length + 9 },
        { start: 0, end: 0 },
      ])
        expect(same(await store.get(key, range), new Uint8Array())).toBe(true);
    }
  },

  'a put may be repeated': async ({ store, prefix }) => {
    for (const length of [10, 100_000]) {
      const key = `${prefix}again${length.toString()}`;
      await Promise.all([store.put(key, filled(length)), store.put(key, filled(length))]);
      await store.put(key, filled(length));
      expect(same(await store.get(key), filled(length))).toBe(true);
      expect(await store.list(key, undefined, 10)).toHaveLength(1);
    }
  },

  'keys take all their signs': async ({ store, prefix }) => {
    const keys = ['a', 'A1', 'a-b_c.d:e', 'deep/er/est', 'x.tmp', '0', '.hidden'].map(
      (key) => `${prefix}signs/${key}`,
    );
    for (const [i, key] of keys.entries()) await store.put(key, filled(10, i));
    for (const [i, key] of keys.entries()) expect(same(await store.get(key), filled(10, i))).toBe(true);
  },

  'list goes in the order of keys, within prefix, after a key, up to a limit': async ({ store, prefix }) => {
    const names = ['a', 'a-1', 'a.1', 'a0', 'b/1', 'b/2', 'b/c/1', 'b-', 'b0', 'c', 'A', 'a:1'];
    for (const name of names) await store.put(`${prefix}list/${name}`, filled(3));
    const sorted = names.map((name) => `${prefix}list/${name}`).sort();
    const list = async (of: string, after: string | undefined, limit: number) =>
      (await store.list(of, after, limit)).map(({ key }) => key);
    expect(await list(`${prefix}list/`, undefined, 100)).toEqual(sorted);
    expect(await list(`${prefix}list/`, undefined, 3)).toEqual(sorted.slice(0, 3));
    for (const [i, key] of sorted.entries())
      expect(await list(`${prefix}list/`, key, 2)).toEqual(sorted.slice(i + 1, i + 3));
    expect(await list(`${prefix}list/b`, undefined, 100)).toEqual(
      sorted.filter((key) => key.includes('list/b')),
    );
    expect(await list(`${prefix}list/b/`, undefined, 100)).toEqual(
      sorted.filter((key) => key.includes('list/b/')),
    );
    expect(await list(`${prefix}list/b/c/1`, undefined, 100)).toEqual([`${prefix}list/b/c/1`]);
    expect(await list(`${prefix}list/zzz`, undefined, 100)).toEqual([]);
    expect(await list(`${prefix}list/`, `${prefix}list/b/zzz`, 2)).toEqual([
      `${prefix}list/b0`,
      `${prefix}list/c`,
    ]);
    expect(await list(`${prefix}list/b`, `${prefix}list/`, 1)).toEqual([`${prefix}list/b-`]);
  },

  'list pages through objects small and large': async ({ store, prefix }) => {
    const keys = Array.from({ length: 25 }, (_, i) => `${prefix}pages/${i.toString().padStart(2, '0')}`);
    await Promise.all(keys.map((key, i) => store.put(key, filled(i % 3 === 0 ? 60_000 : 100))));
    const seen: string[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await store.list(`${prefix}pages/`, after, 4);
      seen.push(...page.map(({ key }) => key));
      if (page.length < 4) break;
    }
    expect(seen).toEqual(keys);
  },

  'list tells bytes and time': async ({ store, prefix }) => {
    await store.put(`${prefix}entry`, filled(1234));
    const [entry] = await store.list(`${prefix}entry`, undefined, 1);
    expect(entry?.bytes).toBe(1234);
    expect(Number.isFinite(entry?.lastModifiedMs)).toBe(true);
  },

  'delete removes, passes over what is missing, and leaves the rest': async ({ store, prefix }) => {
    const keys = ['1', '2', '3', 'd/4'].map((name) => `${prefix}gone/${name}`);
    for (const key of keys) await store.put(key, filled(10));
    await store.put(`${prefix}gone/large`, filled(100_000));
    await store.delete([
      ...keys.slice(1),
      `${prefix}gone/large`,
      `${prefix}gone/missing`,
      `${prefix}gone/x/y`,
    ]);
    expect((await store.list(`${prefix}gone/`, undefined, 9)).map(({ key }) => key)).toEqual([keys[0]]);
    expect(await store.get(`${prefix}gone/3`)).toBeUndefined();
    expect(await store.get(`${prefix}gone/large`)).toBeUndefined();
    await store.delete([]);
  },

  'delete of 1,001 keys': async ({ store, prefix }) => {
    const keys = Array.from({ length: 1001 }, (_, i) => `${prefix}many/${i.toString()}`);
    await store.put(keys[0] ?? '', filled(1));
    await store.put(keys[1000] ?? '', filled(1));
    await store.delete(keys);
    expect(await store.list(`${prefix}many/`, undefined, 9)).toEqual([]);
  },

  'refuses keys that are illegal, and changes nothing': async ({ store, prefix }) => {
    const illegal = [
      '',
      '/',
      '/absolute',
      '..',
      `${prefix}../x`,
      `${prefix}a/../../x`,
      `${prefix}a/./b`,
      `${prefix}a//b`,
      `${prefix}end/`,
      `${prefix}bl ank`,
      `${prefix}nul\u0000`,
      `${prefix}back\\slash`,
      `${prefix}tilde~`,
      `${prefix}é`,
      `${prefix}%2e`,
      `${prefix}${'x'.repeat(1025)}`,
    ];
    for (const key of illegal) {
      const refused = { code: 'INVALID_REQUEST', outcome: 'not-applied' };
      await expect(store.put(key, filled(1)), key).rejects.toMatchObject(refused);
      await expect(store.get(key), key).rejects.toMatchObject(refused);
    }
    expect(await store.list(prefix, undefined, 10)).toEqual([]);
  },

  '32 puts at once': async ({ store, prefix }) => {
    const keys = Array.from(
      { length: 32 },
      (_, i) => `${prefix}at-once/${(i % 4).toString()}/${i.toString()}`,
    );
    await Promise.all(keys.map((key, i) => store.put(key, filled(20_000, i))));
    const found = await Promise.all(keys.map((key) => store.get(key)));
    expect(found.map((bytes, i) => same(bytes, filled(20_000, i)))).toEqual(keys.map(() => true));
  },
};

/** Describes the suite for one adapter. `open` is called once; the cases use prefixes of their own. */
export function describeObjectStore(
  name: string,
  open: () => Promise<Opened<ObjectStore>>,
  options: SuiteOptions = {},
): void {
  const subjectOf = (store: ObjectStore) => ({ store, prefix: `case-${run}/${(counter++).toString()}/` });
  describeCases(`object store: ${name}`, open, OBJECT_STORE_CASES, subjectOf, options);
}
