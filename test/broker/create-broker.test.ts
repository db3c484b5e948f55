// The broker over the real log: topics found, made and lost under way, and Kafka's answers for each.
import { describe, expect, it } from 'vitest';
import { batchOf, brokerOver, createMemoryStores, valuesOf } from './memory-broker.ts';

const fetchAll = { offset: 0, maxBytes: 1_000_000, maxWaitMs: 0 };

describe('topics', () => {
  it('produces and fetches what it produced, with offsets from 0', async () => {
    const { broker } = brokerOver(createMemoryStores());
    await broker.createTopic({ name: 'orders', partitions: 2 });
    const first = await broker.produce({ topic: 'orders', partition: 1, batch: batchOf(['a', 'b']) });
    const second = await broker.produce({ topic: 'orders', partition: 1, batch: batchOf(['c']) });
    expect(first).toEqual({ baseOffset: 0, recordCount: 2, logAppendTimeMs: -1, isDuplicate: false });
    expect(second.baseOffset).toBe(2);
    const fetched = await broker.fetch({ topic: 'orders', partition: 1, ...fetchAll });
    expect(valuesOf(fetched.batches)).toEqual(['a', 'b', 'c']);
    expect(fetched).toMatchObject({ highWatermark: 3, logStartOffset: 0 });
    expect(valuesOf((await broker.fetch({ topic: 'orders', partition: 0, ...fetchAll })).batches)).toEqual(
      [],
    );
  });

  it('makes an absent topic only where that is its setting, and only by producing', async () => {
    const off = brokerOver(createMemoryStores()).broker;
    const batch = batchOf(['a']);
    await expect(off.produce({ topic: 'new', partition: 0, batch })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      outcome: 'not-applied',
    });
    const on = brokerOver(createMemoryStores(), { autoCreateTopics: true }).broker;
    await expect(on.fetch({ topic: 'new', partition: 0, ...fetchAll })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    await expect(on.describeTopic('new')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    expect(await on.produce({ topic: 'new', partition: 0, batch })).toMatchObject({ baseOffset: 0 });
    expect(await on.describeTopic('new')).toMatchObject({ name: 'new', partitions: 1 });
    await expect(on.produce({ topic: 'a b', partition: 0, batch })).rejects.toMatchObject({
      code: 'INVALID_TOPIC_EXCEPTION',
    });
  });

  it('refuses partitions that the topic does not have', async () => {
    const { broker } = brokerOver(createMemoryStores());
    await broker.createTopic({ name: 'orders', partitions: 2 });
    for (const partition of [-1, 2, 0.5, NaN]) {
      const refusal = { code: 'UNKNOWN_TOPIC_OR_PARTITION', field: 'partition' };
      await expect(
        broker.produce({ topic: 'orders', partition, batch: batchOf(['a']) }),
      ).rejects.toMatchObject(refusal);
      await expect(broker.fetch({ topic: 'orders', partition, ...fetchAll })).rejects.toMatchObject(refusal);
      await expect(broker.listOffset('orders', partition, 'latest')).rejects.toMatchObject(refusal);
    }
  });

  it('learns that another process deleted, or recreated, a topic it knows', async () => {
    const stores = createMemoryStores();
    const [here, there] = [brokerOver(stores).broker, brokerOver(stores).broker];
    await here.createTopic({ name: 'orders', partitions: 1 });
    await here.produce({ topic: 'orders', partition: 0, batch: batchOf(['old']) });
    await there.deleteTopic('orders');
    const batch = batchOf(['lost']);
    await expect(here.produce({ topic: 'orders', partition: 0, batch })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      outcome: 'not-applied',
    });
    await there.createTopic({ name: 'orders', partitions: 3 });
    expect(await here.produce({ topic: 'orders', partition: 2, batch: batchOf(['new']) })).toMatchObject({
      baseOffset: 0,
    });
    expect(valuesOf((await here.fetch({ topic: 'orders', partition: 2, ...fetchAll })).batches)).toEqual([
      'new',
    ]);
    expect(await here.listOffset('orders', 0, 'latest')).toEqual({ offset: 0, timestampMs: -1 });
  });

  it('gives one cluster id to all processes, and each producer an id of its own', async () => {
    const stores = createMemoryStores();
    const [here, there] = [brokerOver(stores).broker, brokerOver(stores).broker];
    const [a, b] = await Promise.all([here.clusterId(), there.clusterId()]);
    expect(a).toMatch(/^[\w-]{22}$/);
    expect(b).toBe(a);
    const ids = await Promise.all([here, there, here].map((broker) => broker.initProducerId()));
    expect(new Set(ids.map(({ producerId }) => producerId)).size).toBe(3);
    expect(ids.map(({ producerEpoch }) => producerEpoch)).toEqual([0, 0, 0]);
  });
});

