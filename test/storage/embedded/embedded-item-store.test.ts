// Group commit, failed commits, observation, expiry and request ids of the embedded item store, over tables in memory.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import { EmbeddedItemStore } from '../../../lib/storage/embedded/embedded-item-store.ts';
import { MemoryTables } from '../../../lib/storage/embedded/memory-tables.ts';
import { REQUEST_MEMORY_MS } from '../../../lib/storage/embedded/recent-requests.ts';
import { add, append, removeFirst, set } from '../../../lib/storage/ports/action.ts';
import { absent, equals, exists } from '../../../lib/storage/ports/condition.ts';
import type { Change } from '../../../lib/storage/embedded/item-tables.ts';
import type { WriteUsage } from '../../../lib/storage/item-usage.ts';

const key = { pk: 'k' };

/** A store whose groups are committed when the test says so, over tables that can fail. */
function setUp() {
  const scheduled: (() => void)[] = [];
  const commits: (readonly Change[])[] = [];
  const state = { nowMs: 1_000_000, failure: undefined as Error | undefined };
  class Tables extends MemoryTables {
    override commit(changes: readonly Change[]): void {
      if (state.failure) throw state.failure;
      commits.push(changes);
      super.commit(changes);
    }
  }
  const clock = { now: () => state.nowMs, sleep: () => Promise.resolve() };
  const store = new EmbeddedItemStore(new Tables(), { clock, soon: (run) => scheduled.push(run) });
  const commit = () => {
    for (const run of scheduled.splice(0)) run();
  };
  /** A call whose group is committed at once. */
  const now = <Result>(call: Promise<Result>): Promise<Result> => {
    commit();
    return call;
  };
  return { store, commits, state, scheduled, commit, now };
}

describe('group commit', () => {
  it('commits what was called meanwhile at once, each key once, and answers each by its own turn', async () => {
    const { store, commits, commit } = setUp();
    const calls = [1, 2, 3].map(() => store.update('heads', key, [add('n', 1)]));
    const other = store.put('groups', { pk: 'a', sk: 'b' });
    commit();
    const answers = await Promise.all(calls);
    expect(answers.map((answer) => answer.applied && answer.item?.['n'])).toEqual([1, 2, 3]);
    expect((await other).applied).toBe(true);
    expect(commits.map((changes) => changes.length)).toEqual([2]);
  });

  it('shows readers nothing before the commit', async () => {
    const { store, commit } = setUp();
    const put = store.put('heads', key);
    expect(await store.get('heads', key)).toBeUndefined();
    commit();
    await put;
    expect(await store.get('heads', key)).toEqual(key);
  });

  it('commits nothing where all conditions fail', async () => {
    const { store, commits, now } = setUp();
    expect((await now(store.put('heads', key, exists('pk')))).applied).toBe(false);
    expect(commits).toEqual([]);
  });

  it('splits what is too much for one commit', async () => {
    const { store, commits, scheduled, commit } = setUp();
    const data = new Uint8Array(300_000);
    const puts = Array.from({ length: 20 }, (_, i) => store.put('heads', { pk: i.toString(), data }));
    while (scheduled.length > 0) commit();
    await Promise.all(puts);
    expect(commits.map((changes) => changes.length)).toEqual([14, 6]);
  });

  it('commits what was called before it is closed, and refuses what comes after', async () => {
    const { store, commits } = setUp();
    const put = store.put('heads', key);
    await store.close();
    expect((await put).applied).toBe(true);
    expect(commits).toHaveLength(1);
    const closed = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: false };
    await expect(store.put('heads', key)).rejects.toMatchObject(closed);
    await expect(store.get('heads', key)).rejects.toMatchObject(closed);
    await store.close();
  });
});

describe('a commit that fails', () => {
  it('fails its whole group with what is known, and the store goes on from what was committed', async () => {
    const { store, state, commit, now } = setUp();
    await now(store.put('heads', { ...key, n: 1 }));
    state.failure = new BrokerError('KAFKA_STORAGE_ERROR', 'the disk failed', { outcome: 'unknown' });
    const failing = [
      store.update('heads', key, [add('n', 1)]),
      store.update('heads', key, [add('n', 1)], equals('n', 9)),
      store.transact([{ kind: 'delete', table: 'heads', key }], 'request'),
    ];
    commit();
    for (const result of await Promise.allSettled(failing))
      expect(result).toMatchObject({ status: 'rejected', reason: { outcome: 'unknown' } });
    state.failure = undefined;
    expect(await store.get('heads', key)).toEqual({ ...key, n: 1 });
    expect(await now(store.update('heads', key, [add('n', 1)]))).toEqual({
      applied: true,
      item: { ...key, n: 2 },
    });
  });

  it('leaves the request id of a transaction unused', async () => {
    const { store, state, now } = setUp();
    state.failure = new BrokerError('KAFKA_STORAGE_ERROR', 'the disk failed', { outcome: 'unknown' });
    const writes = [{ kind: 'put', table: 'heads', item: { ...key } }] as const;
    await expect(now(store.transact(writes, 'request'))).rejects.toThrow();
    state.failure = undefined;
    expect(await now(store.transact(writes, 'request'))).toEqual({ applied: true });
    expect(await store.get('heads', key)).toEqual(key);
  });
});

