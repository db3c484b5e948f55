// Commits and changes of the group that cross: whoever is no member by then commits nothing, and a small row is all they share.
import { beforeEach, describe, expect, it } from 'vitest';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { createCoordinator } from '../../lib/groups/create-coordinator.ts';
import { createGroups } from '../../lib/groups/create-groups.ts';
import { GROUP_LIMITS } from '../../lib/groups/limits.ts';
import { readStoredGroup, writeGroup } from '../../lib/groups/group-store.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createTopic } from '../../lib/topics/create-topic.ts';
import { TOPIC_LIMITS } from '../../lib/topics/limits.ts';
import { boundStore } from '../support/bound-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type { Clock } from '../../lib/base/clock.ts';
import type { Group } from '../../lib/groups/group.ts';
import type { Groups } from '../../lib/groups/groups.ts';
import type { Item, ItemStore, TransactWrite } from '../../lib/storage/ports/item-store.ts';

const clock = createManualClock();
let items: ReturnType<typeof createMemoryItemStore>;
let seed = 0;

const open = (store: ItemStore, ownClock: Clock = clock): Groups =>
  createGroups(
    createCoordinator(
      { items: store, clock: ownClock, dice: createSeededDice(++seed), limits: TOPIC_LIMITS },
      { pollMsMin: 20, pollMsMax: 500 },
    ),
  );

beforeEach(async () => {
  items = createMemoryItemStore({ clock });
  const deps = { items, clock, dice: createSeededDice(++seed), limits: TOPIC_LIMITS };
  await createTopic(deps, { name: 'orders', partitions: 6 });
});

async function beat(groups: Groups, memberId: string, memberEpoch: number) {
  return groups.consumerGroupHeartbeat({
    ...{ groupId: 'g', memberId, memberEpoch, clientId: 'c', clientHost: '/127.0.0.1' },
    ...(memberEpoch === 0 && { subscribedTopicNames: ['orders'], rebalanceTimeoutMs: 60_000 }),
    ownedPartitions: [],
  });
}

const commit = (groups: Groups, memberId: string, epoch: number, offset: number) =>
  groups.commitOffsets({
    ...{ groupId: 'g', memberId, generationOrMemberEpoch: epoch },
    offsets: [{ topic: 'orders', partition: 0, offset }],
  });

/** Lets time pass until it is over. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = () => {
    state.isOver = true;
  };
  promise.then(over, over);
  for (let steps = 0; !state.isOver && steps < 1_000; steps++) await clock.advance(25);
  return promise;
}

async function committed(groups: Groups): Promise<number | undefined> {
  const [found] = await groups.fetchOffsets({
    groupId: 'g',
    partitions: [{ topic: 'orders', partition: 0 }],
  });
  return found?.offset;
}

/** A store that does something before the next transaction that writes an offset. */
function crossed(store: ItemStore, first: () => Promise<unknown>): ItemStore {
  let isFirst = true;
  return {
    ...boundStore(store),
    transact: async (writes, requestId) => {
      if (isFirst && writes.some(({ table }) => table === 'offsets')) {
        isFirst = false;
        await first();
      }
      return store.transact(writes, requestId);
    },
  };
}

