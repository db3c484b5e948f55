// Fetching of many partitions: one wait for all of them, bytes shared fairly, failures alone, and what it asks of the store.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { createMeter, meterItems } from '../../lib/storage/metered.ts';
import { batchOf, brokerOver, createMemoryStores, valuesOf } from './memory-broker.ts';
import type { FetchedBatches, FetchManyOptions, PartitionFetch } from '../../lib/broker/broker.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

const OPTIONS: FetchManyOptions = { minBytes: 1, maxBytes: 1_000_000, maxWaitMs: 10_000 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

const place = (partition: number, more: Partial<PartitionFetch> = {}): PartitionFetch => ({
  ...{ topic: 'orders', partition, offset: 0, maxBytes: 1_000_000 },
  ...more,
});
const placesTo = (count: number, more: Partial<PartitionFetch> = {}) =>
  Array.from({ length: count }, (_, partition) => place(partition, more));

function textOf(result: FetchedBatches | BrokerError | undefined): string {
  if (result === undefined || result instanceof BrokerError) return result?.code ?? 'nothing';
  return valuesOf(result.batches).join(' ');
}
const textsOf = (results: readonly (FetchedBatches | BrokerError)[]) => results.map(textOf);

/** Two processes over one store, whose requests are counted; 25 ms and 500 ms between looks, as on AWS. */
async function open({ partitions = 3, wrap = (items: ItemStore) => items } = {}) {
  const stores = createMemoryStores();
  const meter = createMeter();
  const items = wrap(meterItems(stores.items, meter));
  const settings = { pollMsMin: 25, pollMsMax: 500 };
  const [here, there] = [brokerOver({ ...stores, items }, settings), brokerOver(stores, settings)];
  await here.broker.createTopic({ name: 'orders', partitions });
  const fetchMany = (requests: readonly PartitionFetch[], options: Partial<FetchManyOptions> = {}) =>
    here.broker.fetchMany(requests, { ...OPTIONS, ...options });
  const produce = (partition: number, value: string, { broker } = here) =>
    broker.produce({ topic: 'orders', partition, batch: batchOf([value]) });
  const pass = async (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 5) await stores.clock.advance(5);
  };
  const sleeping = async () => {
    while (stores.clock.sleepers === 0) await turn();
  };
  return { ...stores, meter, here, there, fetchMany, produce, pass, sleeping };
}

