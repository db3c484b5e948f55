// Objects that entries of several partitions share: what is put together, what is read back, and what outlives a partition.
import { beforeEach, describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { collectPartition, collectSealed } from '../../lib/log/collect.ts';
import { openPartitions, retirePartition } from '../../lib/log/partitions.ts';
import { scrubPartition } from '../../lib/log/scrub.ts';
import { SharedObjects, type ObjectPlace } from '../../lib/log/shared-objects.ts';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { partitionIdOf } from '../../lib/storage/schema/head.ts';
import { HOT_PREFIX } from '../../lib/storage/schema/object-key.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { TOPIC_ID } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';

const PARTITIONS = 5;
const idOf = (partition: number) => partitionIdOf(TOPIC_ID, partition);
const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);

let world: World;
let process: Process;
beforeEach(async () => {
  world = new World();
  await openPartitions(world.items, TOPIC_ID, 0, PARTITIONS);
  process = world.start();
});

const appendToAll = (round: number) =>
  Promise.all(
    all.map((partition) =>
      process.append([`${partition}.${round}`], { partitionId: idOf(partition), bytes: 500 }),
    ),
  );
const hotKeys = async () => (await world.files.list(HOT_PREFIX, undefined, 1_000)).map(({ key }) => key);
const expectAll = async (partition: number, rounds: number) => {
  const expected = Array.from({ length: rounds }, (_, round) => `${partition}.${round}`);
  expect(await world.readAll(idOf(partition))).toEqual(expected);
  expect((await scrubPartition(world.start().deps, idOf(partition))).findings).toEqual([]);
};

describe('a log whose partitions are appended to at the same time', () => {
  it('puts their large entries into one object, reads each of them, and seals them', async () => {
    for (let round = 0; round < 3; round++)
      expect(await appendToAll(round)).toEqual(
        all.map(() => ({ kind: 'stored', baseOffset: round, isDuplicate: false })),
      );
    expect(await hotKeys()).toHaveLength(3);
    for (const partition of all) await expectAll(partition, 3);
    for (const partition of all) {
      await world.start().log.seal(idOf(partition), { all: true });
      await expectAll(partition, 3);
    }
  });

  it('keeps an object for the others when a partition is sealed and collected, or its topic is deleted', async () => {
    await appendToAll(0);
    const { deps, log } = world.start();
    await log.seal(idOf(0), { all: true });
    await collectSealed(deps, idOf(0), { sealedEnd: 1, graceMs: -1 });
    await log.seal(idOf(1), { all: true });
    await retirePartition(world.items, idOf(1));
    expect(await collectPartition(deps, idOf(1))).toBe(true);
    expect(await hotKeys()).toHaveLength(1);
    await expectAll(0, 1);
    for (const partition of [2, 3, 4]) await expectAll(partition, 1);
  });

  it('fails for all whose bytes were in a put that failed, applies none of them, and goes on', async () => {
    let isFailing = true;
    const put = process.deps.objects.put.bind(process.deps.objects);
    Object.assign(process.deps.objects, {
      put: async (key: string, bytes: Uint8Array) => {
        if (isFailing) throw new BrokerError('KAFKA_STORAGE_ERROR', 'no', { outcome: 'unknown' });
        await put(key, bytes);
      },
    });
    const results = await appendToAll(0);
    expect(results).toMatchObject(
      all.map(() => ({ kind: 'refused', error: { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied' } })),
    );
    isFailing = false;
    expect(await appendToAll(0)).toMatchObject(all.map(() => ({ kind: 'stored', baseOffset: 0 })));
    for (const partition of all) await expectAll(partition, 1);
  });

  it('gives an entry that comes alone an object of its own, at once', async () => {
    await process.append(['alone'], { partitionId: idOf(0), bytes: 500 });
    const { deps, log } = world.start();
    await log.seal(idOf(0), { all: true });
    await collectSealed(deps, idOf(0), { sealedEnd: 1, graceMs: -1 });
    expect(await hotKeys()).toEqual([]);
  });
});

describe('SharedObjects', () => {
  const open = ({ sharedObjectBytesMax = 100, mayBeJoined = true } = {}) => {
    const clock = createManualClock();
    const store = createMemoryObjectStore({ clock });
    const puts: { readonly bytes: number; readonly end: () => void }[] = [];
    const objects = {
      ...store,
      put: async (_key: string, { length: bytes }: Uint8Array) => {
        await new Promise<void>((end) => puts.push({ bytes, end }));
      },
    };
    const shared = new SharedObjects(
      { objects, clock, dice: createSeededDice(1), limits: { sharedObjectBytesMax, sharedObjectWaitMs: 5 } },
      { mayBeJoined: () => mayBeJoined },
    );
    const sizes = () => puts.map(({ bytes }) => bytes);
    return { clock, puts, sizes, put: (id: string, bytes: number) => shared.put(id, new Uint8Array(bytes)) };
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('waits for others only where there may be some', async () => {
    const alone = open({ mayBeJoined: false });
    void alone.put('a', 10);
    expect(alone.sizes()).toEqual([10]);
    const { put, clock, sizes } = open();
    void put('a', 10);
    void put('b', 20);
    await clock.advance(4);
    expect(sizes()).toEqual([]);
    await clock.advance(1);
    expect(sizes()).toEqual([30]);
  });

  it('puts what comes meanwhile together, when one of two puts is over', async () => {
    const { put, puts, sizes } = open({ mayBeJoined: false });
    for (const id of ['a', 'b', 'c', 'd', 'e']) void put(id, 10);
    expect(sizes()).toEqual([10, 10]);
    puts[0]?.end();
    await turn();
    expect(sizes()).toEqual([10, 10, 30]);
  });

  it('does not wait for puts that hang', async () => {
    const { put, clock, sizes } = open({ mayBeJoined: false });
    for (const id of ['a', 'b', 'c', 'd']) void put(id, 10);
    void put('d', 10);
    await clock.advance(99);
    expect(sizes()).toEqual([10, 10]);
    await clock.advance(1);
    expect(sizes()).toEqual([10, 10, 20, 10]);
  });

  it('does not wait with a full object, nor with a large entry, which has its own', () => {
    const { put, sizes } = open();
    for (const id of ['a', 'b', 'c']) void put(id, 40);
    expect(sizes()).toEqual([80]);
    void put('d', 51);
    expect(sizes()).toEqual([80, 51]);
  });

  it('puts no two entries of a partition into one object', async () => {
    const { put, clock, puts } = open();
    const places = [put('a', 10), put('a', 10), put('b', 10)];
    await clock.advance(5);
    puts[0]?.end();
    await turn();
    puts[1]?.end();
    const [first, second, third] = (await Promise.all(places)) as [ObjectPlace, ObjectPlace, ObjectPlace];
    expect(second.objectId).not.toEqual(first.objectId);
    expect(third.objectId).toEqual(first.objectId);
    expect([first, second, third].map(({ sharedPosition }) => sharedPosition)).toEqual([0, undefined, 10]);
  });
});