describe('a commit', () => {
  it('is refused where the member leaves between the look at the group and the transaction', async () => {
    const other = open(items);
    const { memberEpoch } = await beat(other, 'a', 0);
    await commit(other, 'a', memberEpoch, 3);
    const slow = open(crossed(items, () => beat(other, 'a', -1)));
    await expect(inTime(commit(slow, 'a', memberEpoch, 9))).rejects.toMatchObject({
      ...{ code: 'UNKNOWN_MEMBER_ID', outcome: 'not-applied' },
    });
    expect(await committed(other)).toBe(3);
  });

  it('is refused where the member leaves and another commits in its place meanwhile', async () => {
    const other = open(items);
    const { memberEpoch } = await beat(other, 'a', 0);
    const replace = async () => {
      await beat(other, 'a', -1);
      const { memberEpoch: epoch } = await beat(other, 'b', 0);
      await commit(other, 'b', epoch, 12);
    };
    const slow = open(crossed(items, replace));
    await expect(inTime(commit(slow, 'a', memberEpoch, 9))).rejects.toMatchObject({
      ...{ code: 'UNKNOWN_MEMBER_ID', outcome: 'not-applied' },
    });
    expect(await committed(other)).toBe(12);
  });

  it('is stored where another member comes meanwhile', async () => {
    const other = open(items);
    const { memberEpoch } = await beat(other, 'a', 0);
    const slow = open(crossed(items, () => beat(other, 'b', 0)));
    await inTime(commit(slow, 'a', memberEpoch, 9));
    expect(await committed(other)).toBe(9);
  });

  it('is judged by the group as it is where an old read tells otherwise', async () => {
    const other = open(items);
    await beat(other, 'b', 0);
    const old: Item | undefined = await items.get('groups', { pk: 'group#g', sk: 'group' });
    const { memberEpoch } = await beat(other, 'a', 0);
    const stale: ItemStore = {
      ...boundStore(items),
      get: (table, key, options) =>
        options?.consistent === false && key.sk === 'group' ? Promise.resolve(old) : items.get(table, key),
    };
    await inTime(commit(open(stale), 'a', memberEpoch, 9));
    expect(await committed(other)).toBe(9);
  });

  it('changes nothing where it comes late from a process that died, whatever its clock said', async () => {
    const other = open(items);
    const { memberEpoch } = await beat(other, 'a', 0);
    await commit(other, 'a', memberEpoch, 3);
    const late: (() => Promise<unknown>)[] = [];
    const dying: ItemStore = {
      ...boundStore(items),
      transact: (writes, requestId) => {
        late.push(() => items.transact(writes, requestId));
        return new Promise(() => undefined);
      },
    };
    const aheadMs = 120_000;
    const ahead = { ...clock, now: () => clock.now() + aheadMs };
    void commit(open(dying, ahead), 'a', memberEpoch, 6);
    for (let steps = 0; late.length === 0 && steps < 100; steps++) await clock.advance(25);
    await commit(other, 'a', memberEpoch, 8);
    expect(late).toHaveLength(1);
    for (const apply of late) expect(await apply()).toMatchObject({ applied: false });
    expect(await committed(other)).toBe(8);
  });

  it('counts as the one before where another commit of the member came meanwhile', async () => {
    const other = open(items);
    const { memberEpoch } = await beat(other, 'a', 0);
    const slow = open(crossed(items, () => commit(other, 'a', memberEpoch, 8)));
    expect(await inTime(commit(slow, 'a', memberEpoch, 6))).toEqual([{ topic: 'orders', partition: 0 }]);
    expect(await committed(other)).toBe(8);
  });

  it('is written over a lower one that came late in the middle of it', async () => {
    const other = open(items);
    const { memberEpoch } = await beat(other, 'a', 0);
    const slow = open(crossed(items, () => commit(other, 'a', memberEpoch, 2)));
    await inTime(commit(slow, 'a', memberEpoch, 7));
    expect(await committed(other)).toBe(7);
  });

  it('of a partition that is named twice means the last', async () => {
    const groups = open(items);
    const { memberEpoch } = await beat(groups, 'a', 0);
    await groups.commitOffsets({
      ...{ groupId: 'g', memberId: 'a', generationOrMemberEpoch: memberEpoch },
      offsets: [4, 5].map((offset) => ({ topic: 'orders', partition: 0, offset })),
    });
    expect(await committed(groups)).toBe(5);
  });

  it("touches the fence and the offset's row, and nothing that grows with the group", async () => {
    const touched: TransactWrite[] = [];
    const watching: ItemStore = {
      ...boundStore(items),
      transact: (writes, requestId) => {
        if (writes.some(({ table }) => table === 'offsets')) touched.push(...writes);
        return items.transact(writes, requestId);
      },
    };
    const { memberEpoch } = await beat(open(items), 'a', 0);
    await commit(open(watching), 'a', memberEpoch, 9);
    expect(touched.map((write) => [write.kind, write.table])).toEqual([
      ['check', 'groups'],
      ['put', 'offsets'],
    ]);
    expect(touched[0]).toMatchObject({ key: { pk: 'group#g', sk: 'fence' } });
  });
});

