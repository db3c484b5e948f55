// Deleting records before an offset: what is left is read, listed and scrubbed as before, whatever fails and whoever races.
import { describe, expect, it } from 'vitest';
import { logStateKey } from '../../lib/storage/schema/log-index.ts';
import { scrubPartition } from '../../lib/log/scrub.ts';
import { splitBatches } from '../../lib/record/batch-header.ts';
import { encodeBatch, recordsOf } from '../../lib/record/record-batch.ts';
import { FAULTS, OUTAGES } from './support/fault-plans.ts';
import { PARTITION_ID } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';

const MINUTE_MS = 60_000;
const BATCHES = 10;
const END = BATCHES * 2;

/** Offsets 0 to 19, two to a batch, each batch a minute after the one before but for the first, which is the youngest. */
async function filled(seed = 1): Promise<{ readonly world: World; readonly startMs: number }> {
  const world = await World.open({ seed });
  const startMs = world.clock.now();
  const process = world.start();
  for (let at = 0; at < BATCHES; at++) {
    const timestampMs = startMs + (at === 0 ? 2 * BATCHES : at) * MINUTE_MS;
    const bytes = [10, 100, 1_000][at % 3] ?? 0;
    const records = [`${at}a`, `${at}b`].map((value) => ({
      ...{ key: null, headers: [], timestampMs, value: Buffer.from(value.padEnd(bytes, '.')) },
    }));
    await process.log.append(PARTITION_ID, splitBatches(encodeBatch(records)));
  }
  await process.log.settle();
  return { world, startMs };
}

async function valuesFrom({ log }: Process, startOffset: number): Promise<readonly string[]> {
  const values: string[] = [];
  for (let offset = startOffset; offset < (await log.offsets(PARTITION_ID)).highWatermark;) {
    const { batches } = await log.read(PARTITION_ID, { offset, maxBytes: 500 });
    for (const record of batches.flatMap(({ bytes }) => [...recordsOf(bytes)])) {
      if (record.offset < offset) continue;
      values.push(
        `${record.offset} ${Buffer.from(record.value ?? [])
          .toString()
          .replace(/\.*$/, '')}`,
      );
      offset = record.offset + 1;
    }
  }
  return values;
}

const ALL = Array.from({ length: END }, (_, at) => `${at} ${Math.floor(at / 2)}${at % 2 === 0 ? 'a' : 'b'}`);

async function expectStart(world: World, start: number): Promise<void> {
  const process = world.start();
  expect(await process.log.offsets(PARTITION_ID)).toEqual({ logStartOffset: start, highWatermark: END });
  expect(await valuesFrom(process, start)).toEqual(ALL.slice(start));
  expect((await scrubPartition(process.deps, PARTITION_ID)).findings).toEqual([]);
  if (start === 0) return;
  const below = { offset: start - 1, maxBytes: 1 };
  await expect(process.log.read(PARTITION_ID, below)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
}

describe('deleting records', () => {
  it('raises the start of a log whose records lie in its tail, and within a batch', async () => {
    const { world } = await filled();
    expect(await world.start().log.deleteRecords(PARTITION_ID, 13)).toBe(13);
    await expectStart(world, 13);
    expect(await world.start().log.deleteRecords(PARTITION_ID, 14)).toBe(14);
    await expectStart(world, 14);
  });

  it('never lowers it', async () => {
    const { world } = await filled();
    await world.start().log.deleteRecords(PARTITION_ID, 5);
    for (const before of [0, 4, 5])
      expect(await world.start().log.deleteRecords(PARTITION_ID, before)).toBe(5);
    await expectStart(world, 5);
  });

  it('leaves an empty log that goes on at its end', async () => {
    const { world } = await filled();
    expect(await world.start().log.deleteRecords(PARTITION_ID, 'highWatermark')).toBe(END);
    await expectStart(world, END);
    const process = world.start();
    expect(await process.log.offsetOfMaxTimestamp(PARTITION_ID)).toEqual({ offset: -1, timestampMs: -1 });
    expect(await process.append(['next'])).toMatchObject({ kind: 'stored', baseOffset: END });
    expect(await valuesFrom(process, END)).toEqual([`${END} next`]);
  });

  it('of an empty log changes nothing', async () => {
    const world = await World.open();
    for (const before of [0, 'highWatermark'] as const)
      expect(await world.start().log.deleteRecords(PARTITION_ID, before)).toBe(0);
    expect(await world.items.get('log-index', logStateKey(PARTITION_ID))).toBeUndefined();
  });

  it.each([-1, END + 1, 0.5])('refuses offset %d', async (before) => {
    const { world } = await filled();
    const refused = world.start().log.deleteRecords(PARTITION_ID, before);
    await expect(refused).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    await expectStart(world, 0);
  });
});

describe('the largest timestamp', () => {
  it('is that of the records that are left, wherever they lie', async () => {
    const { world, startMs } = await filled();
    const { log } = world.start();
    const youngest = () => log.offsetOfMaxTimestamp(PARTITION_ID);
    expect(await youngest()).toEqual({ offset: 0, timestampMs: startMs + 2 * BATCHES * MINUTE_MS });
    await log.deleteRecords(PARTITION_ID, 1);
    expect(await youngest()).toEqual({ offset: 1, timestampMs: startMs + 2 * BATCHES * MINUTE_MS });
    const last = { offset: END - 2, timestampMs: startMs + (BATCHES - 1) * MINUTE_MS };
    for (const before of [2, 9, END - 2]) {
      await log.deleteRecords(PARTITION_ID, before);
      expect(await youngest()).toEqual(last);
    }
    expect(await log.offsetForTimestamp(PARTITION_ID, startMs)).toEqual(last);
  });
});

describe('deleting records while others do, and seal', () => {
  it('ends with the highest start', async () => {
    const { world } = await filled();
    const befores = [3, 17, 8, 12];
    const starts = await Promise.all([
      ...befores.map((before) => world.start().log.deleteRecords(PARTITION_ID, before)),
      world.start().log.seal(PARTITION_ID, { all: true }),
    ]);
    for (const [at, before] of befores.entries()) expect(starts[at]).toBeGreaterThanOrEqual(before);
    await expectStart(world, 17);
  });
});

describe.each(Object.entries({ ...FAULTS, ...OUTAGES }))(
  'a process that %s at every write',
  (_fault, plan) => {
    it('leaves a log that starts where it did or where it should, and can be asked again', async () => {
      let writes = 0;
      for (let n = 1; n < 100; n++) {
        const { world } = await filled(n);
        const process = world.start(plan(n));
        const start = await process.log.deleteRecords(PARTITION_ID, 7).catch(() => undefined);
        if (process.faults.writes < n) break;
        writes++;
        const { logStartOffset } = await world.start().log.offsets(PARTITION_ID);
        expect(start === undefined ? [0, 7] : [7]).toContain(logStartOffset);
        expect(await world.start().log.deleteRecords(PARTITION_ID, 7)).toBe(7);
        await process.faults.release();
        await expectStart(world, 7);
      }
      expect(writes).toBeGreaterThanOrEqual(3);
    });
  },
);
