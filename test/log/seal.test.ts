// Sealing: when a segment is due, that it is a Kafka segment file which others can read, and removing what it replaces.
import { Reader, readRecordsBatches } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { present } from '../../lib/base/assert.ts';
import { collectPartition, collectSealed } from '../../lib/log/collect.ts';
import { objectKeyOf } from '../../lib/log/entry.ts';
import { pageAt } from '../../lib/log/pages.ts';
import { retirePartition } from '../../lib/log/partitions.ts';
import { placeEntries } from '../../lib/log/read.ts';
import { scrubPartition } from '../../lib/log/scrub.ts';
import { sealPartition } from '../../lib/log/seal.ts';
import { splitBatches } from '../../lib/record/batch-header.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { readHead } from '../../lib/storage/schema/head.ts';
import { PARTITION_ID, SMALL_LIMITS } from './support/small-limits.ts';
import { World } from './support/world.ts';
import type { LogDeps } from '../../lib/log/log-deps.ts';
import type { LogLimits } from '../../lib/log/limits.ts';

const HOUR_MS = 3_600_000;
const NAMES = Array.from({ length: 12 }, (_, at) => `n${at}`);

/** Batches of two records each, some of them large. */
async function filled(limits: LogLimits = SMALL_LIMITS): Promise<World> {
  const world = await World.open({ limits });
  const process = world.start();
  for (const [at, name] of NAMES.entries())
    await process.append([`${name}a`, `${name}b`], { bytes: [10, 100, 1_000][at % 3] ?? 0 });
  await process.log.settle();
  return world;
}

const head = async (world: World) =>
  readHead(present(await world.items.get('heads', { pk: PARTITION_ID }), 'head'));

const segmentKeys = async (world: World) =>
  (await world.files.list('segments/', undefined, 99)).map(({ key }) => key);

