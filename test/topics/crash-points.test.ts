// The store fails at the n-th write of making or deleting a topic, for every n and in every way: a topic is there or it is
// not, what was answered holds, and of a deleted one nothing stays but its fences.
import { describe, expect, it } from 'vitest';
import { toBrokerError, type Outcome } from '../../lib/base/errors.ts';
import { partitionIdOf } from '../../lib/storage/schema/head.ts';
import { deleteTopic, resumeDeletions } from '../../lib/topics/delete-topic.ts';
import { FAULTS, OUTAGES } from '../log/support/fault-plans.ts';
import { World, type Process } from '../log/support/world.ts';

const PARTITIONS = 3;
const WRITES_MAX = 200;

/** What the caller was told; a process that has died tells nobody. */
async function outcomeOf({ faults }: Process, step: Promise<unknown>): Promise<Outcome> {
  const error = await step.then(
    () => undefined,
    (thrown: unknown) => toBrokerError(thrown),
  );
  if (faults.isCrashed) return 'unknown';
  return error === undefined ? 'applied' : error.outcome;
}

const namesIn = async (world: World) => (await world.start().broker.listTopics()).map(({ name }) => name);

/** Removes all that deletions have left to do. */
async function finishDeletions(world: World): Promise<void> {
  for (let steps = 0; (await resumeDeletions(world.start().deps)).remaining > 0; steps++) {
    expect(steps).toBeLessThan(20);
  }
}

async function expectGone(world: World, topicId: string): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const partitionId = partitionIdOf(topicId, partition);
    const late = await world.start().append([`late-${partition}`], { partitionId });
    expect(late).toMatchObject({
      kind: 'refused',
      error: { code: 'UNKNOWN_TOPIC_ID', outcome: 'not-applied' },
    });
    const rows = await world.items.query('log-index', partitionId, { limit: 100 });
    expect(rows.map(({ sk }) => sk)).toEqual(['state']);
  }
  expect(await world.files.list('segments/', undefined, 10)).toEqual([]);
}

/** The name can be used, and what is made under it is empty and works. */
async function expectUsable(world: World, { isFresh }: { isFresh: boolean }): Promise<void> {
  const { broker } = world.start();
  if (isFresh) await broker.createTopic({ name: 't', partitions: PARTITIONS });
  const { topicId, partitions } = await broker.describeTopic('t');
  expect(partitions).toBe(PARTITIONS);
  for (let partition = 0; partition < partitions; partition++) {
    const partitionId = partitionIdOf(topicId, partition);
    expect(await world.readAll(partitionId)).toEqual([]);
    expect(await world.start().append([`in-${partition}`], { partitionId })).toMatchObject({
      ...{ kind: 'stored', baseOffset: 0 },
    });
  }
}

describe('creating a topic', () => {
  it.each(Object.entries({ ...FAULTS, ...OUTAGES }))('by a process that %s', async (_fault, plan) => {
    let points = 0;
    for (let n = 1; n < WRITES_MAX; n++) {
      const world = new World({ seed: n });
      const process = world.start(plan(n));
      const outcome = await outcomeOf(
        process,
        process.broker.createTopic({ name: 't', partitions: PARTITIONS }),
      );
      if (process.faults.writes < n) break;
      points++;
      await process.faults.release();
      const names = await namesIn(world);
      if (outcome === 'applied') expect(names).toEqual(['t']);
      if (outcome === 'not-applied') expect(names).toEqual([]);
      await expectUsable(world, { isFresh: names.length === 0 });
      expect(await namesIn(world)).toEqual(['t']);
    }
    expect(points).toBeGreaterThanOrEqual(4);
  });
});

async function openFilledTopic(world: World): Promise<string> {
  const process = world.start();
  const { topicId } = await process.broker.createTopic({ name: 't', partitions: PARTITIONS });
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const partitionId = partitionIdOf(topicId, partition);
    for (const bytes of [10, 100, 200, 1_000, 10, 100]) {
      await process.append([`${partition}-${bytes}-${world.clock.now()}`], { partitionId, bytes });
      world.clock.advance(1);
    }
    await process.log.settle();
    if (partition === 0) await process.log.seal(partitionId, { all: true });
  }
  return topicId;
}

describe('deleting a topic', () => {
  it.each(Object.entries({ ...FAULTS, ...OUTAGES }))('by a process that %s', async (_fault, plan) => {
    let points = 0;
    for (let n = 1; n < WRITES_MAX; n++) {
      const world = new World({ seed: n });
      const topicId = await openFilledTopic(world);
      const process = world.start(plan(n));
      const outcome = await outcomeOf(process, deleteTopic(process.deps, 't'));
      await resumeDeletions(process.deps).catch(() => undefined);
      if (process.faults.writes < n) break;
      points++;
      await process.faults.release();
      const names = await namesIn(world);
      if (outcome === 'applied') expect(names).toEqual([]);
      if (outcome === 'not-applied') expect(names).toEqual(['t']);
      if (names.length > 0) await deleteTopic(world.start().deps, 't');
      await finishDeletions(world);
      await expectGone(world, topicId);
      await expectUsable(world, { isFresh: true });
    }
    expect(points).toBeGreaterThanOrEqual(8);
  });

  it('while producers go on refuses each of them, or has their records deleted', async () => {
    const world = new World();
    const topicId = await openFilledTopic(world);
    const partitionId = partitionIdOf(topicId, 0);
    const appends = Array.from({ length: 20 }, (_, at) =>
      world.start().append([`meanwhile-${at}`], { partitionId }),
    );
    const [results] = await Promise.all([Promise.all(appends), deleteTopic(world.start().deps, 't')]);
    expect(results.filter(({ kind }) => kind === 'refused')).not.toEqual([]);
    await finishDeletions(world);
    await expectGone(world, topicId);
  });
});