describe('one wait for many partitions', () => {
  it('ends at once by an append of this process', async () => {
    const { fetchMany, produce, sleeping, clock } = await open();
    const fetched = fetchMany(placesTo(3));
    await sleeping();
    await produce(1, 'a');
    expect(textsOf(await fetched)).toEqual(['', 'a', '']);
    expect(clock.sleepers).toBe(0);
  });

  it('ends by an append of another process, when it is seen', async () => {
    const { fetchMany, produce, there, pass, sleeping } = await open();
    const fetched = fetchMany(placesTo(3));
    await sleeping();
    await produce(2, 'a', there);
    await pass(500);
    expect(textsOf(await fetched)).toEqual(['', '', 'a']);
  });

  it('waits for as many bytes as are wanted of all together, and reads nothing twice', async () => {
    const { fetchMany, produce, sleeping, clock } = await open();
    const { length } = batchOf(['a']);
    const fetched = fetchMany(placesTo(3), { minBytes: 3 * length });
    let isOver = false;
    void fetched.then(() => (isOver = true));
    await sleeping();
    for (const [partition, value] of [0, 0].entries()) await produce(value, `a${partition}`);
    for (let i = 0; i < 5; i++) await turn();
    expect(isOver).toBe(false);
    await produce(2, 'b');
    const results = await fetched;
    expect(textsOf(results)).toEqual(['a0 a1', '', 'b']);
    expect(results[0]).toMatchObject({ highWatermark: 2 });
    expect(clock.sleepers).toBe(0);
  });

  it('ends with what there is when the time is over', async () => {
    const { fetchMany, produce, pass } = await open();
    await produce(0, 'a');
    const fetched = fetchMany(placesTo(2), { minBytes: 1_000, maxWaitMs: 100 });
    await pass(120);
    expect(textsOf(await fetched)).toEqual(['a', '']);
  });

  it('ends where no partition has room for more', async () => {
    const { fetchMany, produce } = await open();
    for (const value of ['a', 'b', 'c']) await produce(0, value);
    const results = await fetchMany([place(0, { maxBytes: 1 })], { minBytes: 1_000 });
    expect(textsOf(results)).toEqual(['a']);
  });

  it('does not wait where a partition fails, and answers the others', async () => {
    const { fetchMany, produce } = await open();
    await produce(0, 'a');
    const requests = [place(0), place(1, { offset: 7 }), place(9), place(2), place(0, { topic: 'no-such' })];
    const results = await fetchMany(requests, { minBytes: 1_000 });
    expect(textsOf(results)).toEqual([
      'a',
      'OFFSET_OUT_OF_RANGE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      '',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(results[1]).toHaveProperty('message', expect.stringContaining('orders-1'));
  });

  it('learns while it waits that a topic was deleted, here or by another process, and reads the one made anew', async () => {
    const { fetchMany, here, there, pass, sleeping, produce } = await open();
    const before = fetchMany(placesTo(2));
    await sleeping();
    await here.broker.deleteTopic('orders');
    expect(new Set(textsOf(await before))).toEqual(new Set(['UNKNOWN_TOPIC_OR_PARTITION']));
    await here.broker.createTopic({ name: 'orders', partitions: 2 });
    const after = fetchMany(placesTo(2));
    await sleeping();
    await there.broker.deleteTopic('orders');
    await there.broker.createTopic({ name: 'orders', partitions: 2 });
    await pass(100);
    await produce(0, 'new', there);
    await pass(500);
    expect(textsOf(await after)).toEqual(['new', '']);
    const { topicId } = await here.broker.describeTopic('orders');
    await there.broker.deleteTopic('orders');
    await there.broker.createTopic({ name: 'orders', partitions: 2 });
    expect(textsOf(await fetchMany([place(0, { topicId }), place(1)]))).toEqual(['UNKNOWN_TOPIC_ID', '']);
  });
});

describe('bytes', () => {
  it('answers one batch of the first partition that has one, whatever its size, and of others what has room', async () => {
    const { fetchMany, produce } = await open();
    for (const partition of [0, 1, 2]) await produce(partition, 'x'.repeat(100));
    const results = textsOf(await fetchMany(placesTo(3), { maxBytes: 1 }));
    expect(results.filter((text) => text !== '')).toHaveLength(1);
    const { length } = batchOf(['x'.repeat(100)]);
    const two = textsOf(await fetchMany(placesTo(3), { maxBytes: 3 * length - 1 }));
    expect(two.filter((text) => text !== '')).toHaveLength(2);
  });

  it('keeps to the most of each partition, but for its first batch', async () => {
    const { fetchMany, produce } = await open();
    for (const value of ['a', 'b', 'c']) await produce(0, value);
    const { length } = batchOf(['a']);
    const maxima = [1, length, 2 * length, 3 * length];
    for (const [at, expected] of ['a', 'a', 'a b', 'a b c'].entries())
      expect(textsOf(await fetchMany([place(0, { maxBytes: maxima[at] ?? 0 })]))).toEqual([expected]);
  });

  it('begins with another partition each time, so that all have their turn', async () => {
    const { fetchMany, produce } = await open({ partitions: 4 });
    for (const partition of [0, 1, 2, 3]) await produce(partition, 'a');
    const first = new Set<number>();
    for (let fetches = 0; fetches < 200; fetches++)
      first.add(textsOf(await fetchMany(placesTo(4), { maxBytes: 1 })).indexOf('a'));
    expect([...first].sort()).toEqual([0, 1, 2, 3]);
  });

  it('reads on through segments, pages and the tail until there is enough', async () => {
    const { fetchMany, here } = await open({ partitions: 1 });
    const values = Array.from({ length: 60 }, (_, i) => `value-${i}`);
    for (const [at, value] of values.entries()) {
      await here.broker.produce({ topic: 'orders', partition: 0, batch: batchOf([value]) });
      await here.log.settle();
      const { topicId } = await here.broker.describeTopic('orders');
      if (at === 20 || at === 40) await here.log.seal(`${topicId}:0`, { all: true });
    }
    expect(textsOf(await fetchMany([place(0)], { minBytes: 1_000_000, maxWaitMs: 0 }))).toEqual([
      values.join(' '),
    ]);
  });
});

describe('what it asks of the store', () => {
  it('is one request for 100 heads a look, and half a unit a head for each look while it waits', async () => {
    const { fetchMany, pass, meter } = await open({ partitions: 100 });
    meter.reset();
    const fetched = fetchMany(placesTo(100));
    await pass(10_100);
    expect(textsOf(await fetched).join('')).toBe('');
    const { heads, topics } = meter.tables;
    console.log(`100 idle partitions, one fetch of 10 s: ${JSON.stringify(heads)}`);
    expect(topics.readRequests).toBeLessThanOrEqual(1);
    // The first look is consistent: 100 units. Others come after 25 ms, and then less and less often, down to two a second.
    expect(heads.readRequests).toBeLessThanOrEqual(25);
    expect(heads.readUnits).toBeLessThanOrEqual(100 + 24 * 50);
  });

  it('does not rise with the clients that wait for the same partitions', async () => {
    const { fetchMany, pass, meter } = await open({ partitions: 100 });
    await fetchMany(placesTo(100), { maxWaitMs: 0 });
    meter.reset();
    const fetched = Array.from({ length: 20 }, () => fetchMany(placesTo(100)));
    await pass(10_100);
    await Promise.all(fetched);
    const { heads } = meter.tables;
    console.log(`20 of them at once: ${JSON.stringify(heads)}`);
    expect(heads.readRequests).toBeLessThanOrEqual(20 + 24);
  });

  it('does not look more often where clients ask again twice a second', async () => {
    const { fetchMany, pass, meter } = await open({ partitions: 100 });
    for (let fetches = 0; fetches < 4; fetches++) {
      const fetched = fetchMany(placesTo(100), { maxWaitMs: 500 });
      await pass(505);
      await fetched;
    }
    meter.reset();
    for (let fetches = 0; fetches < 20; fetches++) {
      const fetched = fetchMany(placesTo(100), { maxWaitMs: 500 });
      await pass(505);
      await fetched;
    }
    const { heads } = meter.tables;
    console.log(`20 fetches of 500 ms: ${JSON.stringify(heads)}`);
    expect(heads.readRequests).toBeLessThanOrEqual(2 * 20);
  });

  it('is at most a thousand heads a second, and all of many partitions have their turn', async () => {
    const { fetchMany, produce, there, pass, meter, sleeping } = await open({ partitions: 900 });
    for (let fetches = 0; fetches < 2; fetches++) await fetchMany(placesTo(900), { maxWaitMs: 0 });
    meter.reset();
    const fetched = fetchMany(placesTo(900), { maxWaitMs: 60_000 });
    await sleeping();
    await pass(3_000);
    expect(meter.tables.heads.readRequests).toBeLessThanOrEqual(9 + 30);
    expect(meter.tables.heads.readRequests).toBeGreaterThan(9 + 15);
    await produce(777, 'a', there);
    await pass(1_500);
    expect(textOf((await fetched)[777])).toBe('a');
  });

  it('goes on where the store fails: a partition that cannot be read fails alone', async () => {
    let failing = '';
    const fail = () => {
      throw new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'slow down');
    };
    const { fetchMany, produce, here, there, pass, sleeping } = await open({
      wrap: (items) => ({
        ...items,
        get: async (...call) => (call[1].pk === failing ? fail() : items.get(...call)),
        getMany: async (...call) => (failing === '' ? items.getMany(...call) : fail()),
      }),
    });
    await produce(0, 'a');
    const { topicId } = await here.broker.describeTopic('orders');
    failing = `${topicId}:1`;
    expect(textsOf(await fetchMany(placesTo(3)))).toEqual(['a', 'THROTTLING_QUOTA_EXCEEDED', '']);
    failing = '';
    const fetched = fetchMany([place(1), place(2)]);
    await sleeping();
    failing = 'none';
    await pass(1_000);
    failing = '';
    await produce(2, 'b', there);
    await pass(1_000);
    expect(textsOf(await fetched)).toEqual(['', 'b']);
  });
});
