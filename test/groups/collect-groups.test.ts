// The sweep of groups: what nothing needs any more goes, however much of it there is, and what is needed or was put again stays.
import { beforeEach, describe, expect, it } from 'vitest';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { sweepGroups, type SweepGroupsOptions } from '../../lib/groups/collect-groups.ts';
import type { Coordinator } from '../../lib/groups/coordinator.ts';
import { createCoordinator } from '../../lib/groups/create-coordinator.ts';
import { createGroups } from '../../lib/groups/create-groups.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import {
  ASSIGNMENTS,
  assignmentItem,
  assignmentKey,
  DELETED_GROUPS_PK,
  deletedGroupKey,
  groupPk,
} from '../../lib/storage/schema/group.ts';
import { createTopic } from '../../lib/topics/create-topic.ts';
import { TOPIC_LIMITS } from '../../lib/topics/limits.ts';
import { boundStore } from '../support/bound-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

const DAY_MS = 86_400_000;

let clock: ReturnType<typeof createManualClock>;
let items: ItemStore;
let seed = 0;

const open = (store: ItemStore = items): Coordinator =>
  createCoordinator(
    { items: store, clock, dice: createSeededDice(++seed), limits: TOPIC_LIMITS },
    { pollMsMin: 20, pollMsMax: 500 },
  );

const failing = (groupId: string, error: unknown): never => {
  throw new Error(`group ${groupId} was not swept`, { cause: error });
};

const sweep = (store: ItemStore = items, options: Partial<SweepGroupsOptions> = {}) =>
  sweepGroups(open(store), { onError: failing, ...options });

async function commit(groupId: string, topic = 'orders'): Promise<void> {
  await createGroups(open()).commitOffsets({
    ...{ groupId, memberId: '', generationOrMemberEpoch: -1 },
    offsets: [{ topic, partition: 0, offset: 5 }],
  });
}

/** Puts rows of assignments that no group names. */
async function putUnnamed(groupId: string, count: number): Promise<void> {
  for (let at = 0; at < count; at++)
    await items.put(
      'groups',
      assignmentItem(assignmentKey(groupId, 'old', `m${at}`), new Uint8Array(), clock.now()),
    );
}

const assignmentsOf = (groupId: string) =>
  items.query('groups', groupPk(groupId), { between: ASSIGNMENTS, limit: 10_000 });

beforeEach(async () => {
  clock = createManualClock();
  items = createMemoryItemStore({ clock });
  await createTopic(
    { items, clock, dice: createSeededDice(++seed), limits: TOPIC_LIMITS },
    { name: 'orders', partitions: 2 },
  );
});

