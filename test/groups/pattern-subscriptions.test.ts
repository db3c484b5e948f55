// Members that subscribe by a pattern, served by processes that listed the topics at different times.
import { expect, it } from 'vitest';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { createCoordinator } from '../../lib/groups/create-coordinator.ts';
import { createGroups } from '../../lib/groups/create-groups.ts';
import type { Groups } from '../../lib/groups/groups.ts';
import { matchTopics } from '../../lib/groups/subscription.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';
import { createTopic } from '../../lib/topics/create-topic.ts';
import { TOPIC_LIMITS } from '../../lib/topics/limits.ts';
import { boundStore } from '../support/bound-store.ts';
import { createManualClock } from '../support/manual-clock.ts';

const clock = createManualClock();
const items = createMemoryItemStore({ clock });
let seed = 0;

const depsOf = () => ({ items, clock, dice: createSeededDice(++seed), limits: TOPIC_LIMITS });
const open = (store: ItemStore = items): Groups => {
  const deps = { ...depsOf(), items: store };
  return createGroups(createCoordinator(deps, { matchTopics, pollMsMin: 20, pollMsMax: 500 }));
};

async function beat(groups: Groups, memberEpoch: number, memberId = 'a') {
  return groups.consumerGroupHeartbeat({
    ...{ groupId: 'g', memberId, memberEpoch, clientId: 'c', clientHost: '/127.0.0.1' },
    ...(memberEpoch === 0 && {
      subscribedTopicRegex: 'or.*',
      rebalanceTimeoutMs: 60_000,
      ownedPartitions: [],
    }),
  });
}

it('get a new topic once, and keep it', async () => {
  await createTopic(depsOf(), { name: 'orders', partitions: 1 });
  const [early, late] = [open(), open()];
  let { memberEpoch } = await beat(early, 0);
  await createTopic(depsOf(), { name: 'orchids', partitions: 1 });
  await clock.advance(1_000);
  const epochs: number[] = [];
  for (let beats = 0; beats < 4; beats++) {
    for (const groups of [late, early])
      epochs.push(({ memberEpoch } = await beat(groups, memberEpoch)).memberEpoch);
    await clock.advance(5_000);
  }
  expect([...new Set(epochs)]).toHaveLength(1);
  const [member] = (await early.describeGroup('g')).members;
  expect(member?.consumer?.assignment.map(({ topic }) => topic)).toEqual(['orchids', 'orders']);
});

it('are told of a new topic by one list of topics, however many they are', async () => {
  const epochs = new Map<string, number>();
  const early = open();
  for (const memberId of ['a', 'b', 'c', 'd', 'e', 'f'])
    epochs.set(memberId, (await beat(early, 0, memberId)).memberEpoch);
  await createTopic(depsOf(), { name: 'orbits', partitions: 1 });
  let lists = 0;
  const late = open({
    ...boundStore(items),
    query: (table, ...rest) => {
      if (table === 'topics') lists++;
      return items.query(table, ...rest);
    },
  });
  for (const [memberId, epoch] of epochs) await beat(late, epoch, memberId);
  expect(lists).toBe(1);
  const { members } = await late.describeGroup('g');
  const topics = members.map(({ consumer }) => consumer?.subscribedTopicNames);
  expect(topics).toEqual(members.map(() => ['orbits', 'orchids', 'orders']));
});
