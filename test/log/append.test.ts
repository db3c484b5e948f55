// Appending where the tail is full, the answer is lost, or the log is not to take more.
import { describe, expect, it } from 'vitest';
import { Log } from '../../lib/log/log.ts';
import { splitBatches } from '../../lib/record/batch-header.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { readHead } from '../../lib/storage/schema/head.ts';
import { throttling, unavailable, type FaultPlan } from '../../lib/storage/faulty.ts';
import { PARTITION_ID, SMALL_LIMITS } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';

const head = async (world: World) => readHead((await world.items.get('heads', { pk: PARTITION_ID })) ?? {});

const appendEach = async (process: Process, names: readonly string[]) => {
  for (const name of names) await process.append([name]);
};

const isHeadUpdate: (call: Parameters<FaultPlan>[0]) => boolean = ({ table, method }) =>
  table === 'heads' && method === 'update';

/** The first updates of a head have no answer. */
const loseAnswers = (count: number): FaultPlan => {
  let lost = 0;
  return (call) => (isHeadUpdate(call) && lost++ < count ? { kind: 'loseAnswer' } : undefined);
};

describe('an append without an answer', () => {
  it('finds its entry in the tail', async () => {
    const world = await World.open();
    const process = world.start(loseAnswers(3));
    expect(await process.append(['x'])).toEqual({ kind: 'stored', baseOffset: 0, isDuplicate: false });
    await world.check();
  });

  it('finds its entry in a page, where others have rolled everything meanwhile', async () => {
    const world = await World.open();
    const process = world.start(loseAnswers(1));
    world.clock.meanwhile(async () => {
      await world.start().log.seal(PARTITION_ID, { all: true });
      expect((await head(world)).tail).toEqual([]);
    });
    expect(await process.append(['x'])).toEqual({ kind: 'stored', baseOffset: 0, isDuplicate: false });
    expect(await process.append(['y'])).toEqual({ kind: 'stored', baseOffset: 1, isDuplicate: false });
    await process.log.settle();
    await world.check();
  });

  it('does not know where the page is gone', async () => {
    const world = await World.open();
    const process = world.start(loseAnswers(1));
    world.clock.meanwhile(async () => {
      await appendEach(world.start(), ['a', 'b', 'c', 'd', 'e']);
      const pages = await world.items.query('log-index', PARTITION_ID, { limit: 9 });
      for (const { pk, sk } of pages)
        await world.items.delete('log-index', { pk: pk as string, sk: sk as string });
    });
    expect(await process.append(['x'])).toMatchObject({
      ...{ kind: 'refused', error: { code: 'KAFKA_STORAGE_ERROR', outcome: 'unknown', retriable: false } },
    });
  });

  it('does not know when its time is over', async () => {
    const world = await World.open();
    const process = world.start((call) => (isHeadUpdate(call) ? { kind: 'loseAnswer' } : undefined));
    const before = world.clock.now();
    // The entry is in the tail: a refused repetition would tell, but there is no answer at all.
    expect(await process.append(['x'])).toMatchObject({
      ...{ kind: 'refused', error: { code: 'REQUEST_TIMED_OUT', outcome: 'unknown' } },
    });
    expect(world.clock.now() - before).toBeLessThan(SMALL_LIMITS.appendTimeoutMs + 2_000);
    await world.check();
  });
});

describe('a throttled store', () => {
  it('is waited for, and then asks the producer to come back', async () => {
    const world = await World.open();
    const error = { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true };
    let refusals = 0;
    const slow = world.start((call) => (isHeadUpdate(call) && refusals++ < 5 ? throttling() : undefined));
    expect(await slow.append(['x'])).toMatchObject({ kind: 'stored', baseOffset: 0 });
    const dead = world.start((call) => (isHeadUpdate(call) ? throttling() : undefined));
    expect(await dead.append(['y'])).toMatchObject({ kind: 'refused', error });
    await world.check();
  });
});