describe('a sweep of groups', () => {
  it('deletes a group that has been empty for a week, whatever its id begins with', async () => {
    const ids = ['\u0000', '\u0001x', ' a', '!', 'billing', 'وادي', '\u{10ffff}'];
    for (const groupId of ids) await commit(groupId);
    const groups = createGroups(open());
    expect((await groups.listGroups()).map(({ groupId }) => groupId)).toEqual(ids);
    expect(await sweep()).toEqual({ groups: ids.length, deletedGroups: 0 });
    await clock.advance(7 * DAY_MS + 1);
    expect(await sweep()).toEqual({ groups: ids.length, deletedGroups: ids.length });
    expect(await groups.listGroups()).toEqual([]);
    expect(await items.query('groups', DELETED_GROUPS_PK, { limit: 10 })).toEqual([]);
  });

  it('removes all rows that no group names, a day after they were put', async () => {
    await commit('g');
    await putUnnamed('g', 1_005);
    await sweep();
    expect(await assignmentsOf('g')).toHaveLength(1_005);
    await clock.advance(DAY_MS);
    await sweep();
    expect(await assignmentsOf('g')).toEqual([]);
  });

  it('leaves a row that was put again after it was looked at', async () => {
    await commit('g');
    await putUnnamed('g', 2);
    await clock.advance(DAY_MS);
    const racing: ItemStore = {
      ...boundStore(items),
      query: async (table, pk, options) => {
        const rows = await items.query(table, pk, options);
        if (options.between?.[0].startsWith('assignment') === true) await putUnnamed('g', 1);
        return rows;
      },
    };
    await sweep(racing);
    expect((await assignmentsOf('g')).map(({ sk }) => sk)).toEqual(['assignment#old#m0']);
  });

  it('carries on all deletions that others left', async () => {
    for (let at = 0; at < 1_005; at++)
      await items.put('groups', { ...deletedGroupKey(`offsets-${at}`), f: 1, g: `g${at}` });
    await putUnnamed('g1004', 1);
    await clock.advance(DAY_MS);
    await sweep();
    expect(await items.query('groups', DELETED_GROUPS_PK, { limit: 10 })).toEqual([]);
    expect(await assignmentsOf('g1004')).toEqual([]);
  });

  it('stops when it is told to, and comes to every group in the end', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    for (const groupId of ids) await commit(groupId);
    const seen = new Set<string>();
    const watching: ItemStore = {
      ...boundStore(items),
      get: (table, key, options) => {
        if (key.sk === 'group') seen.add(key.pk);
        return items.get(table, key, options);
      },
    };
    for (let sweeps = 0; sweeps < 40; sweeps++) {
      let looks = 0;
      const { groups } = await sweep(watching, { isStopping: () => looks++ > 0 });
      expect(groups).toBe(1);
    }
    expect([...seen].sort()).toEqual(ids.map(groupPk));
  });

  it('carries deletions on also where it has no time for all groups', async () => {
    for (const groupId of ['a', 'b', 'c']) await commit(groupId);
    for (const at of [1, 2])
      await items.put('groups', { ...deletedGroupKey(`offsets-${at}`), f: 1, g: `g${at}` });
    let looks = 0;
    expect(await sweep(items, { isStopping: () => looks++ > 2 })).toMatchObject({ groups: 1 });
    expect(await items.query('groups', DELETED_GROUPS_PK, { limit: 10 })).toEqual([]);
  });

  it('tells of a group that fails, and goes on with the others', async () => {
    for (const groupId of ['a', 'b']) await commit(groupId);
    await clock.advance(7 * DAY_MS + 1);
    const broken: ItemStore = {
      ...boundStore(items),
      get: (table, key, options) =>
        key.pk === groupPk('a') ? Promise.reject(new Error('broken')) : items.get(table, key, options),
    };
    const failed: string[] = [];
    const swept = await sweep(broken, { onError: (groupId) => failed.push(groupId) });
    expect([failed, swept.deletedGroups]).toEqual([['a'], 1]);
  });
});

describe('forgetting committed offsets', () => {
  const place = { topic: 'orders', partition: 0 };

  it('is allowed while an id was given out and nobody has joined with it', async () => {
    await commit('g');
    const groups = createGroups(open());
    const joined = await groups.joinGroup({
      ...{ groupId: 'g', memberId: '', clientId: 'c', clientHost: '/127.0.0.1', protocolType: 'consumer' },
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 30_000 },
      protocols: [{ name: 'range', metadata: new Uint8Array() }],
      ...{ requiresKnownMemberId: true, supportsSkippingAssignment: true },
    });
    expect(joined.kind).toBe('memberIdRequired');
    expect(await groups.deleteOffsets('g', [place])).toEqual([place]);
    expect(await groups.fetchOffsets({ groupId: 'g' })).toEqual([]);
  });

  it('is refused while the group has members of which nobody knows what they subscribe to', async () => {
    const groups = createGroups(open());
    const join = groups.joinGroup({
      ...{
        groupId: 'connect',
        memberId: '',
        clientId: 'c',
        clientHost: '/127.0.0.1',
        protocolType: 'connect',
      },
      ...{
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 30_000,
        protocols: [{ name: 'p', metadata: new Uint8Array() }],
      },
      ...{ requiresKnownMemberId: false, supportsSkippingAssignment: true },
    });
    for (let waited = 0; waited < 200; waited++) await clock.advance(25);
    await join;
    await expect(groups.deleteOffsets('connect', [place])).rejects.toMatchObject({ code: 'NON_EMPTY_GROUP' });
    await clock.advance(11_000);
    expect(await groups.deleteOffsets('connect', [place])).toEqual([place]);
  });
});
