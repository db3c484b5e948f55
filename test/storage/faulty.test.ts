// Faults happen as planned, in the same way each time, and take no time.
import { describe, expect, it } from 'vitest';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import {
  crashAtWrite,
  createFaultyProcess,
  ProcessCrash,
  throttling,
  unavailable,
  type Fault,
  type FaultPlan,
  type FaultyCall,
} from '../../lib/storage/faulty.ts';
import { add, append } from '../../lib/storage/ports/action.ts';
import { absent } from '../../lib/storage/ports/condition.ts';

const clock = { now: () => 0, sleep: () => Promise.resolve() };
const key = { pk: 'k' };

function setUp(plan: FaultPlan) {
  const inner = { items: createMemoryItemStore({ clock }), objects: createMemoryObjectStore({ clock }) };
  const process = createFaultyProcess(plan);
  return { inner, process, items: process.items(inner.items), objects: process.objects(inner.objects) };
}

/** The fault of the n-th write; every other request is left alone. */
const atWrite =
  (writeNumber: number, fault: Fault): FaultPlan =>
  (call) =>
    call.isWrite && call.writeNumber === writeNumber ? fault : undefined;

describe('a crash', () => {
  it('stops the process before or after its n-th write, over both stores', async () => {
    for (const isApplied of [false, true]) {
      const { inner, process, items, objects } = setUp(crashAtWrite(3, isApplied));
      await items.put('heads', key);
      await items.get('heads', key);
      await objects.put('a', Uint8Array.of(1));
      expect(process.isCrashed).toBe(false);
      await expect(items.update('heads', key, [add('n', 1)])).rejects.toThrow(ProcessCrash);
      expect(process.isCrashed).toBe(true);
      await expect(items.get('heads', key)).rejects.toThrow(ProcessCrash);
      await expect(objects.put('b', Uint8Array.of(1))).rejects.toThrow(ProcessCrash);
      expect(await inner.items.get('heads', key)).toEqual(isApplied ? { ...key, n: 1 } : key);
      expect(await inner.objects.get('b')).toBeUndefined();
    }
  });

  it('keeps the answers of what was under way from the process that died', async () => {
    const { inner, items } = setUp(crashAtWrite(2, false));
    const first = items.put('heads', { pk: 'first' });
    await expect(items.put('heads', { pk: 'second' })).rejects.toThrow(ProcessCrash);
    await expect(first).rejects.toThrow(ProcessCrash);
    expect(await inner.items.get('heads', { pk: 'first' })).toBeDefined();
    expect(await inner.items.get('heads', { pk: 'second' })).toBeUndefined();
  });
});

describe('an answer that is lost', () => {
  it('leaves the write applied and its outcome unknown', async () => {
    const { inner, items, objects } = setUp(() => ({ kind: 'loseAnswer' }));
    const lost = { code: 'REQUEST_TIMED_OUT', outcome: 'unknown', retriable: true };
    await expect(items.update('heads', key, [add('n', 1)])).rejects.toMatchObject(lost);
    await expect(objects.put('a', Uint8Array.of(1))).rejects.toMatchObject(lost);
    expect(await inner.items.get('heads', key)).toEqual({ ...key, n: 1 });
    expect(await inner.objects.get('a')).toEqual(Uint8Array.of(1));
  });
});

describe('a refusal', () => {
  it('is the planned error and changes nothing', async () => {
    const { inner, items, objects } = setUp(({ store }) =>
      store === 'items' ? throttling() : unavailable(),
    );
    const throttled = { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true };
    await expect(items.put('heads', key)).rejects.toMatchObject(throttled);
    const gone = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true };
    await expect(objects.get('a')).rejects.toMatchObject(gone);
    expect(await inner.items.get('heads', key)).toBeUndefined();
  });
});

describe('a delay', () => {
  it('lets a write arrive after later ones, unseen', async () => {
    const { inner, items } = setUp(atWrite(1, { kind: 'delay', writes: 2 }));
    const lost = { code: 'REQUEST_TIMED_OUT', outcome: 'unknown' };
    const write = (name: string) => items.update('heads', key, [append('order', [name])]);
    await expect(write('late')).rejects.toMatchObject(lost);
    await write('second');
    expect((await inner.items.get('heads', key))?.['order']).toEqual(['second']);
    await write('third');
    expect((await inner.items.get('heads', key))?.['order']).toEqual(['second', 'third', 'late']);
  });

  it('may last until it is released, a crash of the sender notwithstanding', async () => {
    const plan: FaultPlan = ({ writeNumber }) =>
      writeNumber < 3 ? { kind: 'delay', writes: 100 } : { kind: 'crash', isApplied: false };
    const { inner, process, items } = setUp(plan);
    for (const i of [1, 2])
      await expect(items.update('heads', key, [append('order', [i])])).rejects.toThrow();
    await expect(items.put('heads', key)).rejects.toThrow(ProcessCrash);
    expect(await inner.items.get('heads', key)).toBeUndefined();
    await process.release();
    expect((await inner.items.get('heads', key))?.['order']).toEqual([1, 2]);
  });

  it('passes over what the store refuses when it comes late', async () => {
    const { inner, process, items } = setUp(atWrite(1, { kind: 'delay', writes: 1 }));
    const tooLarge = { ...key, data: new Uint8Array(500_000) };
    await expect(items.put('heads', tooLarge)).rejects.toMatchObject({ outcome: 'unknown' });
    await items.put('heads', { ...key, n: 1 }, absent('pk'));
    await process.release();
    expect(await inner.items.get('heads', key)).toEqual({ ...key, n: 1 });
  });
});

describe('a plan', () => {
  it('sees every request, the same in every run', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const calls: FaultyCall[] = [];
        const { items, objects, process } = setUp((call) => {
          calls.push(call);
          return undefined;
        });
        await items.put('heads', key);
        await Promise.all([
          items.get('heads', key),
          objects.put('a', Uint8Array.of(1)),
          objects.list('a', undefined, 1),
        ]);
        await items.transact([{ kind: 'delete', table: 'heads', key }], 'r');
        expect(process.writes).toBe(3);
        return calls;
      }),
    );
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.map(({ method, writeNumber, callNumber }) => [method, writeNumber, callNumber])).toEqual([
      ['put', 1, 1],
      ['get', 1, 2],
      ['put', 2, 3],
      ['list', 2, 4],
      ['transact', 3, 5],
    ]);
    expect(runs[0]?.[2]).toMatchObject({ store: 'objects', isWrite: true, key: 'a', table: undefined });
    expect(runs[0]?.[0]).toMatchObject({ store: 'items', isWrite: true, key: 'k', table: 'heads' });
  });
});
