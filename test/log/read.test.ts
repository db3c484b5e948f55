// Reading from every offset of a log that lies in segments, pages and tail, and finding offsets by time.
import { beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../lib/base/assert.ts';
import { collectSealed } from '../../lib/log/collect.ts';
import { offsetForTimestamp } from '../../lib/log/list-offsets.ts';
import { headKey, readHead } from '../../lib/storage/schema/head.ts';
import { splitBatches, type BatchSlice } from '../../lib/record/batch-header.ts';
import { encodeBatch, recordsOf } from '../../lib/record/record-batch.ts';
import { PARTITION_ID, SMALL_LIMITS } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

/** A record as the tests know it: where it stands and when it was. */
interface Known {
  readonly offset: number;
  readonly value: string;
  readonly timestampMs: number;
  readonly batch: number;
}

const T = Date.UTC(2026, 0, 1);

/** Batches of one to three records, whose timestamps go back and forth, of sizes that go to every kind of place. */
async function fill(process: Process, known: Known[], batches: number): Promise<void> {
  for (let at = 0; at < batches; at++) {
    const batch = known.length === 0 ? 0 : (known.at(-1)?.batch ?? 0) + 1;
    const bytes = [10, 30, 200, 900][batch % 4] ?? 0;
    const records = Array.from({ length: 1 + (batch % 3) }, (_, record) => ({
      ...{ key: null, headers: [], value: Buffer.from(`${batch}-${record}`.padEnd(bytes, '.')) },
      timestampMs: T + ((batch * 7 + record * 3) % 11) * 1_000 + batch * 10,
    }));
    const [result] = await process.log.append(PARTITION_ID, splitBatches(encodeBatch(records)));
    if (result?.kind !== 'stored') throw new Error('not stored');
    const { baseOffset } = result;
    records.forEach(({ timestampMs }, record) =>
      known.push({ offset: baseOffset + record, value: `${batch}-${record}`, timestampMs, batch }),
    );
  }
  await process.log.settle();
}

const recordsIn = (batches: readonly BatchSlice[]) =>
  batches.flatMap(({ bytes }) =>
    [...recordsOf(bytes)].map(({ offset, value, timestampMs }) => ({
      ...{ offset, timestampMs },
      value: Buffer.from(value ?? [])
        .toString()
        .replace(/\.*$/, ''),
    })),
  );

const plain = ({ offset, timestampMs, value }: Known) => ({ offset, timestampMs, value });

const known: Known[] = [];
let world: World;
let process: Process;
beforeAll(async () => {
  // An index entry for every two or three batches, so that segments are read in their middle.
  world = await World.open({ limits: { ...SMALL_LIMITS, indexIntervalBytes: 700 } });
  process = world.start();
  for (let segment = 0; segment < 2; segment++) {
    await fill(process, known, 10);
    await process.log.seal(PARTITION_ID, { all: true });
  }
  await fill(process, known, 15);
});

describe('reading', () => {
  it('has segments, pages and a tail to read', async () => {
    const head = readHead((await world.items.get('heads', { pk: PARTITION_ID })) ?? {});
    expect(head.sealedEnd).toBeGreaterThan(20);
    expect(head.tailStart).toBeGreaterThan(head.sealedEnd);
    expect(head.tail.length).toBeGreaterThan(0);
    expect(head.next).toBe(known.length);
  });

  it.each([1, 500, 1_500, 1_000_000])('from every offset, with %d bytes at most', async (maxBytes) => {
    for (const { offset, batch } of known) {
      const { batches, highWatermark, logStartOffset } = await process.log.read(PARTITION_ID, {
        ...{ offset, maxBytes },
      });
      expect([highWatermark, logStartOffset]).toEqual([known.length, 0]);
      const found = recordsIn(batches);
      const from = known.findIndex((each) => each.batch === batch);
      expect(found).toEqual(known.slice(from, from + found.length).map(plain));
      expect(found.at(-1)?.offset).toBeGreaterThanOrEqual(offset);
      const bytes = batches.reduce((sum, each) => sum + each.bytes.length, 0);
      if (batches.length > 1) expect(bytes).toBeLessThanOrEqual(maxBytes);
      for (const { header, bytes: inBatch } of batches) expect(inBatch.length).toBe(header.batchBytes);
    }
  });

  it('goes through pages and tail in one answer', async () => {
    const { sealedEnd } = readHead((await world.items.get('heads', { pk: PARTITION_ID })) ?? {});
    const { batches } = await process.log.read(PARTITION_ID, { offset: sealedEnd, maxBytes: 1_000_000 });
    expect(recordsIn(batches)).toEqual(known.slice(sealedEnd).map(plain));
  });

  it('answers nothing at the end', async () => {
    const { batches } = await process.log.read(PARTITION_ID, { offset: known.length, maxBytes: 1_000 });
    expect(batches).toEqual([]);
  });

  it.each([-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER])('refuses offset %d', async (offset) => {
    await expect(process.log.read(PARTITION_ID, { offset, maxBytes: 1 })).rejects.toMatchObject({
      ...{ code: 'OFFSET_OUT_OF_RANGE', field: 'offset' },
    });
  });

  it('refuses a partition that is none', async () => {
    const reading = process.log.read('AAAAAAAAAAAAAAAAAAAAAA:9', { offset: 0, maxBytes: 1 });
    await expect(reading).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_ID' });
  });
});

describe('the offset of a time', () => {
  it('is that of the first record at or after it, whatever the order of times', async () => {
    const times = [...new Set(known.map(({ timestampMs }) => timestampMs))];
    for (const at of times.flatMap((time) => [time - 1, time, time + 1])) {
      const first = known.find(({ timestampMs }) => timestampMs >= at);
      const expected = first
        ? { offset: first.offset, timestampMs: first.timestampMs }
        : { offset: -1, timestampMs: -1 };
      expect(await process.log.offsetForTimestamp(PARTITION_ID, at)).toEqual(expected);
    }
  });

  it('is that of the first of the latest records, wherever it lies', async () => {
    const latestMs = Math.max(...known.map(({ timestampMs }) => timestampMs));
    const latest = known.find(({ timestampMs }) => timestampMs === latestMs);
    expect(await process.log.offsetOfMaxTimestamp(PARTITION_ID)).toEqual({
      ...{ offset: latest?.offset, timestampMs: latestMs },
    });
    const empty = await World.open();
    expect(await empty.start().log.offsetOfMaxTimestamp(PARTITION_ID)).toEqual({
      ...{ offset: -1, timestampMs: -1 },
    });
  });

  it('is none after the last', async () => {
    expect(await process.log.offsetForTimestamp(PARTITION_ID, T + 86_400_000)).toEqual({
      ...{ offset: -1, timestampMs: -1 },
    });
  });

  it('is that of the first record of all before the first', async () => {
    expect(await process.log.offsetForTimestamp(PARTITION_ID, 0)).toMatchObject({ offset: 0 });
  });
});

describe('a lookup whose head has become old', () => {
  it('takes the head again where pages have been sealed and removed meanwhile', async () => {
    const moving = await World.open();
    const records: Known[] = [];
    await fill(moving.start(), records, 12);
    const { deps } = moving.start();
    let isFirst = true;
    const sealAndCollect = async () => {
      await moving.start().log.seal(PARTITION_ID, { all: true });
      moving.clock.advance(7_200_000);
      const { sealedEnd } = readHead(present(await moving.items.get('heads', headKey(PARTITION_ID)), 'head'));
      await collectSealed(moving.start().deps, PARTITION_ID, { sealedEnd, graceMs: 3_600_000 });
    };
    const get: ItemStore['get'] = async (...call) => {
      const item = await deps.items.get(...call);
      if (isFirst) {
        isFirst = false;
        await sealAndCollect();
      }
      return item;
    };
    const found = await offsetForTimestamp({ ...deps, items: { ...deps.items, get } }, PARTITION_ID, T);
    expect(found).toEqual({ offset: 0, timestampMs: records[0]?.timestampMs });
  });
});

describe('data that is missing', () => {
  it('is an error, never less than was asked for', async () => {
    const broken = await World.open();
    const records: Known[] = [];
    await fill(broken.start(), records, 12);
    const pages = await broken.items.query('log-index', PARTITION_ID, { limit: 9 });
    expect(pages.length).toBeGreaterThan(1);
    const [first] = pages;
    await broken.items.delete('log-index', { pk: PARTITION_ID, sk: first?.['sk'] as string });
    const isMissing = { code: 'KAFKA_STORAGE_ERROR', retriable: false };
    const { log } = broken.start();
    await expect(log.read(PARTITION_ID, { offset: 0, maxBytes: 99 })).rejects.toMatchObject(isMissing);
    await expect(log.offsetForTimestamp(PARTITION_ID, T)).rejects.toMatchObject(isMissing);
  });
});
