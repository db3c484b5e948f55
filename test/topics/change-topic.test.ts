// Giving a topic more partitions and other configs: what is refused, who wins where several change it at once, and that a
// late change cannot undo another.
import { describe, expect, it } from 'vitest';
import { partitionIdOf } from '../../lib/storage/schema/head.ts';
import { changeTopicWrites } from '../../lib/storage/schema/topic.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createFaultyProcess, throttling, type Fault, type FaultPlan } from '../../lib/storage/faulty.ts';
import { World } from '../log/support/world.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';
import type { ConfigChange } from '../../lib/topics/config-changes-state.ts';

const LIMIT = 1000;

async function openWorld(options?: ConstructorParameters<typeof World>[0]) {
  const world = new World(options);
  const { broker } = world.start();
  const topic = await broker.createTopic({
    name: 't',
    partitions: 2,
    configs: { 'segment.bytes': '2000000' },
  });
  return { world, broker, topic };
}

describe('more partitions', () => {
  it.each([0, 1, 2, -1, 2.5, NaN, LIMIT + 1])('are not %d in all, for a topic of two', async (count) => {
    const { broker } = await openWorld();
    await expect(broker.createPartitions({ name: 't', count })).rejects.toMatchObject({
      ...{ code: 'INVALID_PARTITIONS', outcome: 'not-applied' },
      message: `topic t has 2 partitions and may have up to ${LIMIT}, got ${count}`,
    });
    expect((await broker.describeTopic('t')).partitions).toBe(2);
  });

  it('keep the id, the configs and the records, and are known at once where they were made', async () => {
    const { world, broker, topic } = await openWorld();
    await world.start().append(['a'], { partitionId: partitionIdOf(topic.topicId, 1) });
    expect(await broker.createPartitions({ name: 't', count: 30 })).toEqual({ ...topic, partitions: 30 });
    expect(await broker.describeTopic('t')).toEqual({ ...topic, partitions: 30 });
    expect(await world.readAll(partitionIdOf(topic.topicId, 1))).toEqual(['a']);
    expect(await world.readAll(partitionIdOf(topic.topicId, 29))).toEqual([]);
  });

  it('are only checked where that is asked for', async () => {
    const { world, broker, topic } = await openWorld();
    expect(await broker.createPartitions({ name: 't', count: 3, validateOnly: true })).toMatchObject({
      partitions: 3,
    });
    expect(await broker.describeTopic('t')).toEqual(topic);
    await expect(world.readAll(partitionIdOf(topic.topicId, 2))).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_ID',
    });
  });

  it('of a topic that does not exist are refused', async () => {
    const { broker } = await openWorld();
    await expect(broker.createPartitions({ name: 'other', count: 3 })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });

  it.each([1, 2, 3, 4, 5])('by several at once never become fewer (seed %i)', async (seed) => {
    const { world } = await openWorld({ seed, isSlow: true });
    const counts = [3, 4, 5, 6];
    const grown = await Promise.allSettled(
      counts.map((count) => world.start().broker.createPartitions({ name: 't', count })),
    );
    const made = grown.flatMap(({ status }, i) => (status === 'fulfilled' ? (counts[i] ?? 0) : []));
    const { topicId, partitions } = await world.start().broker.describeTopic('t');
    expect(partitions).toBe(Math.max(...made));
    for (const result of grown) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'INVALID_PARTITIONS' });
    }
    expect(await world.readAll(partitionIdOf(topicId, partitions - 1))).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'are fenced where the topic is deleted meanwhile (seed %i)',
    async (seed) => {
      const { world, topic } = await openWorld({ seed, isSlow: true });
      const growing = world.start().broker.createPartitions({ name: 't', count: 4 });
      const [grown] = await Promise.allSettled([growing, world.start().broker.deleteTopic('t')]);
      if (grown.status === 'rejected') {
        expect(grown.reason).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
      }
      for (let partition = 0; partition < 4; partition++) {
        const late = await world
          .start()
          .append(['late'], { partitionId: partitionIdOf(topic.topicId, partition) });
        expect(late).toMatchObject({ kind: 'refused', error: { code: 'UNKNOWN_TOPIC_ID' } });
      }
    },
  );
});

