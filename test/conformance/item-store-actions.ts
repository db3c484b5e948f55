// Cases of actions: each kind, what it starts from, what it refuses, and that all of one update see the item before it.
import { expect } from 'vitest';
import {
  add,
  append,
  remove,
  removeFirst,
  set,
  setFrom,
  setIfAbsent,
  type Action,
} from '../../lib/storage/ports/action.ts';
import { equals } from '../../lib/storage/ports/condition.ts';
import { bytes, type Subject } from './item-store-subject.ts';
import type { Cases } from './suite.ts';

/** An update that no adapter may carry out; it leaves the item as it was. */
async function refuses({ store, given }: Subject, ...actions: readonly Action[]): Promise<void> {
  const before = { n: 1, list: ['a', 'b'], map: { inner: { x: 1 } } };
  const key = await given(before);
  await expect(store.update('heads', key, actions)).rejects.toThrow();
  expect(await store.get('heads', key)).toEqual({ ...key, ...before });
}

const largest = Number.MAX_SAFE_INTEGER;

export const actionCases: Cases<Subject> = {
  'set makes and replaces': async ({ after }) => {
    expect(await after({ a: 1 }, set('a', 'x'), set('b', [1]))).toEqual({ a: 'x', b: [1] });
    expect(await after({ m: { a: 1, b: 2 } }, set(['m', 'a'], 3), set(['m', 'c'], null))).toEqual({
      m: { a: 3, b: 2, c: null },
    });
    expect(await after({ m: { d: {} } }, set(['m', 'd', 'e'], bytes(1)))).toEqual({
      m: { d: { e: bytes(1) } },
    });
    expect(await after({ m: { a: 1 } }, set('m', {}))).toEqual({ m: {} });
  },

  'set stores empty strings, binaries, lists and maps': async ({ after }) => {
    const empty = { text: '', binary: bytes(), list: [], map: {} };
    const actions = Object.entries(empty).map(([name, value]) => set(name, value));
    expect(await after({}, ...actions)).toEqual(empty);
  },

  'setIfAbsent leaves what is there': async ({ after }) => {
    expect(await after({ a: 1 }, setIfAbsent('a', 2), setIfAbsent('b', 3))).toEqual({ a: 1, b: 3 });
    expect(await after({ a: null }, setIfAbsent('a', 2))).toEqual({ a: null });
    expect(await after({ m: { a: 0 } }, setIfAbsent(['m', 'a'], 1), setIfAbsent(['m', 'b'], 2))).toEqual({
      m: { a: 0, b: 2 },
    });
    expect(await after(undefined, setIfAbsent('a', 1))).toEqual({ a: 1 });
  },

  'setFrom copies a number and adds to it': async ({ after }) => {
    expect(await after({ a: 5 }, setFrom('b', 'a'))).toEqual({ a: 5, b: 5 });
    expect(await after({ a: 5, b: 1 }, setFrom('b', 'a', 3))).toEqual({ a: 5, b: 8 });
    expect(await after({ a: 5 }, setFrom('b', 'a', -7))).toEqual({ a: 5, b: -2 });
    expect(await after({ a: 5 }, setFrom('a', 'a', 1))).toEqual({ a: 6 });
    expect(await after({ m: { a: 5 }, n: {} }, setFrom(['n', 'b'], ['m', 'a'], 1))).toEqual({
      m: { a: 5 },
      n: { b: 6 },
    });
  },

  'setFrom sees the value before the update': async ({ after }) => {
    expect(await after({ a: 5, b: 1 }, add('a', 10), setFrom('b', 'a', 1))).toEqual({ a: 15, b: 6 });
    expect(await after({ a: 5, b: 1 }, setFrom('b', 'a', 1), set('a', 10))).toEqual({ a: 10, b: 6 });
    expect(await after({ a: 5 }, remove('a'), setFrom('b', 'a'))).toEqual({ b: 5 });
  },

  'setFrom swaps': async ({ after }) => {
    expect(await after({ a: 1, b: 2 }, setFrom('a', 'b'), setFrom('b', 'a'))).toEqual({ a: 2, b: 1 });
  },

  'add starts from 0, takes negative amounts and reaches the largest number': async ({ after }) => {
    expect(await after({ a: 1 }, add('a', 2))).toEqual({ a: 3 });
    expect(await after({ a: 1 }, add('a', -2))).toEqual({ a: -1 });
    expect(await after({ a: 1 }, add('a', 0))).toEqual({ a: 1 });
    expect(await after({}, add('a', 2))).toEqual({ a: 2 });
    expect(await after(undefined, add('a', -2))).toEqual({ a: -2 });
    expect(await after({ m: { a: 1 } }, add(['m', 'a'], 1), add(['m', 'b'], 1))).toEqual({
      m: { a: 2, b: 1 },
    });
    expect(await after({ a: largest - 1 }, add('a', 1))).toEqual({ a: largest });
    expect(await after({ a: -largest + 1 }, add('a', -1))).toEqual({ a: -largest });
    expect(await after({ a: largest }, add('a', -largest))).toEqual({ a: 0 });
  },

  'append starts from an empty list and keeps the order': async ({ after }) => {
    expect(await after({ l: ['a'] }, append('l', ['b', 'c']))).toEqual({ l: ['a', 'b', 'c'] });
    expect(await after({}, append('l', ['a']))).toEqual({ l: ['a'] });
    expect(await after({ l: [] }, append('l', [bytes(1), bytes()]))).toEqual({ l: [bytes(1), bytes()] });
    expect(await after({ l: [1] }, append('l', [[2], { a: 3 }, null]))).toEqual({
      l: [1, [2], { a: 3 }, null],
    });
    expect(await after({ l: [1] }, append('l', []))).toEqual({ l: [1] });
    expect(await after({}, append('l', []))).toEqual({ l: [] });
    expect(await after({ m: { l: [1] } }, append(['m', 'l'], [1]), append(['m', 'k'], [2]))).toEqual({
      m: { l: [1, 1], k: [2] },
    });
  },

  'removeFirst removes the first k, each k': async ({ after }) => {
    const list = Array.from({ length: 12 }, (_, i) => i);
    for (const count of [1, 2, 3, 11, 12])
      expect(await after({ list }, removeFirst('list', count))).toEqual({ list: list.slice(count) });
    expect(await after({ m: { l: [1, 2, 3] } }, removeFirst(['m', 'l'], 2))).toEqual({ m: { l: [3] } });
  },

  'removeFirst of 100 elements': async ({ after }) => {
    const list = Array.from({ length: 110 }, (_, i) => bytes(i));
    expect(await after({ list }, removeFirst('list', 100))).toEqual({ list: list.slice(100) });
  },

  'remove, twice, nested, and of what is absent': async ({ after }) => {
    expect(await after({ a: 1, b: 2, c: 3 }, remove('a'), remove('b'))).toEqual({ c: 3 });
    expect(await after({ m: { a: 1, b: 2, c: 3 } }, remove(['m', 'a']), remove(['m', 'b']))).toEqual({
      m: { c: 3 },
    });
    expect(await after({ m: { a: 1 } }, remove(['m', 'a']))).toEqual({ m: {} });
    expect(await after({ m: { a: 1 } }, remove(['m', 'missing']), remove('missing'))).toEqual({
      m: { a: 1 },
    });
  },

  'many actions at once, as an append to a head has them': async ({ after }) => {
    const before = { n: 10, ts: 4, t: [bytes(1), bytes(2)], p: { a: bytes(1), b: bytes(2) }, sp: 0 };
    const result = await after(
      before,
      add('n', 5),
      append('t', [bytes(3)]),
      set(['p', 'a'], bytes(9)),
      set(['p', 'c'], bytes(8)),
      remove(['p', 'b']),
      setIfAbsent('u', 77),
      setFrom('ts', 'n', -1),
      add('sp', 1),
    );
    expect(result).toEqual({
      n: 15,
      ts: 9,
      t: [bytes(1), bytes(2), bytes(3)],
      p: { a: bytes(9), c: bytes(8) },
      sp: 1,
      u: 77,
    });
  },

  'attribute names may be any words and signs in actions': async ({ after }) => {
    const names = ['size', 'a.b', '#x', ':v', 'with blank', '1', 'SET', 'وادي', '"', "'"];
    const actions = names.flatMap((name, i) => [set(name, i), set(['m', name], i)]);
    const expected = Object.fromEntries(names.map((name, i) => [name, i]));
    expect(await after({ m: {} }, ...actions)).toEqual({ ...expected, m: expected });
  },

  'refuses to touch one path twice': async (subject) => {
    await refuses(subject, set('n', 2), add('n', 1));
    await refuses(subject, removeFirst('list', 1), append('list', ['c']));
    await refuses(subject, remove(['map', 'inner']), set(['map', 'inner'], 1));
  },

  'refuses to touch a path and its parent': async (subject) => {
    await refuses(subject, set('map', {}), set(['map', 'inner'], 1));
    await refuses(subject, remove(['map', 'inner', 'x']), set(['map', 'inner'], {}));
  },

  'refuses to change the key': async (subject) => {
    await refuses(subject, set('pk', 'other'));
    await refuses(subject, remove('pk'));
  },

  'refuses a set under a missing parent': async (subject) => {
    await refuses(subject, set(['missing', 'a'], 1));
    await refuses(subject, set(['map', 'missing', 'a'], 1));
    await refuses(subject, set('n', 2), set(['n', 'a'], 1));
  },

  'refuses arithmetic on what is not a number, and lists of what is none': async (subject) => {
    await refuses(subject, add('list', 1));
    await refuses(subject, setFrom('n', 'list', 1));
    await refuses(subject, setFrom('n', 'missing', 1));
    await refuses(subject, append('n', [1]));
  },

  'a refused update does not disturb others at the same time': async ({ store, given }) => {
    const key = await given({ n: 0 });
    const updates = [add('n', 1), append('n', ['not a list']), add('n', 1)];
    const results = await Promise.allSettled(updates.map((action) => store.update('heads', key, [action])));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.get('heads', key)).toEqual({ ...key, n: 2 });
  },

  'a failed condition is answered before an impossible action is looked at': async ({ store, given }) => {
    const key = await given({ n: 0 });
    const result = await store.update('heads', key, [set(['missing', 'a'], 1)], equals('n', 1));
    expect(result).toEqual({ applied: false, current: { ...key, n: 0 } });
  },
};
