// The store fails at the n-th write of giving a topic more partitions or other configs, for every n and in every way: both
// rows always say the same, what was answered holds, and whoever asks again gets what was asked for.
import { describe, expect, it } from 'vitest';
import { toBrokerError, type Outcome } from '../../lib/base/errors.ts';
import { partitionIdOf } from '../../lib/storage/schema/head.ts';
import { FAULTS, OUTAGES } from '../log/support/fault-plans.ts';
import { World, type Process } from '../log/support/world.ts';
import type { Topic } from '../../lib/topics/topic.ts';

const [BEFORE, AFTER] = [2, 5];
const WRITES_MAX = 100;
const EVERY_FAULT = Object.entries({ ...FAULTS, ...OUTAGES });

/** What the caller was told; a process that has died tells nobody. */
async function outcomeOf({ faults }: Process, step: Promise<unknown>): Promise<Outcome> {
  const error = await step.then(
    () => undefined,
    (thrown: unknown) => toBrokerError(thrown),
  );
  if (faults.isCrashed) return 'unknown';
  return error === undefined ? 'applied' : error.outcome;
}

/** The topic by its name, which must be what it is by its id. */
async function topicIn(world: World): Promise<Topic> {
  const { broker } = world.start();
  const topic = await broker.describeTopic('t');
  expect(await broker.findTopicById(topic.topicId)).toEqual(topic);
  return topic;
}

async function expectWorking(world: World, { topicId, partitions }: Topic): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const partitionId = partitionIdOf(topicId, partition);
    const isOld = partition < BEFORE;
    expect(await world.readAll(partitionId)).toEqual(isOld ? [`old-${partition}`] : []);
    const stored = await world.start().append([`new-${partition}`], { partitionId });
    expect(stored).toMatchObject({ kind: 'stored', baseOffset: isOld ? 1 : 0 });
  }
}

async function openTopic(world: World): Promise<void> {
  const process = world.start();
  const { topicId } = await process.broker.createTopic({
    ...{ name: 't', partitions: BEFORE, configs: { 'cleanup.policy': 'delete' } },
  });
  for (let partition = 0; partition < BEFORE; partition++) {
    await process.append([`old-${partition}`], { partitionId: partitionIdOf(topicId, partition) });
  }
}

const grow = ({ broker }: Process) => broker.createPartitions({ name: 't', count: AFTER });

describe('more partitions', () => {
  it.each(EVERY_FAULT)('by a process that %s', async (_fault, plan) => {
    let points = 0;
    for (let n = 1; n < WRITES_MAX; n++) {
      const world = new World({ seed: n });
      await openTopic(world);
      const process = world.start(plan(n));
      const outcome = await outcomeOf(process, grow(process));
      if (process.faults.writes < n) break;
      points++;
      if (outcome === 'applied') expect((await topicIn(world)).partitions).toBe(AFTER);
      await process.faults.release();
      const { partitions } = await topicIn(world);
      if (outcome === 'applied') expect(partitions).toBe(AFTER);
      if (outcome === 'not-applied') expect(partitions).toBe(BEFORE);
      expect([BEFORE, AFTER]).toContain(partitions);
      if (partitions === BEFORE) await grow(world.start());
      await expectWorking(world, await topicIn(world));
      expect((await topicIn(world)).partitions).toBe(AFTER);
    }
    expect(points).toBeGreaterThanOrEqual(AFTER - BEFORE + 1);
  });

  it.each(EVERY_FAULT)('of a topic that is deleted meanwhile, by a process that %s', async (_fault, plan) => {
    for (let n = 1; n < WRITES_MAX; n++) {
      const world = new World({ seed: n });
      await openTopic(world);
      const process = world.start(plan(n));
      const growing = outcomeOf(process, grow(process));
      await world.start().broker.deleteTopic('t');
      await growing;
      await process.faults.release();
      expect(await world.start().broker.listTopics()).toEqual([]);
      const { topicId } = await world.start().broker.createTopic({ name: 't', partitions: 1 });
      expect(await topicIn(world)).toMatchObject({ topicId, partitions: 1 });
      if (process.faults.writes < n) break;
    }
  });
});

const alter = ({ broker }: Process) =>
  broker.alterConfigs(
    't',
    [
      { name: 'cleanup.policy', operation: 'append', value: 'compact' },
      { name: 'retention.ms', operation: 'set', value: '1000' },
    ],
    { isIncremental: true },
  );

const [OLD, NEW] = [
  { 'cleanup.policy': 'delete' },
  { 'cleanup.policy': 'delete,compact', 'retention.ms': '1000' },
];

describe('other configs', () => {
  it.each(EVERY_FAULT)('by a process that %s', async (_fault, plan) => {
    let points = 0;
    for (let n = 1; n < WRITES_MAX; n++) {
      const world = new World({ seed: n });
      await openTopic(world);
      const process = world.start(plan(n));
      const outcome = await outcomeOf(process, alter(process));
      if (process.faults.writes < n) break;
      points++;
      if (outcome === 'applied') expect((await topicIn(world)).configs).toEqual(NEW);
      await process.faults.release();
      const { configs } = await topicIn(world);
      if (outcome === 'applied') expect(configs).toEqual(NEW);
      if (outcome === 'not-applied') expect(configs).toEqual(OLD);
      expect([OLD, NEW]).toContainEqual(configs);
      await alter(world.start());
      expect((await topicIn(world)).configs).toEqual(NEW);
    }
    expect(points).toBeGreaterThanOrEqual(1);
  });
});