describe('a tail', () => {
  it('that is full is rolled by whoever meets it', async () => {
    const world = await World.open();
    // Nobody rolls: the page cannot be put.
    const noPages: FaultPlan = ({ table, isWrite }) =>
      isWrite && table === 'log-index' ? unavailable() : undefined;
    const names = Array.from({ length: SMALL_LIMITS.tailEntriesMax }, (_, at) => `n${at}`);
    await appendEach(world.start(noPages), names);
    expect((await head(world)).tail).toHaveLength(SMALL_LIMITS.tailEntriesMax);
    const refused = await world.start(noPages).append(['refused']);
    expect(refused).toMatchObject({ kind: 'refused', error: { outcome: 'not-applied', retriable: true } });
    expect(await world.start().append(['x'])).toMatchObject({ kind: 'stored', baseOffset: names.length });
    expect((await head(world)).tailStart).toBeGreaterThanOrEqual(names.length);
    await world.check();
  });

  it('is rolled by the writer that fills it, off the path of its answer', async () => {
    const world = await World.open();
    const process = world.start();
    await appendEach(process, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await process.log.settle();
    const { tail, tailStart, next } = await head(world);
    expect(next).toBe(8);
    expect(tail.length).toBeLessThan(SMALL_LIMITS.tailEntriesSoft);
    expect(tailStart).toBeGreaterThanOrEqual(SMALL_LIMITS.tailEntriesSoft);
  });
});

describe('data that is not sealed', () => {
  const fillAndWait = async (waitMs: number) => {
    const world = await World.open();
    const process = world.start();
    await appendEach(process, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await process.log.settle();
    world.clock.advance(waitMs);
    return world;
  };

  it('for seven days lets nothing more in, until it is sealed', async () => {
    const world = await fillAndWait(SMALL_LIMITS.unsealedAgeMaxMs + 120_000);
    expect(await world.start().append(['late'])).toMatchObject({
      ...{ kind: 'refused', error: { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true } },
    });
    await world.start().log.seal(PARTITION_ID);
    expect(await world.start().append(['again'])).toMatchObject({ kind: 'stored', baseOffset: 8 });
    await world.check();
  });

  it('is not sealed for ever to a process that has met it once', async () => {
    const world = await fillAndWait(SMALL_LIMITS.unsealedAgeMaxMs + 120_000);
    const process = world.start();
    expect(await process.append(['late'])).toMatchObject({ kind: 'refused' });
    await world.start().log.seal(PARTITION_ID);
    expect(await process.append(['again'])).toMatchObject({ kind: 'stored', baseOffset: 8 });
  });

  it('lets nothing more in where it was never rolled either', async () => {
    const world = await World.open();
    await world.start().append(['a'], { bytes: 1_000 });
    world.clock.advance(SMALL_LIMITS.unsealedAgeMaxMs + 120_000);
    expect(await world.start().append(['late'])).toMatchObject({
      ...{ kind: 'refused', error: { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied' } },
    });
    await world.start().log.seal(PARTITION_ID);
    await world.check();
  });

  it('for less does not', async () => {
    const world = await fillAndWait(SMALL_LIMITS.unsealedAgeMaxMs - 120_000);
    expect(await world.start().append(['late'])).toMatchObject({ kind: 'stored' });
  });
});

describe('a partition that is none', () => {
  it('takes nothing', async () => {
    const world = new World();
    expect(await world.start().append(['x'])).toMatchObject({
      ...{ kind: 'refused', error: { code: 'UNKNOWN_TOPIC_ID', outcome: 'not-applied', retriable: true } },
    });
    expect(await world.items.get('heads', { pk: PARTITION_ID })).toBeUndefined();
  });
});

describe('appends that wait', () => {
  const LIMITS = { ...SMALL_LIMITS, inlineBytesMax: 0, smallObjectBytesMax: 0, entryBytesMax: 1_000 };

  it('have their object put while the entry before them is appended, where nobody else could join them', async () => {
    const world = await World.open({ limits: LIMITS });
    const seen: string[] = [];
    const process = world.start(({ isWrite, store, method }) => {
      if (isWrite) seen.push(`${store} ${method}`);
      return undefined;
    });
    const values = Array.from({ length: 6 }, (_, at) => `v${at}`);
    const results = await Promise.all(values.map((value) => process.append([value], { bytes: 400 })));
    expect(results.map((result) => result.kind === 'stored' && result.baseOffset)).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
    expect(seen.slice(0, 3)).toEqual(['objects put', 'objects put', 'items update']);
    await world.check();
  });

  it('have it put also where they come while another entry is appended', async () => {
    const world = await World.open({ limits: LIMITS, isSlow: true });
    const puts: { readonly isBeforeFirstIsStored: boolean }[] = [];
    let isFirstStored = false;
    let late: Promise<unknown>[] = [];
    const process = world.start(({ isWrite, store }) => {
      if (isWrite && store === 'objects') puts.push({ isBeforeFirstIsStored: !isFirstStored });
      // The first entry is being appended, and nobody waits.
      if (isWrite && store === 'items' && late.length === 0)
        late = ['a', 'b', 'c'].map((value) => process.append([value], { bytes: 400 }));
      return undefined;
    });
    await process.append(['first'], { bytes: 400 });
    isFirstStored = true;
    await Promise.all(late);
    expect(puts.map(({ isBeforeFirstIsStored }) => isBeforeFirstIsStored)).toEqual([true, true, false]);
    await world.check();
  });

  it('are refused one entry at a time, where its object cannot be put', async () => {
    const world = await World.open({ limits: LIMITS });
    let puts = 0;
    const process = world.start(({ isWrite, store }) =>
      isWrite && store === 'objects' && ++puts === 2 ? unavailable() : undefined,
    );
    const values = Array.from({ length: 6 }, (_, at) => `v${at}`);
    const results = await Promise.all(values.map((value) => process.append([value], { bytes: 400 })));
    const refused = results.filter((result) => result.kind === 'refused');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(6);
    expect(refused.map(({ error }) => error.outcome)).toEqual(refused.map(() => 'not-applied'));
    await world.check();
  });

  it('are gathered before their entry is made, where a store commits as fast as callers come back', async () => {
    const world = await World.open();
    const { deps } = world.start();
    const sizes: number[] = [];
    const items = {
      ...deps.items,
      update: (...call: Parameters<typeof deps.items.update>) => {
        if (call[0] === 'heads') sizes.push(call[2].length);
        return deps.items.update(...call);
      },
    };
    const log = new Log({ ...deps, items, gather: () => new Promise((resolve) => setImmediate(resolve)) });
    const slice = splitBatches(encodeBatch([{ key: null, value: null, headers: [], timestampMs: 0 }]));
    const client = async () => {
      for (let sent = 0; sent < 5; sent++) await log.append(PARTITION_ID, slice);
    };
    await Promise.all(Array.from({ length: 10 }, client));
    await log.settle();
    // Five rounds of ten clients, each round one commit, and what the rolls between them write.
    expect(sizes.length).toBeLessThan(15);
  });
});