describe('a segment', () => {
  it('is read by a Kafka client, at its true offsets', async () => {
    const world = await filled();
    await world.start().log.seal(PARTITION_ID, { all: true });
    await world.start().append(['later']);
    await world.start().log.seal(PARTITION_ID, { all: true });
    const files = await Promise.all((await segmentKeys(world)).map((key) => world.files.get(key)));
    expect(files).toHaveLength(2);
    const records = files.flatMap((bytes) =>
      readRecordsBatches(Reader.from(Buffer.from(present(bytes, 'segment')))).flatMap((batch) =>
        batch.records.map(({ offsetDelta, value }) => [
          Number(batch.firstOffset) + offsetDelta,
          String(value).replace(/\.*$/, ''),
        ]),
      ),
    );
    const values = [...NAMES.flatMap((name) => [`${name}a`, `${name}b`]), 'later'];
    expect(records).toEqual(values.map((value, offset) => [offset, value]));
  });

  it('gives back the bytes that it was made of, once they are stored', async () => {
    const world = await filled({ ...SMALL_LIMITS, inlineBytesMax: 0 });
    const { deps } = world.start();
    const seal = async (objects: LogDeps['objects']) => {
      const [read, givenBack] = [new Set<ArrayBufferLike>(), new Set<ArrayBufferLike>()];
      const watched = {
        ...objects,
        get: async (...call: Parameters<typeof objects.get>) => {
          const bytes = await objects.get(...call);
          if (bytes) read.add(bytes.buffer);
          return bytes;
        },
      };
      const giveBack = ({ buffer }: Uint8Array) => givenBack.add(buffer);
      await sealPartition({ ...deps, objects: watched, giveBack }, PARTITION_ID, { all: true }).catch(
        () => 0,
      );
      return { read, givenBack };
    };
    const failed = await seal({ ...deps.objects, put: () => Promise.reject(new Error('no put')) });
    expect(failed.read.size).toBe(NAMES.length);
    expect(failed.givenBack.size).toBe(0);
    const { read, givenBack } = await seal(deps.objects);
    expect(givenBack).toEqual(read);
    expect(read.size).toBe(NAMES.length);
    await world.check();
  });

  it('is not due while it is small and young', async () => {
    const world = await filled();
    expect(await world.start().log.seal(PARTITION_ID)).toMatchObject({ segments: 0, sealedEnd: 0 });
    expect(await segmentKeys(world)).toEqual([]);
  });

  it('is due when it is an hour old, the idle tail included', async () => {
    const world = await filled();
    world.clock.advance(HOUR_MS - 60_000);
    const early = await world.start().log.seal(PARTITION_ID);
    expect(early).toMatchObject({ segments: 0, oldestUnsealedAgeMs: HOUR_MS - 60_000 });
    world.clock.advance(60_000);
    const result = await world.start().log.seal(PARTITION_ID);
    expect(result).toMatchObject({ segments: 1, sealedEnd: 24, oldestUnsealedAgeMs: 0 });
    expect(await head(world)).toMatchObject({ sealedEnd: 24, tail: [], unsealedSinceMinutes: undefined });
    await world.check();
  });

  it('is due when it has enough bytes, and ends at its target', async () => {
    const limits = { ...SMALL_LIMITS, segmentBytesMin: 2_000, segmentBytesTarget: 4_000 };
    const world = await filled(limits);
    const result = await world.start().log.seal(PARTITION_ID);
    expect(result.segments).toBeGreaterThanOrEqual(2);
    const sizes = (await world.files.list('segments/', undefined, 99)).map(({ bytes }) => bytes);
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(4_000);
    for (const size of sizes) expect(size).toBeLessThan(4_000 + 3_000);
    await world.check();
  });

  it('that lost the race is removed again', async () => {
    const world = await filled();
    const sealed = await Promise.all(
      [1, 2, 3].map(() => world.start().log.seal(PARTITION_ID, { all: true })),
    );
    expect(sealed.map(({ segments }) => segments).toSorted()).toEqual([0, 0, 1]);
    expect(await segmentKeys(world)).toHaveLength(1);
    await world.check();
  });

  it('goes on where the one before ended', async () => {
    const world = await filled();
    await world.start().log.seal(PARTITION_ID, { all: true });
    expect(await world.start().log.seal(PARTITION_ID, { all: true })).toMatchObject({ segments: 0 });
    await world.start().append(['x']);
    const again = await world.start().log.seal(PARTITION_ID, { all: true });
    expect(again).toMatchObject({ segments: 1, sealedEnd: 25 });
  });

  it('is refused for a partition whose topic was deleted meanwhile', async () => {
    const world = await filled();
    const late = world.start();
    await retirePartition(world.items, PARTITION_ID);
    await collectPartition(world.start().deps, PARTITION_ID);
    await expect(late.log.seal(PARTITION_ID, { all: true })).rejects.toMatchObject({
      ...{ code: 'UNKNOWN_TOPIC_ID' },
    });
    expect(await segmentKeys(world)).toEqual([]);
  });

  it('that was under way when its topic was deleted never counts', async () => {
    const world = await filled();
    const late = world.start(({ method }) =>
      method === 'transact' ? { kind: 'delay', writes: 99 } : undefined,
    );
    await expect(late.log.seal(PARTITION_ID, { all: true })).rejects.toMatchObject({ outcome: 'unknown' });
    await retirePartition(world.items, PARTITION_ID);
    await collectPartition(world.start().deps, PARTITION_ID);
    await late.faults.release();
    const rows = await world.items.query('log-index', PARTITION_ID, { limit: 99 });
    expect(rows.map(({ sk }) => sk)).toEqual(['state']);
  });
});

