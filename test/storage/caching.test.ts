// What the cache of objects answers itself, what it asks for, and how much it keeps.
import { describe, expect, it } from 'vitest';
import { cacheObjects, type CacheOptions } from '../../lib/storage/caching.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import type { ObjectStore } from '../../lib/storage/ports/object-store.ts';

const clock = { now: () => 0, sleep: () => Promise.resolve() };
const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

/** A cache over a store that counts its gets and can hold their answers back. */
function setUp(options: CacheOptions = { bytesMax: 100_000 }) {
  const memory = createMemoryObjectStore({ clock });
  const asked: string[] = [];
  const state = { gate: Promise.resolve() };
  const inner: ObjectStore = {
    ...memory,
    get: async (key, range) => {
      asked.push(range ? `${key} ${range.start.toString()}-${range.end.toString()}` : key);
      const found = await memory.get(key, range);
      await state.gate;
      return found;
    },
  };
  return { memory, asked, state, cache: cacheObjects(inner, options) };
}

describe('caching', () => {
  it('asks once for what several want, at the same time or later', async () => {
    const { cache, asked } = setUp();
    await cache.put('a', bytes(10));
    await Promise.all([cache.get('a'), cache.get('a'), cache.get('a')]);
    expect(await cache.get('a')).toEqual(bytes(10));
    expect(asked).toEqual(['a']);
  });

  it('answers ranges of an object that it has whole, and keeps ranges as they were asked', async () => {
    const { cache, asked } = setUp();
    await cache.put('a', Uint8Array.of(0, 1, 2, 3, 4));
    expect(await cache.get('a', { start: 1, end: 3 })).toEqual(Uint8Array.of(1, 2));
    await cache.get('a', { start: 1, end: 3 });
    await cache.get('a', { start: 1, end: 4 });
    expect(asked).toEqual(['a 1-3', 'a 1-4']);
    await cache.get('a');
    expect(await cache.get('a', { start: 3, end: 99 })).toEqual(Uint8Array.of(3, 4));
    expect(asked).toEqual(['a 1-3', 'a 1-4', 'a']);
  });

  it('gives each caller bytes of its own', async () => {
    const { cache } = setUp();
    await cache.put('a', bytes(4));
    const [first, second] = await Promise.all([cache.get('a'), cache.get('a')]);
    first?.fill(9);
    expect(second).toEqual(bytes(4));
    expect(await cache.get('a')).toEqual(bytes(4));
    (await cache.get('a', { start: 0, end: 2 }))?.fill(9);
    expect(await cache.get('a')).toEqual(bytes(4));
  });

  it('keeps the latest up to its bytes', async () => {
    const { cache, asked } = setUp({ bytesMax: 4000, answerBytesMax: 1000 });
    for (const key of ['a', 'b', 'c', 'd']) await cache.put(key, bytes(1000));
    for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) await cache.get(key);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('passes on what is too long to keep', async () => {
    const { cache, asked } = setUp({ bytesMax: 8000 });
    await cache.put('a', bytes(1001));
    for (let i = 0; i < 2; i++) expect(await cache.get('a')).toHaveLength(1001);
    expect(asked).toEqual(['a', 'a']);
  });

  it('does not remember that there was nothing', async () => {
    const { cache } = setUp();
    expect(await cache.get('a')).toBeUndefined();
    await cache.put('a', bytes(1));
    expect(await cache.get('a')).toEqual(bytes(1));
  });

  it('forgets what is deleted, ranges and answers under way included', async () => {
    const { cache, memory, state } = setUp();
    await cache.put('a', bytes(10));
    await cache.get('a');
    await cache.get('a', { start: 1, end: 2 });
    await cache.delete(['a']);
    expect(await cache.get('a')).toBeUndefined();
    expect(await cache.get('a', { start: 1, end: 2 })).toBeUndefined();
    await memory.put('b', bytes(10));
    const gate = Promise.withResolvers<undefined>();
    state.gate = gate.promise;
    const underWay = cache.get('b');
    await cache.delete(['b']);
    gate.resolve(undefined);
    expect(await underWay).toEqual(bytes(10));
    expect(await cache.get('b')).toBeUndefined();
  });

  it('asks again after an error', async () => {
    const { cache, state } = setUp();
    await cache.put('a', bytes(1));
    state.gate = Promise.reject(new Error('not now'));
    await expect(Promise.all([cache.get('a'), cache.get('a')])).rejects.toThrow('not now');
    state.gate = Promise.resolve();
    expect(await cache.get('a')).toEqual(bytes(1));
  });
});
