// Cases of transact: all or none, failures by index, repetitions by request id, and races.
import { expect } from 'vitest';
import { add, set } from '../../lib/storage/ports/action.ts';
import { absent, atLeast, equals, exists } from '../../lib/storage/ports/condition.ts';
import { BrokerError } from '../../lib/base/errors.ts';
import type { Subject } from './item-store-subject.ts';
import type { ItemKey, TransactResult, TransactWrite } from '../../lib/storage/ports/item-store.ts';
import type { Cases } from './suite.ts';

let counter = 0;
const requestId = () => `${process.pid}-${Date.now().toString(36)}-${(counter++).toString()}`;

const increment = (key: ItemKey): TransactWrite => ({
  kind: 'update',
  table: 'heads',
  key,
  actions: [add('n', 1)],
});

/** As a caller does: a conflict with another write in flight is tried again. */
async function untilNoConflict(transact: () => Promise<TransactResult>): Promise<TransactResult> {
  for (;;) {
    try {
      return await transact();
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'THROTTLING_QUOTA_EXCEEDED') throw error;
      expect(error.outcome).toBe('not-applied');
    }
  }
}

export const transactCases: Cases<Subject> = {
  'transact puts, updates, deletes and checks in several tables': async ({ store, pk, given }) => {
    const [put, updated, deleted, checked] = [
      { pk: pk(), sk: 's' },
      await given({ n: 1 }),
      await given({}),
      await given({ ok: true }),
    ];
    const result = await store.transact(
      [
        { kind: 'put', table: 'groups', item: { ...put, a: 1 }, condition: absent('pk') },
        { kind: 'update', table: 'heads', key: updated, actions: [add('n', 1)], condition: equals('n', 1) },
        { kind: 'delete', table: 'heads', key: deleted, condition: exists('pk') },
        { kind: 'check', table: 'heads', key: checked, condition: equals('ok', true) },
      ],
      requestId(),
    );
    expect(result).toEqual({ applied: true });
    expect(await store.get('groups', put)).toEqual({ ...put, a: 1 });
    expect(await store.get('heads', updated)).toEqual({ ...updated, n: 2 });
    expect(await store.get('heads', deleted)).toBeUndefined();
    expect(await store.get('heads', checked)).toEqual({ ...checked, ok: true });
  },

  'transact makes items by put and update without conditions': async ({ store, pk }) => {
    const [a, b] = [{ pk: pk() }, { pk: pk() }];
    const put: TransactWrite = { kind: 'put', table: 'heads', item: { ...a, x: 1 } };
    const update: TransactWrite = { kind: 'update', table: 'heads', key: b, actions: [set('x', 2)] };
    expect(await store.transact([put, update], requestId())).toEqual({ applied: true });
    expect(await store.getMany('heads', [a, b])).toEqual([
      { ...a, x: 1 },
      { ...b, x: 2 },
    ]);
  },

  'transact applies nothing where one condition fails': async ({ store, pk, given }) => {
    const [first, second, third] = [{ pk: pk() }, await given({ n: 1 }), await given({ n: 1 })];
    const result = await store.transact(
      [
        { kind: 'put', table: 'heads', item: { ...first }, condition: absent('pk') },
        { kind: 'update', table: 'heads', key: second, actions: [add('n', 1)], condition: equals('n', 9) },
        { kind: 'delete', table: 'heads', key: third },
      ],
      requestId(),
    );
    expect(result).toEqual({ applied: false, failed: [{ index: 1, current: { ...second, n: 1 } }] });
    expect(await store.get('heads', first)).toBeUndefined();
    expect(await store.get('heads', second)).toEqual({ ...second, n: 1 });
    expect(await store.get('heads', third)).toEqual({ ...third, n: 1 });
  },

  'transact lists every failed condition': async ({ store, pk, given }) => {
    const [missing, there, fine] = [{ pk: pk() }, await given({ n: 1 }), await given({ n: 1 })];
    const result = await store.transact(
      [
        { kind: 'check', table: 'heads', key: missing, condition: exists('pk') },
        { kind: 'update', table: 'heads', key: fine, actions: [add('n', 1)], condition: equals('n', 1) },
        { kind: 'put', table: 'heads', item: { ...there }, condition: absent('pk') },
        { kind: 'delete', table: 'heads', key: { pk: pk() }, condition: atLeast('n', 1) },
      ],
      requestId(),
    );
    if (result.applied) throw new Error('a transaction with failed conditions was applied');
    expect(result.failed.map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(result.failed.map(({ current }) => current)).toEqual([undefined, { ...there, n: 1 }, undefined]);
    expect(await store.get('heads', fine)).toEqual({ ...fine, n: 1 });
  },

  'transact: conditions see the items before it': async ({ store, given }) => {
    const [a, b] = [await given({ n: 1 }), await given({ n: 1 })];
    const write = (key: ItemKey): TransactWrite => ({
      kind: 'update',
      table: 'heads',
      key,
      actions: [set('n', 2)],
      condition: equals('n', 1),
    });
    expect(await store.transact([write(a), write(b)], requestId())).toEqual({ applied: true });
  },

  'a repeated request id is a success without effect': async ({ store, given }) => {
    const key = await given({ n: 0 });
    const id = requestId();
    const write: TransactWrite = { ...increment(key), condition: equals('n', 0) };
    for (let i = 0; i < 3; i++) expect(await store.transact([write], id)).toEqual({ applied: true });
    expect(await store.get('heads', key)).toEqual({ ...key, n: 1 });
    await store.transact([increment(key)], requestId());
    expect(await store.transact([write], id)).toEqual({ applied: true });
    expect(await store.get('heads', key)).toEqual({ ...key, n: 2 });
  },

  'a request id of another transaction is refused': async ({ store, given }) => {
    const [key, other] = [await given({ n: 0 }), await given({ n: 0 })];
    const id = requestId();
    expect(await store.transact([increment(key)], id)).toEqual({ applied: true });
    await expect(store.transact([increment(other)], id)).rejects.toThrow();
    expect(await store.get('heads', other)).toEqual({ ...other, n: 0 });
  },

  'a request id whose transaction failed may be tried again': async ({ store, given }) => {
    const key = await given({ n: 0 });
    const id = requestId();
    const write: TransactWrite = { ...increment(key), condition: equals('n', 5) };
    expect((await store.transact([write], id)).applied).toBe(false);
    await store.put('heads', { ...key, n: 5 });
    expect(await store.transact([write], id)).toEqual({ applied: true });
    expect(await store.get('heads', key)).toEqual({ ...key, n: 6 });
  },

  'a transaction of 100 writes': async ({ store, pk }) => {
    const key = pk();
    const writes = Array.from({ length: 100 }, (_, i): TransactWrite => {
      return { kind: 'put', table: 'groups', item: { pk: key, sk: i.toString() }, condition: absent('pk') };
    });
    expect(await store.transact(writes, requestId())).toEqual({ applied: true });
    expect(await store.query('groups', key, { limit: 200 })).toHaveLength(100);
  },

  'refuses 101 writes, none, and two of one item': async ({ store, pk }) => {
    const check = (key: ItemKey): TransactWrite => ({
      kind: 'check',
      table: 'heads',
      key,
      condition: absent('pk'),
    });
    const many = Array.from({ length: 101 }, () => check({ pk: pk() }));
    await expect(store.transact(many, requestId())).rejects.toThrow();
    await expect(store.transact([], requestId())).rejects.toThrow();
    const key = { pk: pk() };
    await expect(store.transact([increment(key), check(key)], requestId())).rejects.toThrow();
    expect(await store.get('heads', key)).toBeUndefined();
  },

  'an item over 400 KB fails the whole transaction': async ({ store, pk }) => {
    const [small, large] = [{ pk: pk() }, { pk: pk(), data: new Uint8Array(410_000) }];
    const writes = [small, large].map((item): TransactWrite => ({ kind: 'put', table: 'heads', item }));
    const tooLarge = { code: 'MESSAGE_TOO_LARGE', outcome: 'not-applied' };
    await expect(store.transact(writes, requestId())).rejects.toMatchObject(tooLarge);
    expect(await store.get('heads', small)).toBeUndefined();
  },

  'of 16 transactions at once on one version one is applied': async ({ store, pk, given }) => {
    const state = await given({ version: 0 });
    const rows = Array.from({ length: 16 }, () => ({ pk: pk(), sk: 's' }));
    const results = await Promise.all(
      rows.map((row) => {
        const id = requestId();
        const update: TransactWrite = {
          kind: 'update',
          table: 'heads',
          key: state,
          actions: [add('version', 1)],
          condition: equals('version', 0),
        };
        return untilNoConflict(() =>
          store.transact([{ kind: 'put', table: 'groups', item: row }, update], id),
        );
      }),
    );
    expect(results.filter(({ applied }) => applied)).toHaveLength(1);
    expect(await store.get('heads', state)).toEqual({ ...state, version: 1 });
    const stored = await store.getMany('groups', rows);
    expect(stored.map((item) => item !== undefined)).toEqual(results.map(({ applied }) => applied));
  },
};
