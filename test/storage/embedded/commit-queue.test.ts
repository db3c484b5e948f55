// The embedded item store over tables whose commits are durable only after a sync: what is answered when, and what is shown.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import { EmbeddedItemStore } from '../../../lib/storage/embedded/embedded-item-store.ts';
import { MemoryTables } from '../../../lib/storage/embedded/memory-tables.ts';
import { add } from '../../../lib/storage/ports/action.ts';
import { absent } from '../../../lib/storage/ports/condition.ts';

const key = { pk: 'k' };

/** A store whose syncs end when the test says so. */
function setUp() {
  const syncs: { readonly end: () => void; readonly fail: (error: unknown) => void }[] = [];
  class Tables extends MemoryTables {
    sync(): Promise<void> {
      return new Promise((end, fail) => syncs.push({ end, fail }));
    }
  }
  const clock = { now: () => 1_000_000, sleep: () => Promise.resolve() };
  const store = new EmbeddedItemStore(new Tables(), { clock, soon: setImmediate });
  /** Lets everything run that can. */
  const rest = async () => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const endSync = async () => {
    syncs.shift()?.end();
    await rest();
  };
  /** Whether a call was answered. */
  const watch = <Result>(call: Promise<Result>) => {
    const state = { isAnswered: false, call };
    const settle = () => (state.isAnswered = true);
    call.then(settle, settle);
    return state;
  };
  return { store, syncs, rest, endSync, watch };
}

describe('a write', () => {
  it('is answered after the sync that began after its commit, and shown from then on', async () => {
    const { store, syncs, rest, endSync, watch } = setUp();
    const first = watch(store.put('heads', { ...key, n: 1 }));
    await rest();
    expect([syncs.length, first.isAnswered]).toEqual([1, false]);
    const second = watch(store.update('heads', key, [add('n', 1)]));
    await rest();
    expect(await store.get('heads', key)).toBeUndefined();
    await endSync();
    expect([first.isAnswered, second.isAnswered]).toEqual([true, false]);
    expect(await store.get('heads', key)).toEqual({ ...key, n: 1 });
    await endSync();
    expect(await second.call).toEqual({ applied: true, item: { ...key, n: 2 } });
    expect(await store.getMany('heads', [key])).toEqual([{ ...key, n: 2 }]);
    expect(syncs).toEqual([]);
  });

  it('that is refused by what is not durable yet is answered after that is', async () => {
    const { store, rest, endSync, watch } = setUp();
    const first = watch(store.put('heads', { ...key, n: 1 }));
    await rest();
    const refused = watch(store.put('heads', { ...key, n: 2 }, absent('pk')));
    await rest();
    await endSync();
    expect([first.isAnswered, refused.isAnswered]).toEqual([true, false]);
    await endSync();
    expect(await refused.call).toEqual({ applied: false, current: { ...key, n: 1 } });
  });

  it('in order is answered by its commit, and asks for no sync of its own', async () => {
    const { store, syncs, rest, endSync, watch } = setUp();
    await store.putInOrder('objects', { pk: 'o' });
    expect([syncs.length, await store.get('objects', { pk: 'o' })]).toEqual([0, undefined]);
    const after = watch(store.put('heads', key));
    await rest();
    expect([syncs.length, after.isAnswered]).toEqual([1, false]);
    await endSync();
    expect(after.isAnswered).toBe(true);
    expect(await store.get('objects', { pk: 'o' })).toEqual({ pk: 'o' });
  });

  it('of a transaction is not applied twice while its first call is not durable', async () => {
    const { store, rest, endSync, watch } = setUp();
    const writes = [{ kind: 'update', table: 'heads', key, actions: [add('n', 1)] }] as const;
    const first = watch(store.transact(writes, 'request'));
    await rest();
    const again = watch(store.transact(writes, 'request'));
    await rest();
    await endSync();
    await endSync();
    expect(await Promise.all([first.call, again.call])).toEqual([{ applied: true }, { applied: true }]);
    expect(await store.get('heads', key)).toEqual({ ...key, n: 1 });
  });
});

describe('a query', () => {
  const put = { pk: 'p', sk: '1' };

  it('waits for what is not durable of its partition key, and for nothing else', async () => {
    const { store, rest, endSync, watch } = setUp();
    void store.put('groups', put);
    await rest();
    expect(await store.query('groups', 'other', { limit: 9 })).toEqual([]);
    const query = watch(store.query('groups', 'p', { limit: 9 }));
    const scan = watch(store.scan('groups', { limit: 9 }));
    await rest();
    expect([query.isAnswered, scan.isAnswered]).toEqual([false, false]);
    await endSync();
    expect(await query.call).toEqual([put]);
    expect((await scan.call).items).toEqual([put]);
  });

  it('is not overtaken for ever by writes that go on', async () => {
    const { store, rest, endSync, watch } = setUp();
    void store.put('groups', put);
    await rest();
    void store.put('groups', { pk: 'p', sk: '2' });
    await rest();
    const query = watch(store.query('groups', 'p', { limit: 9 }));
    const late = watch(store.put('groups', { pk: 'p', sk: '3' }));
    await rest();
    await endSync();
    await endSync();
    expect((await query.call).map(({ sk }) => sk)).toEqual(['1', '2']);
    await endSync();
    expect((await late.call).applied).toBe(true);
  });
});

describe('a sync that fails', () => {
  it('fails what waited for it as unknown, and everything after it, and shows nothing of it', async () => {
    const { store, syncs, rest, watch } = setUp();
    const write = watch(store.put('groups', { pk: 'p', sk: '1' }));
    await rest();
    const query = watch(store.query('groups', 'p', { limit: 9 }));
    await rest();
    syncs[0]?.fail(
      new BrokerError('KAFKA_STORAGE_ERROR', 'the disk', { outcome: 'unknown', retriable: false }),
    );
    await expect(write.call).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR', outcome: 'unknown' });
    const refused = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied' };
    await expect(query.call).rejects.toMatchObject(refused);
    await expect(store.put('heads', key)).rejects.toMatchObject(refused);
    await expect(store.get('heads', key)).rejects.toMatchObject(refused);
    await store.close();
  });
});

describe('close', () => {
  it('waits until what was called before is durable', async () => {
    const { store, rest, endSync, watch } = setUp();
    const write = watch(store.put('heads', key));
    const closing = watch(store.close());
    await rest();
    expect([write.isAnswered, closing.isAnswered]).toEqual([false, false]);
    await endSync();
    expect((await write.call).applied).toBe(true);
    await closing.call;
  });
});