describe('a change that comes late', () => {
  it.each([
    ['after another change', async ({ broker }) => broker.createPartitions({ name: 't', count: 7 })],
    ['after the deletion', async ({ broker }) => broker.deleteTopic('t')],
    [
      'after the topic was made anew',
      async ({ broker }) => {
        await broker.deleteTopic('t');
        await broker.createTopic({ name: 't', partitions: 2, configs: { 'segment.bytes': '2000000' } });
      },
    ],
  ] as readonly [string, (world: Awaited<ReturnType<typeof openWorld>>) => Promise<unknown>][])(
    '%s has no effect',
    async (_when, meanwhile) => {
      const opened = await openWorld();
      const { world, topic } = opened;
      await meanwhile(opened);
      const before = await world.start().broker.listTopics();
      const late = changeTopicWrites(topic, { ...topic, partitions: 3 });
      expect(await world.items.transact(late, 'late')).toMatchObject({ applied: false });
      expect(await world.start().broker.listTopics()).toEqual(before);
    },
  );
});

const set = (name: string, value: string): ConfigChange => ({ name, operation: 'set', value });
const append = (name: string, value: string): ConfigChange => ({ name, operation: 'append', value });
const subtract = (name: string, value: string): ConfigChange => ({ name, operation: 'subtract', value });
const unset = (name: string): ConfigChange => ({ name, operation: 'delete' });

async function altered(
  configs: Readonly<Record<string, string>>,
  changes: readonly ConfigChange[],
  isIncremental = true,
) {
  const { broker } = new World().start();
  await broker.createTopic({ name: 't', configs });
  await broker.alterConfigs('t', changes, { isIncremental });
  return (await broker.describeTopic('t')).configs;
}

describe('other configs', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly ConfigChange[], unknown]>([
    [
      'set one beside others',
      { 'segment.ms': '9' },
      [set('retention.ms', ' +05')],
      { 'segment.ms': '9', 'retention.ms': '5' },
    ],
    ['replace a value', { 'segment.ms': '9' }, [set('segment.ms', '8')], { 'segment.ms': '8' }],
    [
      'delete one',
      { 'segment.ms': '9', 'retention.ms': '5' },
      [unset('segment.ms')],
      { 'retention.ms': '5' },
    ],
    ['delete what is not set', {}, [unset('segment.ms')], {}],
    [
      'append to the default',
      {},
      [append('cleanup.policy', 'compact')],
      { 'cleanup.policy': 'delete,compact' },
    ],
    [
      'append what is there',
      { 'cleanup.policy': 'compact' },
      [append('cleanup.policy', 'compact')],
      { 'cleanup.policy': 'compact' },
    ],
    [
      'append several',
      {},
      [append('leader.replication.throttled.replicas', '0:1, 1:1')],
      { 'leader.replication.throttled.replicas': '0:1,1:1' },
    ],
    [
      'subtract one of two',
      { 'cleanup.policy': 'compact,delete' },
      [subtract('cleanup.policy', 'delete')],
      { 'cleanup.policy': 'compact' },
    ],
    ['subtract the default', {}, [subtract('cleanup.policy', 'delete')], { 'cleanup.policy': '' }],
    [
      'subtract what is absent',
      { 'cleanup.policy': 'compact' },
      [subtract('cleanup.policy', 'delete')],
      { 'cleanup.policy': 'compact' },
    ],
  ])('%s', async (_what, before, changes, after) => {
    expect(await altered(before, changes)).toEqual(after);
  });

  it('replace all where they are not incremental', async () => {
    expect(await altered({ 'segment.ms': '9' }, [set('retention.ms', '5')], false)).toEqual({
      'retention.ms': '5',
    });
    expect(await altered({ 'segment.ms': '9' }, [], false)).toEqual({});
  });

  it.each<[string, readonly ConfigChange[], string]>([
    ['an unknown name', [set('no.such', '1')], 'INVALID_CONFIG'],
    ['an unknown name to delete', [unset('no.such')], 'INVALID_CONFIG'],
    ['the name of a property of objects', [unset('__proto__')], 'INVALID_CONFIG'],
    ['a wrong value', [set('retention.ms', 'x')], 'INVALID_CONFIG'],
    ['elements of what is no list', [append('retention.ms', '1')], 'INVALID_CONFIG'],
    ['elements that the list may not have', [append('cleanup.policy', 'burn')], 'INVALID_CONFIG'],
    ['values that contradict what is set', [set('max.compaction.lag.ms', '5')], 'INVALID_CONFIG'],
    ['a name twice', [set('retention.ms', '1'), unset('retention.ms')], 'INVALID_REQUEST'],
  ])('are refused for %s, and nothing changes', async (_what, changes, code) => {
    const { broker } = new World().start();
    await broker.createTopic({ name: 't', configs: { 'min.compaction.lag.ms': '10' } });
    const altering = broker.alterConfigs('t', [set('segment.ms', '7'), ...changes], { isIncremental: true });
    await expect(altering).rejects.toMatchObject({ code, outcome: 'not-applied' });
    expect((await broker.describeTopic('t')).configs).toEqual({ 'min.compaction.lag.ms': '10' });
  });

  it('are only checked where that is asked for', async () => {
    const { broker, topic } = await openWorld();
    const options = { isIncremental: true, validateOnly: true };
    expect((await broker.alterConfigs('t', [set('segment.ms', '7')], options)).configs).toMatchObject({
      'segment.ms': '7',
    });
    await expect(broker.alterConfigs('t', [set('segment.ms', 'x')], options)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
    expect(await broker.describeTopic('t')).toEqual(topic);
  });

  it.each([1, 2, 3, 4])('by several at once are all there (seed %i)', async (seed) => {
    const { world } = await openWorld({ seed, isSlow: true });
    const changes = [set('retention.ms', '1'), append('cleanup.policy', 'compact'), unset('segment.bytes')];
    await Promise.all([
      ...changes.map((change) => world.start().broker.alterConfigs('t', [change], { isIncremental: true })),
      world.start().broker.createPartitions({ name: 't', count: 3 }),
    ]);
    expect(await world.start().broker.describeTopic('t')).toMatchObject({
      configs: { 'retention.ms': '1', 'cleanup.policy': 'delete,compact' },
      partitions: 3,
    });
  });
});