describe('a segment that ends within a page', () => {
  /** A batch of two records a minute; the first has the largest timestamp. What is sealed is no longer in hot objects. */
  async function halfSealed() {
    const limits = { ...SMALL_LIMITS, segmentBytesMin: 7_000, segmentBytesTarget: 7_000 };
    const world = await World.open({ limits });
    const process = world.start();
    const startMs = world.clock.now();
    for (const [at, name] of NAMES.entries()) {
      const timestampMs = startMs + (at === 0 ? NAMES.length : at) * 60_000;
      const records = [`${name}a`, `${name}b`].map((value) => ({
        ...{ key: null, headers: [], timestampMs, value: Buffer.from(value.padEnd(700, '.')) },
      }));
      await process.log.append(PARTITION_ID, splitBatches(encodeBatch(records)));
      world.clock.advance(60_000);
    }
    await process.log.settle();
    const sealed = await process.log.seal(PARTITION_ID);
    const page = present(await pageAt(world.items, PARTITION_ID, sealed.sealedEnd), 'page');
    expect(page.startOffset).toBeLessThan(sealed.sealedEnd);
    for (const { baseOffset, entry } of placeEntries(page.startOffset, page.tail))
      if (baseOffset < sealed.sealedEnd) await process.deps.objects.delete([objectKeyOf(entry)]);
    return { world, log: process.log, sealed, startMs };
  }

  it('takes over its entries of that page: each record is scrubbed once', async () => {
    const { world } = await halfSealed();
    const { deps } = world.start();
    const report = await scrubPartition(deps, PARTITION_ID);
    expect(report).toMatchObject({ batches: NAMES.length, records: NAMES.length * 2, findings: [] });
  });

  it('leaves as the oldest unsealed entry the one after it', async () => {
    const { sealed } = await halfSealed();
    const minutes = NAMES.length - sealed.sealedEnd / 2;
    expect(sealed.oldestUnsealedAgeMs).toBe(minutes * 60_000);
  });

  it('and is deleted, leaves the page to be searched by timestamp', async () => {
    const { log, sealed, startMs } = await halfSealed();
    await log.deleteRecords(PARTITION_ID, sealed.sealedEnd);
    const found = { offset: sealed.sealedEnd, timestampMs: startMs + (sealed.sealedEnd / 2) * 60_000 };
    expect(await log.offsetForTimestamp(PARTITION_ID, startMs)).toEqual(found);
  });
});

describe('collecting what is sealed', () => {
  const GRACE_MS = HOUR_MS;
  const collect = async (world: World) =>
    collectSealed(world.start().deps, PARTITION_ID, {
      ...{ sealedEnd: (await head(world)).sealedEnd, graceMs: GRACE_MS },
    });
  const hotObjects = async (world: World) => [
    ...(await world.files.list('hot/', undefined, 99)).map(({ key }) => key),
    ...(await world.items.scan('objects', { limit: 99 })).items.map(({ pk }) => pk),
  ];
  const pages = (world: World) =>
    world.items.query('log-index', PARTITION_ID, { between: ['page#', 'page#~'], limit: 99 });

  it('waits for the grace to pass, then removes pages and their objects', async () => {
    const world = await filled();
    await world.start().log.seal(PARTITION_ID, { all: true });
    expect(await hotObjects(world)).not.toEqual([]);
    expect(await collect(world)).toBe(0);
    world.clock.advance(GRACE_MS + 60_000);
    expect(await collect(world)).toBeGreaterThanOrEqual(2);
    expect(await hotObjects(world)).toEqual([]);
    expect(await pages(world)).toEqual([]);
    await world.check();
  });

  it('leaves what is not sealed', async () => {
    const world = await filled();
    world.clock.advance(GRACE_MS + 60_000);
    expect(await collect(world)).toBe(0);
    await world.start().log.seal(PARTITION_ID, { all: true });
    const process = world.start();
    for (const name of NAMES) await process.append([`${name}c`], { bytes: 300 });
    await process.log.settle();
    world.clock.advance(GRACE_MS + 60_000);
    await collect(world);
    expect((await pages(world)).length).toBeGreaterThanOrEqual(1);
    await world.check();
  });
});
