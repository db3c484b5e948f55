// Consumers of the HTTP API as rows: what is put comes back, each write is conditional, a lost answer is understood.
import { describe, expect, it } from 'vitest';
import { createSystemDice } from '../../lib/base/dice.ts';
import { createInstances, type ConsumerInstance } from '../../lib/groups/instances.ts';
import { instanceItem, instanceKey, readInstance } from '../../lib/storage/schema/consumer-instance.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';
import { createManualClock } from '../support/manual-clock.ts';

const id = { groupId: 'g', name: 'c' };

const INSTANCE: ConsumerInstance = {
  config: {
    ...{ format: 'json', autoOffsetReset: 'earliest', autoCommit: true },
    ...{ fetchMinBytes: 1, requestTimeoutMs: 1_000, sessionTimeoutMs: 300_000 },
  },
  subscription: { topics: ['orders', 'other'] },
  ...{ memberId: 'm', memberEpoch: 7, heartbeatDueMs: 12, untilMs: 2_000_000 },
  partitions: [
    { topic: 'orders', topicId: 'o', partition: 3, position: 8, committed: 5 },
    { topic: 'orders', topicId: 'o', partition: 4 },
  ],
};

function world() {
  const clock = createManualClock();
  const items = createMemoryItemStore({ clock });
  const deps = { clock, dice: createSystemDice() };
  return { clock, items, deps, instances: createInstances({ items, ...deps }) };
}

describe('the row', () => {
  it.each([
    ['a subscription to topics', INSTANCE],
    ['a subscription by a pattern', { ...INSTANCE, subscription: { pattern: 'o.*' } }],
    ['no subscription', { ...INSTANCE, subscription: undefined }],
  ])('holds all of a consumer with %s', (_, { subscription, ...rest }) => {
    const stored = { instance: { ...rest, ...(subscription && { subscription }) }, write: 'w' };
    expect(readInstance(instanceItem('g', 'c', stored))).toEqual(stored);
  });

  it('lies beside its group, and goes a day after its life', () => {
    const item = instanceItem('g', 'c', { instance: INSTANCE, write: 'w' });
    expect(item).toMatchObject({ pk: 'group#g', sk: 'instance#c', f: 1, until: 2_000_000, expires: 88_400 });
    expect(instanceKey('g', 'c')).toEqual({ pk: 'group#g', sk: 'instance#c' });
  });

  it('of a newer format is refused', () => {
    const item = { ...instanceItem('g', 'c', { instance: INSTANCE, write: 'w' }), f: 2 };
    expect(() => readInstance(item)).toThrow(/consumer c has format 2/);
  });
});

describe('instances', () => {
  it('are made once, changed as seen, and deleted as seen', async () => {
    const { instances } = world();
    expect(await instances.get(id)).toBeUndefined();
    const made = await instances.create(id, INSTANCE);
    expect(made?.instance).toEqual(INSTANCE);
    expect(await instances.create(id, INSTANCE)).toBeUndefined();
    if (!made) throw new Error('not made');
    const changed = await instances.replace(id, made, { ...INSTANCE, memberEpoch: 8 });
    expect(await instances.get(id)).toEqual(changed);
    expect(await instances.replace(id, made, INSTANCE)).toBeUndefined();
    expect(await instances.delete(id, made)).toBe(false);
    if (!changed) throw new Error('not changed');
    expect(await instances.delete(id, changed)).toBe(true);
    expect(await instances.delete(id, changed)).toBe(true);
    expect(await instances.replace(id, changed, INSTANCE)).toBeUndefined();
    expect(await instances.get(id)).toBeUndefined();
  });

  it('are gone at the end of their lives, and their names free', async () => {
    const { instances, clock } = world();
    const made = await instances.create(id, { ...INSTANCE, untilMs: clock.now() + 10 });
    await clock.advance(9);
    expect(await instances.get(id)).toEqual(made);
    await clock.advance(1);
    expect(await instances.get(id)).toBeUndefined();
    expect(await instances.create(id, { ...INSTANCE, untilMs: clock.now() + 10 })).toBeDefined();
  });

  it('know a write of their own whose answer was lost', async () => {
    const { items, deps } = world();
    const sentTwice: Pick<ItemStore, 'get' | 'put' | 'delete'> = {
      get: (table, key) => items.get(table, key),
      put: async (...parameters) => {
        await items.put(...parameters);
        return items.put(...parameters);
      },
      delete: (...parameters) => items.delete(...parameters),
    };
    const instances = createInstances({ items: sentTwice, ...deps });
    const made = await instances.create(id, INSTANCE);
    expect(made).toBeDefined();
    const changed = made && (await instances.replace(id, made, { ...INSTANCE, memberEpoch: 8 }));
    expect(changed?.instance.memberEpoch).toBe(8);
    expect(await instances.get(id)).toEqual(changed);
  });

  it('have ids that fit keys', async () => {
    const { instances } = world();
    await expect(instances.get({ groupId: '', name: 'c' })).rejects.toMatchObject({
      code: 'INVALID_GROUP_ID',
    });
    await expect(instances.get({ groupId: 'g'.repeat(501), name: 'c' })).rejects.toMatchObject({
      code: 'INVALID_GROUP_ID',
    });
    await expect(instances.create({ groupId: 'g', name: 'ü'.repeat(201) }, INSTANCE)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'the name of a consumer must have 1 to 400 bytes in UTF-8, got 402',
    });
  });
});