describe('request ids', () => {
  const writes = [{ kind: 'update', table: 'heads', key, actions: [add('n', 1)] }] as const;

  it('are remembered within one group', async () => {
    const { store, commit } = setUp();
    const both = [store.transact(writes, 'request'), store.transact(writes, 'request')];
    commit();
    expect(await Promise.all(both)).toEqual([{ applied: true }, { applied: true }]);
    expect(await store.get('heads', key)).toEqual({ ...key, n: 1 });
  });

  it('are remembered for ten minutes', async () => {
    const { store, state, now } = setUp();
    await now(store.transact(writes, 'request'));
    state.nowMs += REQUEST_MEMORY_MS - 1;
    await now(store.transact(writes, 'request'));
    expect((await store.get('heads', key))?.['n']).toBe(1);
    state.nowMs += 1;
    await now(store.transact(writes, 'request'));
    expect((await store.get('heads', key))?.['n']).toBe(2);
  });
});

describe('expiry', () => {
  it('is carried out by removeExpired alone, in tables that have it', async () => {
    const { store, now, scheduled, commit } = setUp();
    for (let i = 0; i < 450; i++)
      await now(store.put('objects', { pk: i.toString(), expires: 100 + (i % 3) }));
    await now(store.put('heads', { pk: 'a', expires: 1 }));
    await now(store.put('objects', { pk: 'for ever' }));
    const removal = store.removeExpired(101_999);
    for (let i = 0; i < 50; i++) {
      if (scheduled.length > 0) commit();
      await Promise.resolve();
    }
    expect(await removal).toBe(300);
    const left = (await store.scan('objects', { limit: 1000 })).items;
    expect(new Set(left.map(({ expires }) => expires))).toEqual(new Set([102, undefined]));
    expect(await store.get('heads', { pk: 'a' })).toBeDefined();
  });

  it('spares what is renewed in the same group', async () => {
    const { store, now, commit } = setUp();
    await now(store.put('objects', { ...key, expires: 100 }));
    const renewal = store.update('objects', key, [set('expires', 200)]);
    const removal = store.removeExpired(150_000);
    for (let i = 0; i < 20; i++) {
      commit();
      await Promise.resolve();
    }
    await Promise.all([renewal, removal]);
    expect(await store.get('objects', key)).toEqual({ ...key, expires: 200 });
  });
});

describe('observation', () => {
  it('tells the sizes before and after each write, once it is durable', async () => {
    const { store, state, commit, now } = setUp();
    const seen: WriteUsage[] = [];
    store.observeWrites((write) => seen.push(write));
    const put = store.put('heads', { pk: 'abc', data: new Uint8Array(94) });
    expect(seen).toEqual([]);
    commit();
    await put;
    await now(store.update('heads', { pk: 'abc' }, [append('l', [1])]));
    await now(store.update('heads', { pk: 'abc' }, [], absent('pk')));
    await now(store.delete('heads', { pk: 'abc' }));
    const sizes = seen.map(({ kind, beforeBytes, afterBytes, applied }) => [
      kind,
      beforeBytes,
      afterBytes,
      applied,
    ]);
    // pk 2 + 3, data 4 + 94, and then l 1 + 3 + 1 + 2.
    expect(sizes).toEqual([
      ['put', 0, 103, true],
      ['update', 103, 110, true],
      ['update', 110, 110, false],
      ['delete', 110, 0, true],
    ]);
    state.failure = new Error('gone');
    await expect(now(store.put('heads', key))).rejects.toThrow();
    expect(seen).toHaveLength(4);
  });
});

describe('impossible updates', () => {
  it('are refused where DynamoDB would pass over them', async () => {
    const { store, now } = setUp();
    await now(store.put('heads', { ...key, list: [1, 2], n: Number.MAX_SAFE_INTEGER }));
    await expect(now(store.update('heads', key, [removeFirst('list', 3)]))).rejects.toThrow(
      'removeFirst 3 of 2 in list',
    );
    await expect(now(store.update('heads', key, [removeFirst('list', 0)]))).rejects.toThrow(
      'removeFirst 0 of 2',
    );
    await expect(now(store.update('heads', key, [add('n', 1)]))).rejects.toThrow('no safe integer');
    await expect(now(store.put('heads', { ...key, half: 0.5 }))).rejects.toThrow('no safe integer');
    await expect(now(store.put('heads', { pk: '' }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'pk',
    });
    await expect(now(store.put('heads', { pk: 'x'.repeat(2049) }))).rejects.toThrow(
      '2049 bytes, at most 2048',
    );
    await expect(now(store.put('heads', { pk: '\ud800' }))).rejects.toThrow('not well-formed');
    await expect(store.getMany('heads', [key, key])).rejects.toThrow('one key twice');
    await expect(store.query('heads', 'k', { limit: 0 })).rejects.toThrow('limit 0');
  });
});
