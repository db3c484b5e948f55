// The sweep: everything is sealed in time, nothing is looked at twice, and one bad partition spoils nothing.
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/broker/sweep.ts';
import { partitionIdOf } from '../../lib/storage/schema/head.ts';
import { batchOf, brokerOver, createMemoryStores } from './memory-broker.ts';

const HOUR_MS = 3_600_000;
const quiet = {
  onError: (partitionId: string, error: unknown) => {
    throw new Error(partitionId, { cause: error });
  },
};

async function withRecords(partitions: number, withRecordsIn: readonly number[]) {
  const stores = createMemoryStores();
  const process = brokerOver(stores);
  const topic = await process.broker.createTopic({ name: 'orders', partitions });
  for (const partition of withRecordsIn) {
    await process.broker.produce({ topic: 'orders', partition, batch: batchOf(['a', 'b']) });
  }
  return { ...stores, ...process, topic };
}

describe('sweep', () => {
  it('seals what is an hour old, and leaves what is younger', async () => {
    const { clock, log, topic } = await withRecords(250, [3, 120, 249]);
    const young = await sweep(log, quiet);
    expect(young).toMatchObject({ partitions: 250, segments: 0, failures: 0, isComplete: true });
    expect(young.oldestUnsealedAgeMs).toBeLessThan(60_000);
    await clock.advance(HOUR_MS);
    const sealed: string[] = [];
    const old = await sweep(log, {
      ...quiet,
      onSealed: (partitionId, { segments }) => {
        if (segments > 0) sealed.push(partitionId);
      },
    });
    expect(old).toMatchObject({ segments: 3, oldestUnsealedAgeMs: 0 });
    expect(sealed.sort()).toEqual([3, 120, 249].map((i) => partitionIdOf(topic.topicId, i)).sort());
    expect(await sweep(log, quiet)).toMatchObject({ segments: 0, oldestUnsealedAgeMs: 0 });
  });

  it('tells the age of what it could not seal yet', async () => {
    const { clock, log, broker } = await withRecords(2, [1]);
    await clock.advance(HOUR_MS / 2);
    await broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['c']) });
    const { oldestUnsealedAgeMs } = await sweep(log, quiet);
    expect(oldestUnsealedAgeMs).toBeGreaterThanOrEqual(HOUR_MS / 2);
    expect(oldestUnsealedAgeMs).toBeLessThan(HOUR_MS / 2 + 60_000);
  });

  it('goes on after a partition that fails, and says so', async () => {
    const { clock, log, items, topic } = await withRecords(3, [0, 1, 2]);
    await clock.advance(HOUR_MS);
    const bad = partitionIdOf(topic.topicId, 1);
    await items.put('log-index', { pk: bad, sk: 'state', f: 99 });
    const errors: string[] = [];
    const result = await sweep(log, { onError: (partitionId) => errors.push(partitionId) });
    expect(result).toMatchObject({ segments: 2, failures: 1, isComplete: true });
    expect(errors).toEqual([bad]);
  });

  it('takes no offence at a topic that is being deleted', async () => {
    const { clock, log, items, topic } = await withRecords(1, [0]);
    await clock.advance(HOUR_MS);
    const { retirePartition } = await import('../../lib/log/partitions.ts');
    await retirePartition(items, partitionIdOf(topic.topicId, 0));
    expect(await sweep(log, quiet)).toMatchObject({ segments: 0, failures: 0 });
  });

  it('stops early when it is told to, and says that it did', async () => {
    const { clock, log } = await withRecords(300, [0, 150, 299]);
    await clock.advance(HOUR_MS);
    let steps = 0;
    const result = await sweep(log, { ...quiet, isStopping: () => ++steps > 3 });
    expect(result.isComplete).toBe(false);
    expect(result.partitions).toBeLessThan(300);
  });
});