/** A plan for transactions only: what befalls the n-th, from 0 on. */
function transactionsMeet(...faults: readonly (Fault | undefined)[]): FaultPlan {
  let next = 0;
  return ({ method }) => (method === 'transact' ? faults[next++] : undefined);
}

const lost: Fault = { kind: 'loseAnswer' };

/** A store that has forgotten a request id when it sees it again, as all do after ten minutes. */
function forgetful(items: ItemStore): ItemStore {
  let requests = 0;
  return {
    ...createFaultyProcess(() => undefined).items(items),
    transact: (writes) => items.transact(writes, `request-${requests++}`),
  };
}

describe.each<[string, (broker: Broker) => Promise<unknown>, object]>([
  ['more partitions', (broker) => broker.createPartitions({ name: 't', count: 3 }), { partitions: 3 }],
  [
    'other configs',
    (broker) => broker.alterConfigs('t', [set('segment.bytes', '3000000')], { isIncremental: true }),
    { configs: { 'segment.bytes': '3000000' } },
  ],
])('%s without an answer', (_what, change, after) => {
  it.each([1, 2])('to %i requests are there, and their caller knows', async (count) => {
    const { world } = await openWorld();
    const { broker } = world.start(transactionsMeet(...Array.from({ length: count }, () => lost)));
    expect(await change(broker)).toMatchObject(after);
    expect(await world.start().broker.describeTopic('t')).toMatchObject(after);
  });

  it('are there once, also where the store knows nothing of the first request any more', async () => {
    const items = forgetful(createMemoryItemStore({ clock: createJumpingClock() }));
    const { world } = await openWorld({ items });
    expect(await change(world.start(transactionsMeet(lost)).broker)).toMatchObject(after);
    expect(await world.start().broker.describeTopic('t')).toMatchObject(after);
  });

  it('to the first request, and with a refusal of the second, may be there', async () => {
    const { world } = await openWorld();
    const { broker } = world.start(transactionsMeet(lost, throttling()));
    await expect(change(broker)).rejects.toMatchObject({
      ...{ code: 'REQUEST_TIMED_OUT', outcome: 'unknown', retriable: true },
      message: 'topic t may have been changed: no answer to transact of items, by plan',
    });
    expect(await world.start().broker.describeTopic('t')).toMatchObject(after);
  });
});

describe('deleting a topic of an id', () => {
  it('leaves one alone that was made anew under the name', async () => {
    const { world, broker, topic } = await openWorld();
    await broker.deleteTopic('t', topic.topicId);
    const anew = await broker.createTopic({ name: 't' });
    await expect(broker.deleteTopic('t', topic.topicId)).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    expect(await world.start().broker.describeTopic('t')).toEqual(anew);
  });
});
