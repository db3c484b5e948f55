// Idempotent producers: each batch is stored once, a repeated one is answered its first offset, and what is refused is
// refused by what a new view of the head says.
import { beforeEach, describe, expect, it } from 'vitest';
import { readHead } from '../../lib/storage/schema/head.ts';
import { packProducerState, producerKey } from '../../lib/storage/schema/producer-state.ts';
import { set } from '../../lib/storage/ports/action.ts';
import { PARTITION_ID, SMALL_LIMITS } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';

let world: World;
let process: Process;
beforeEach(async () => {
  world = await World.open();
  process = world.start();
});

/** A batch of producer 1: `count` records from a sequence on. */
const send = (
  by: Process,
  baseSequence: number,
  { count = 1, producerEpoch = 0, producerId = 1n, name = '' } = {},
) => {
  const values = Array.from(
    { length: count },
    (_, at) => `${name}${producerId}/${producerEpoch}/${baseSequence + at}`,
  );
  return by.append(values, { producerId, producerEpoch, baseSequence });
};

const stored = (baseOffset: number) => ({ kind: 'stored', baseOffset, isDuplicate: false });
const duplicate = (baseOffset: number) => ({ kind: 'stored', baseOffset, isDuplicate: true });
const refused = (code: string, outcome = 'not-applied') => ({ kind: 'refused', error: { code, outcome } });
const OUT_OF_ORDER = refused('OUT_OF_ORDER_SEQUENCE_NUMBER');
/** Behind, and not to be found, of a producer that did not begin at 0: it may have been stored once. */
const UNPROVEN = refused('OUT_OF_ORDER_SEQUENCE_NUMBER', 'unknown');

const head = async () => readHead((await world.items.get('heads', { pk: PARTITION_ID })) ?? {});

/** Until what is there now is in pages. */
async function rollAll(): Promise<void> {
  const { next } = await head();
  while ((await head()).tailStart < next) {
    await world.start().append([`filler-${(await head()).next}`]);
    const filler = world.start();
    await filler.append([`filler-${(await head()).next}`]);
    await filler.log.settle();
  }
}

describe('a batch that is there already', () => {
  it('is answered its offset from the tail', async () => {
    await send(process, 0, { count: 3 });
    await send(process, 3, { count: 2 });
    expect(await send(process, 0, { count: 3 })).toEqual(duplicate(0));
    expect(await send(world.start(), 3, { count: 2 })).toEqual(duplicate(3));
    expect(await world.readAll()).toHaveLength(5);
  });

  it('is answered its offset from pages, by a process that knows nothing', async () => {
    await world.start().append(['before']);
    await send(process, 0, { count: 3 });
    await send(process, 3, { count: 2 });
    await rollAll();
    expect(await send(world.start(), 0, { count: 3 })).toEqual(duplicate(1));
    expect(await send(process, 3, { count: 2 })).toEqual(duplicate(4));
    await world.check();
  });

  it('is answered its offset where its producer was spilled', async () => {
    for (const producerId of [1n, 2n, 3n, 4n, 5n, 6n, 7n]) await send(process, 0, { producerId });
    await rollAll();
    const { producers, spills } = await head();
    expect(spills).toBeGreaterThanOrEqual(1);
    expect(producers).not.toHaveProperty(producerKey(1n));
    for (const [offset, producerId] of [1n, 2n, 3n, 4n, 5n, 6n, 7n].entries())
      expect(await send(world.start(), 0, { producerId })).toEqual(duplicate(offset));
    expect(await send(world.start(), 1)).toMatchObject({ kind: 'stored', isDuplicate: false });
    expect(await send(world.start(), 3)).toMatchObject(OUT_OF_ORDER);
  });

  it('is known to be there where it is too old to be found', async () => {
    await send(process, 0);
    await send(process, 1);
    await rollAll();
    const pages = await world.items.query('log-index', PARTITION_ID, { limit: 99 });
    for (const { pk, sk } of pages)
      await world.items.delete('log-index', { pk: pk as string, sk: sk as string });
    expect(await send(world.start(), 0)).toMatchObject(refused('DUPLICATE_SEQUENCE_NUMBER', 'applied'));
  });

  it('is told from one of another epoch or producer with the same sequence', async () => {
    await send(process, 0, { name: 'a' });
    await send(process, 0, { producerId: 2n });
    await send(process, 0, { producerEpoch: 1, name: 'b' });
    expect(await send(process, 0, { producerEpoch: 1, name: 'b' })).toEqual(duplicate(2));
    expect(await send(process, 0, { producerId: 2n })).toEqual(duplicate(1));
  });
});