describe('who is no member', () => {
  it('commits once all members have gone without a word, before any sweep', async () => {
    const groups = open(items);
    const { memberEpoch } = await beat(groups, 'a', 0);
    await commit(groups, 'a', memberEpoch, 3);
    await expect(commit(groups, '', -1, 1)).rejects.toMatchObject({ code: 'UNKNOWN_MEMBER_ID' });
    await clock.advance(GROUP_LIMITS.consumerSessionTimeoutMs + 1);
    await inTime(commit(open(items), '', -1, 1));
    expect(await committed(groups)).toBe(1);
    await expect(commit(groups, 'a', memberEpoch, 9)).rejects.toMatchObject({ code: 'UNKNOWN_MEMBER_ID' });
  });

  it('has each topic looked up once, however many partitions it names', async () => {
    const names: string[] = [];
    const watching: ItemStore = {
      ...boundStore(items),
      get: (table, key) => {
        if (table === 'topics') names.push(key.sk ?? key.pk);
        return items.get(table, key);
      },
    };
    const groups = open(watching);
    const partitions = [0, 1, 2, 3, 4, 5].map((partition) => ({ topic: 'orders', partition }));
    await groups.commitOffsets({
      ...{ groupId: 'g', memberId: '', generationOrMemberEpoch: -1 },
      offsets: partitions.map((place) => ({ ...place, offset: 7 })),
    });
    expect(names).toHaveLength(1);
    expect(await groups.fetchOffsets({ groupId: 'g', partitions })).toHaveLength(6);
    expect(names).toHaveLength(2);
    await groups.deleteOffsets('g', partitions);
    expect(names).toHaveLength(3);
    expect(await groups.fetchOffsets({ groupId: 'g' })).toEqual([]);
  });

  it('are deleted once where a request names a partition twice', async () => {
    const groups = open(items);
    const place = { topic: 'orders', partition: 0 };
    await groups.commitOffsets({
      ...{ groupId: 'g', memberId: '', generationOrMemberEpoch: -1 },
      offsets: [{ ...place, offset: 7 }],
    });
    expect(await groups.deleteOffsets('g', [place, place])).toEqual([place, place]);
    expect(await groups.fetchOffsets({ groupId: 'g' })).toEqual([]);
  });
});

describe('the fence of a group', () => {
  const deps = { items: undefined as unknown as ItemStore, dice: createSeededDice(7) };
  const consumerGroup = async (): Promise<Group> => {
    await beat(open(items), 'a', 0);
    const stored = await readStoredGroup(items, 'g');
    if (!stored) throw new Error('there is no group');
    return stored.group;
  };

  async function write(change: (group: Group) => Group): Promise<readonly [before: number, after: number]> {
    await consumerGroup();
    const seen = await readStoredGroup(items, 'g');
    if (!seen) throw new Error('there is no group');
    await writeGroup({ ...deps, items }, 'g', change(seen.group), seen, 'mark');
    const now = await readStoredGroup(items, 'g');
    const fence = await items.get('groups', { pk: 'group#g', sk: 'fence' });
    expect(fence).toMatchObject({ inc: now?.incarnation, n: now?.fence });
    return [seen.fence, now?.fence ?? -1];
  }

  const withMember = (group: Group, change: object): Group => ({
    ...group,
    members: Object.fromEntries(
      Object.entries(group.members).map(([memberId, member]) => [memberId, { ...member, ...change }]),
    ),
  });

  it.each<readonly [string, (group: Group) => Group]>([
    ['a member that goes', (group) => ({ ...group, members: {} })],
    ['an epoch that changes', (group) => withMember(group, { memberEpoch: 99 })],
  ])('rises with %s', async (_what, change) => {
    const [before, after] = await write(change);
    expect(after).toBe(before + 1);
  });

  it('stays with what changes nobody', async () => {
    const [before, after] = await write((group) => withMember(group, { clientHost: '/127.0.0.2' }));
    expect(after).toBe(before);
  });
});