describe('produce', () => {
  const topicWith = async (configs: Readonly<Record<string, string>>) => {
    const { broker } = brokerOver(createMemoryStores());
    await broker.createTopic({ name: 'orders', partitions: 1, configs });
    const produce = (batch: Uint8Array) => broker.produce({ topic: 'orders', partition: 0, batch });
    const end = async () => (await broker.listOffset('orders', 0, 'latest')).offset;
    return { broker, produce, end };
  };

  it('stores a batch of an idempotent producer once', async () => {
    const { produce, end } = await topicWith({});
    const batch = batchOf(['a', 'b'], { producerId: 7n, producerEpoch: 0, baseSequence: 0 });
    expect(await produce(batch)).toMatchObject({ baseOffset: 0, isDuplicate: false });
    expect(await produce(batch)).toMatchObject({ baseOffset: 0, isDuplicate: true });
    expect(await end()).toBe(2);
  });

  it.each([
    ['max.message.bytes', { 'max.message.bytes': '100' }, batchOf(['x'.repeat(100)]), 'MESSAGE_TOO_LARGE'],
    [
      'the past',
      { 'message.timestamp.before.max.ms': '1000' },
      batchOf(['a'], { timestampMs: 998_999 }),
      'INVALID_TIMESTAMP',
    ],
    [
      'the future',
      { 'message.timestamp.after.max.ms': '1000' },
      batchOf(['a'], { timestampMs: 1_001_001 }),
      'INVALID_TIMESTAMP',
    ],
    ['no key', { 'cleanup.policy': 'compact' }, batchOf(['a'], { key: null }), 'INVALID_RECORD'],
    ['LogAppendTime', {}, batchOf(['a'], { logAppendTimeMs: 1 }), 'INVALID_TIMESTAMP'],
    [
      'a transaction',
      {},
      batchOf(['a'], { isTransactional: true, producerId: 1n, producerEpoch: 0, baseSequence: 0 }),
      'INVALID_RECORD',
    ],
    ['no bytes', {}, new Uint8Array(), 'CORRUPT_MESSAGE'],
    ['two batches', {}, Buffer.concat([batchOf(['a']), batchOf(['b'])]), 'CORRUPT_MESSAGE'],
    ['a wrong CRC', {}, batchOf(['a']).map((byte, i) => (i === 65 ? byte ^ 1 : byte)), 'CORRUPT_MESSAGE'],
  ])('refuses %s and stores nothing', async (_, configs, batch, code) => {
    const { produce, end } = await topicWith(configs);
    await expect(produce(batch)).rejects.toMatchObject({ code, outcome: 'not-applied' });
    expect(await end()).toBe(0);
  });

  it('accepts timestamps at their limits, and none', async () => {
    const limits = { 'message.timestamp.before.max.ms': '1000', 'message.timestamp.after.max.ms': '1000' };
    const { produce, end } = await topicWith(limits);
    for (const timestampMs of [999_000, 1_001_000, -1]) await produce(batchOf(['a'], { timestampMs }));
    expect(await end()).toBe(3);
  });

  it('gives records the time of the append where the topic says so, whatever theirs is', async () => {
    const { broker, produce } = await topicWith({
      'message.timestamp.type': 'LogAppendTime',
      'message.timestamp.before.max.ms': '1',
    });
    const batch = batchOf(['a'], { timestampMs: 5 });
    const sent = new Uint8Array(batch);
    expect(await produce(batch)).toMatchObject({ logAppendTimeMs: 1_000_000 });
    expect(batch).toEqual(sent);
    expect(await broker.listOffset('orders', 0, 6)).toEqual({ offset: 0, timestampMs: 1_000_000 });
  });
});

describe('fetch', () => {
  const withTopic = async () => {
    const stores = createMemoryStores();
    const [here, there] = [brokerOver(stores), brokerOver(stores)];
    await here.broker.createTopic({ name: 'orders', partitions: 1 });
    const wait = (options: object = {}) =>
      here.broker.fetch({ topic: 'orders', partition: 0, ...fetchAll, maxWaitMs: 1000, ...options });
    const sleeping = async () => {
      while (stores.clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    return { ...stores, here, there, wait, sleeping };
  };

  it("wakes at once by its own process's appends", async () => {
    const { here, wait, sleeping } = await withTopic();
    const fetched = wait();
    await sleeping();
    await here.broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a']) });
    expect(valuesOf((await fetched).batches)).toEqual(['a']);
  });

  it("finds another process's appends by looking again", async () => {
    const { clock, there, wait, sleeping } = await withTopic();
    const fetched = wait();
    await sleeping();
    await there.broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a']) });
    await clock.advance(50);
    expect(valuesOf((await fetched).batches)).toEqual(['a']);
  });

  it('ends empty when the time is over or the signal is aborted', async () => {
    const { clock, wait, sleeping } = await withTopic();
    const stop = new AbortController();
    const [timed, stopped] = [wait({ maxWaitMs: 60 }), wait({ signal: stop.signal })];
    await sleeping();
    stop.abort();
    expect((await stopped).batches).toHaveLength(0);
    for (let i = 0; i < 3; i++) await clock.advance(50);
    expect(await timed).toMatchObject({ highWatermark: 0 });
    expect(clock.sleepers).toBe(0);
  });

  it.each([-1, 1, 2 ** 53, 0.5])('refuses offset %d of an empty partition', async (offset) => {
    const { wait } = await withTopic();
    await expect(wait({ offset })).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', field: 'offset' });
  });
});
