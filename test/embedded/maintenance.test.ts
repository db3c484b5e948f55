// What the embedded server does beside serving: it seals, and expires nothing that is not sealed.
import { expect, it } from 'vitest';
import { createSystemDice } from '../../lib/base/dice.ts';
import { BrokerError } from '../../lib/base/errors.ts';
import { Maintenance } from '../../lib/embedded/maintenance.ts';
import { EMBEDDED_LIMITS } from '../../lib/log/limits.ts';
import { Log } from '../../lib/log/log.ts';
import { openPartitions } from '../../lib/log/partitions.ts';
import { splitBatches } from '../../lib/record/batch-header.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { createTopicWrites } from '../../lib/storage/schema/topic.ts';
import { createMemoryStores } from '../broker/memory-broker.ts';

const PARTITION = 'topic:0';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A log of one partition, in memory. */
async function createFixture() {
  const stores = createMemoryStores();
  const { clock, items, files, objects } = stores;
  const log = new Log({ items, objects, clock, dice: createSystemDice(), limits: EMBEDDED_LIMITS });
  const topic = { name: 'topic', topicId: 'topic', partitions: 1, configs: {}, createdAtMs: 0 };
  await openPartitions(items, topic.topicId, 0, 1);
  await items.transact(createTopicWrites(topic), 'request');
  const sealed: string[] = [];
  const errors: string[] = [];
  const maintenance = new Maintenance({
    log,
    items,
    files,
    collectTopics: () => Promise.resolve(),
    sweepGroups: () => Promise.resolve(),
    onSealed: (partitionId, { segments }) => sealed.push(`${partitionId} ${segments}`),
    onError: (what, error) => errors.push(`${what}: ${(error as Error).message}`),
  });
  const append = async (valueBytes: number): Promise<void> => {
    const record = { timestampMs: clock.now(), key: null, value: new Uint8Array(valueBytes), headers: [] };
    const [result] = await log.append(PARTITION, splitBatches(encodeBatch([record])));
    expect(result).toMatchObject({ kind: 'stored' });
    await log.settle();
  };
  /** Small and large batches alternate, so that tail, items and files hold some. */
  const appendMany = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await append(i % 2 === 0 ? 100 : 100_000);
  };
  return { ...stores, log, maintenance, sealed, errors, append, appendMany };
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
  const { clock, files, log, maintenance, sealed, errors, appendMany } = await createFixture();
  await appendMany(40);
  expect(await files.list('hot/', undefined, 100)).toHaveLength(20);
  await clock.advance(20 * DAY_MS);
  await maintenance.pass();
  expect(errors).toEqual([]);
  expect(sealed).toEqual([`${PARTITION} 1`]);
  expect(await files.list('hot/', undefined, 100)).toEqual([]);
  expect(await readable(log)).toBe(40);
});

it('removes what is sealed once no write can need it any more', async () => {
  const { clock, files, log, maintenance, errors, appendMany } = await createFixture();
  await appendMany(40);
  await log.seal(PARTITION, { all: true });
  await maintenance.pass();
  expect(await files.list('hot/', undefined, 100)).toHaveLength(20);
  await clock.advance(2 * HOUR_MS);
  await maintenance.pass();
  expect(await files.list('hot/', undefined, 100)).toEqual([]);
  expect(errors).toEqual([]);
  expect(await readable(log)).toBe(40);
});

it('expires nothing while a partition cannot be sealed', async () => {
  const { clock, files, maintenance, errors, appendMany } = await createFixture();
  await appendMany(40);
  const [lost] = await files.list('hot/', undefined, 1);
  await files.delete([lost?.key ?? '']);
  await clock.advance(20 * DAY_MS);
  await maintenance.pass();
  expect(errors).toEqual([expect.stringMatching(`^sealing ${PARTITION}: .*${lost?.key ?? ''}`)]);
  expect(await files.list('hot/', undefined, 100)).toHaveLength(19);
});

it('expires nothing while it does not know what is sealed', async () => {
  const { clock, items, files, log, maintenance, errors, appendMany } = await createFixture();
  await appendMany(40);
  await clock.advance(20 * DAY_MS);
  const query = items.query.bind(items);
  items.query = () => Promise.reject(new BrokerError('KAFKA_STORAGE_ERROR', 'no list'));
  await maintenance.pass();
  items.query = query;
  expect(errors).toEqual(['sealing: no list', 'removing what is sealed: no list']);
  expect(await files.list('hot/', undefined, 100)).toHaveLength(20);
  expect(await readable(log)).toBe(40);
});

it('pauses after what it seals while the next pass is far, three times as long as that took', async () => {
  const { clock, log, maintenance, sealed, append } = await createFixture();
  maintenance.start();
  await expect.poll(() => clock.sleepers).toBe(1);
  for (let i = 0; i < 40; i++) await append(900_000);
  const seal = log.seal.bind(log);
  log.seal = async (...call) => {
    await clock.advance(1_000);
    return seal(...call);
  };
  maintenance.sealSoon(PARTITION);
  await expect.poll(() => sealed).toEqual([`${PARTITION} 2`]);
  await expect.poll(() => clock.sleepers).toBe(1);
  for (let i = 0; i < 40; i++) await append(900_000);
  await clock.advance(2_900);
  // It sleeps still, and seals nothing.
  expect(clock.sleepers).toBe(1);
  expect(sealed).toHaveLength(1);
  await clock.advance(200);
  await expect.poll(() => sealed).toEqual([`${PARTITION} 2`, `${PARTITION} 2`]);
  await maintenance.stop();
  expect(clock.sleepers).toBe(0);
});

it('seals a partition when it is told to, and stops in between', async () => {
  const { clock, log, maintenance, sealed, append } = await createFixture();
  maintenance.start();
  await expect.poll(() => clock.sleepers).toBe(1);
  for (let i = 0; i < 40; i++) await append(900_000);
  expect(sealed).toEqual([]);
  maintenance.sealSoon(PARTITION);
  await expect.poll(() => sealed).toEqual([`${PARTITION} 2`]);
  await maintenance.stop();
  expect(clock.sleepers).toBe(0);
  expect(await readable(log)).toBe(40);
});
