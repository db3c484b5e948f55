// What the embedded server does beside serving: it seals, and expires nothing that is not sealed.
import { expect, it } from 'vitest';
import { createSystemDice } from '../../lib/base/dice.ts';
import { Maintenance } from '../../lib/cli/maintenance.ts';
import { EMBEDDED_LIMITS } from '../../lib/log/limits.ts';
import { Log } from '../../lib/log/log.ts';
import { openPartitions } from '../../lib/log/partitions.ts';
import { splitBatches } from '../../lib/record/batch-header.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { createTieredObjectStore } from '../../lib/storage/tiered-object-store.ts';
import { createManualClock } from '../support/manual-clock.ts';

const PARTITION = 'topic:0';
const DAY_MS = 86_400_000;

/** A log of one partition, in memory. Small and large batches alternate, so that tail, items and files hold some. */
async function createFixture(options: { readonly listing?: () => Promise<readonly string[]> } = {}) {
  const clock = createManualClock();
  const items = createMemoryItemStore({ clock });
  const files = createMemoryObjectStore({ clock });
  const objects = createTieredObjectStore({ items, large: files, clock });
  const log = new Log({ items, objects, clock, dice: createSystemDice(), limits: EMBEDDED_LIMITS });
  await openPartitions(items, 'topic', 0, 1);
  const sealed: string[] = [];
  const errors: string[] = [];
  const maintenance = new Maintenance({
    log,
    items,
    files,
    clock,
    partitionIds: options.listing ?? (() => Promise.resolve([PARTITION])),
    collectTopics: () => Promise.resolve(),
    onSealed: (partitionId, segments) => sealed.push(`${partitionId} ${segments}`),
    onError: (what, error) => errors.push(`${what}: ${(error as Error).message}`),
  });
  const append = async (valueBytes: number): Promise<void> => {
    const record = { timestampMs: clock.now(), key: null, value: new Uint8Array(valueBytes), headers: [] };
    const [result] = await log.append(PARTITION, splitBatches(encodeBatch([record])));
    expect(result).toMatchObject({ kind: 'stored' });
    await log.settle();
  };
  return { clock, items, files, log, maintenance, sealed, errors, append };
}

async function readable(log: Log): Promise<number> {
  const { highWatermark } = await log.offsets(PARTITION);
  let offset = 0;
  while (offset < highWatermark) {
    const { batches } = await log.read(PARTITION, { offset, maxBytes: 1 });
    offset += batches[0]?.header.recordCount ?? highWatermark;
  }
  return offset;
}

it('seals what is old, then removes what a server off for weeks has let expire', async () => {
  const { clock, files, log, maintenance, sealed, errors, append } = await createFixture();
  for (let i = 0; i < 40; i++) await append(i % 2 === 0 ? 100 : 100_000);
  expect(await files.list('hot/', undefined, 100)).toHaveLength(20);
  await clock.advance(20 * DAY_MS);
  await maintenance.pass();
  expect(errors).toEqual([]);
  expect(sealed).toEqual([`${PARTITION} 1`]);
  expect(await files.list('hot/', undefined, 100)).toEqual([]);
  expect(await readable(log)).toBe(40);
});

it('expires nothing while it cannot seal', async () => {
  const failing = () => Promise.reject(new Error('no list'));
  const { clock, files, log, maintenance, errors, append } = await createFixture({ listing: failing });
  for (let i = 0; i < 40; i++) await append(i % 2 === 0 ? 100 : 100_000);
  await clock.advance(20 * DAY_MS);
  await maintenance.pass();
  expect(errors).toEqual(['listing the topics: no list']);
  expect(await files.list('hot/', undefined, 100)).toHaveLength(20);
  expect(await readable(log)).toBe(40);
});

it('seals a partition when it is told to, and stops in between', async () => {
  const { clock, log, maintenance, sealed, append } = await createFixture();
  maintenance.start();
  await expect.poll(() => clock.sleepers).toBe(1);
  for (let i = 0; i < 40; i++) await append(900_000);
  expect(sealed).toEqual([]);
  maintenance.sealSoon(PARTITION);
  await expect.poll(() => sealed).toEqual([`${PARTITION} 1`]);
  await maintenance.stop();
  expect(clock.sleepers).toBe(0);
  expect(await readable(log)).toBe(40);
});