describe('a sequence', () => {
  it('goes on by the records of a batch, and wraps', async () => {
    await send(process, 2 ** 31 - 3, { count: 2 });
    expect(await send(process, 2 ** 31 - 1, { count: 3 })).toEqual(stored(2));
    expect(await send(process, 2)).toEqual(stored(5));
    expect(await send(process, 2 ** 31 - 1, { count: 3 })).toEqual(duplicate(2));
    expect(await send(process, 4)).toMatchObject(OUT_OF_ORDER);
  });

  it('may be any where the producer is unknown, as in Kafka', async () => {
    expect(await send(process, 17)).toEqual(stored(0));
    expect(await send(process, 18)).toEqual(stored(1));
  });

  it('that leaves one out is refused, and the one left out is still taken', async () => {
    await send(process, 0);
    expect(await send(process, 2)).toMatchObject(OUT_OF_ORDER);
    expect(await send(process, 1)).toEqual(stored(1));
    expect(await send(process, 2)).toEqual(stored(2));
  });

  it('is judged by a new view: another process has written meanwhile', async () => {
    const other = world.start();
    await send(process, 0);
    await send(other, 1);
    await send(other, 2);
    expect(await send(process, 3)).toEqual(stored(3));
  });

  it('before all that is known was never stored: it is no duplicate', async () => {
    await send(process, 5);
    expect(await send(process, 4)).toMatchObject(UNPROVEN);
    expect(await send(world.start(), 0)).toMatchObject(UNPROVEN);
    await rollAll();
    expect(await send(world.start(), 3)).toMatchObject(UNPROVEN);
  });

  it('so far ahead that an old view takes it for long past is judged by a new one', async () => {
    await send(process, 0);
    const lastSequence = 2 ** 30 + 5;
    const state = { producerEpoch: 0, lastSequence, fence: 1, isWhole: true };
    const path = ['p', producerKey(1n)] as const;
    await world.items.update('heads', { pk: PARTITION_ID }, [set(path, packProducerState(state))]);
    expect(await send(process, lastSequence + 1)).toEqual(stored(1));
  });
});

describe('an epoch', () => {
  it('begins at 0, and fences the one before', async () => {
    await send(process, 0);
    expect(await send(process, 1, { producerEpoch: 1 })).toMatchObject(OUT_OF_ORDER);
    expect(await send(world.start(), 0, { producerEpoch: 1 })).toEqual(stored(1));
    expect(await send(process, 1)).toMatchObject(refused('INVALID_PRODUCER_EPOCH'));
    expect(await send(process, 0)).toMatchObject(refused('INVALID_PRODUCER_EPOCH'));
  });

  it('is spilled with its producer', async () => {
    await send(process, 0, { producerEpoch: 3 });
    for (const producerId of [2n, 3n, 4n, 5n, 6n]) await send(process, 0, { producerId });
    await rollAll();
    expect((await head()).producers).not.toHaveProperty(producerKey(1n));
    expect(await send(world.start(), 0, { producerEpoch: 2 })).toMatchObject(
      refused('INVALID_PRODUCER_EPOCH'),
    );
    expect(await send(world.start(), 1, { producerEpoch: 3 })).toMatchObject({ kind: 'stored' });
  });
});

describe('a spilled producer', () => {
  it('is forgotten after its time: any sequence is its first then', async () => {
    for (const producerId of [1n, 2n, 3n, 4n, 5n, 6n]) await send(process, 0, { producerId });
    await rollAll();
    expect((await head()).producers).not.toHaveProperty(producerKey(1n));
    expect(await send(world.start(), 9)).toMatchObject(OUT_OF_ORDER);
    world.clock.advance(SMALL_LIMITS.producerExpirationMs + 1_000);
    expect(await send(world.start(), 9)).toMatchObject({ kind: 'stored', isDuplicate: false });
  });
});

describe('one entry of many', () => {
  it('holds batches that follow one another, and those of many producers', async () => {
    const sent = [
      ...[0, 1, 2].map((at) => send(process, at)),
      ...[2n, 3n, 4n].map((producerId) => send(process, 0, { producerId })),
      process.append(['plain']),
    ];
    const results = await Promise.all(sent);
    expect(results.map(({ kind }) => kind)).toEqual(results.map(() => 'stored'));
    await process.log.settle();
    const places = results.map((result) => (result.kind === 'stored' ? result.baseOffset : -1));
    expect(places.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(process.faults.writes).toBeLessThan(7);
    await world.check();
  });

  it('stores the one that fits of a batch and its repetition', async () => {
    const [first, again] = await Promise.all([send(process, 0), send(process, 0)]);
    expect([first, again]).toEqual([stored(0), duplicate(0)]);
    const [next, tooFar] = await Promise.all([send(process, 1), send(process, 3)]);
    expect([next, tooFar]).toMatchObject([stored(1), OUT_OF_ORDER]);
  });
});
