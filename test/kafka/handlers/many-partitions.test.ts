// Produce and Fetch of many partitions by one request: each by itself, all at the same time, and what they ask of the store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { FETCH } from '../../../lib/kafka/protocol/apis/01-fetch.ts';
import { PRODUCE } from '../../../lib/kafka/protocol/apis/00-produce.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { createMeter, meterItems, meterObjects } from '../../../lib/storage/metered.ts';
import { createTieredObjectStore } from '../../../lib/storage/tiered-object-store.ts';
import { batchOf, brokerOver, memoryStoresOn, valuesOf } from '../../broker/memory-broker.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { TestClient } from '../support/test-client.ts';
import type { Topic } from '../../../lib/topics/topic.ts';

const PARTITIONS = 100;
const UNKNOWN_TOPIC_ID = 100;
const meter = createMeter();
const clock = createSystemClock();
const stores = memoryStoresOn(clock);
const items = meterItems(stores.items, meter);
const objects = createTieredObjectStore({ items, large: meterObjects(stores.files, meter), clock });
const { broker, log } = brokerOver({ clock, items, objects }, { pollMsMin: 25, pollMsMax: 500 });
const other = brokerOver(stores).broker;

let under: GatewayUnderTest;
let client: TestClient;
let topic: Topic;
beforeAll(async () => {
  under = await startTestGateway({ broker });
  client = await under.connect();
  topic = await broker.createTopic({ name: 'orders', partitions: PARTITIONS });
});
afterAll(() => under.stop());

const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);

const produce = async (batches: readonly (readonly [partition: number, batch: Uint8Array])[]) => {
  const { responses } = await client.send(PRODUCE, 13, {
    ...{ transactionalId: null, acks: -1, timeoutMs: 10_000 },
    topicData: [
      {
        ...{ name: '', topicId: topic.topicId },
        partitionData: batches.map(([index, records]) => ({ index, records })),
      },
    ],
  });
  return responses[0]?.partitionResponses ?? [];
};

const fetch = async (
  places: readonly { readonly partition: number; readonly fetchOffset: number }[],
  { maxWaitMs = 10_000, minBytes = 1, topicId = topic.topicId } = {},
) => {
  const { responses } = await client.send(FETCH, 13, {
    ...{ replicaId: -1, maxWaitMs, minBytes, maxBytes: 50_000_000, isolationLevel: 0 },
    ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
    topics: [
      {
        ...{ topic: '', topicId },
        partitions: places.map((place) => ({
          ...{ ...place, currentLeaderEpoch: -1, lastFetchedEpoch: -1, logStartOffset: -1 },
          partitionMaxBytes: 1_000_000,
        })),
      },
    ],
  });
  return responses[0]?.partitions ?? [];
};

const textOf = (records: Uint8Array | null) =>
  valuesOf(records ?? new Uint8Array()).map((value) => value.slice(0, 10));

describe('one Produce request', () => {
  it('stores large batches of 100 partitions by some objects, and one update of each head', async () => {
    await produce(all.map((partition) => [partition, batchOf(['warm'])]));
    await log.settle();
    meter.reset();
    const answers = await produce(
      all.map((partition) => [partition, batchOf([`${partition}`.padEnd(20_000)])]),
    );
    await log.settle();
    const { heads } = meter.tables;
    console.log(`100 partitions, 20 KB each: ${JSON.stringify({ heads, objects: meter.objects })}`);
    expect(answers.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual(
      all.map(() => [0, 1]),
    );
    expect(heads).toMatchObject({ writeRequests: PARTITIONS, failedWrites: 0 });
    expect(meter.objects.putRequests).toBeLessThanOrEqual(5);
    const fetched = await fetch(all.map((partition) => ({ partition, fetchOffset: 1 })));
    expect(fetched.map(({ records }) => textOf(records))).toEqual(
      all.map((partition) => [`${partition}`.padEnd(10)]),
    );
  });

  it('answers each partition by itself, whatever befalls the others', async () => {
    const damaged = batchOf(['x']).map((byte, at) => (at === 65 ? byte ^ 1 : byte));
    const answers = await produce([
      [0, batchOf(['a'])],
      [1, damaged],
      [PARTITIONS, batchOf(['b'])],
      [2, new Uint8Array()],
      [3, batchOf(['c'])],
    ]);
    expect(answers.map(({ index, errorCode, baseOffset }) => [index, errorCode, baseOffset])).toEqual([
      [0, 0, 2],
      [1, 2, -1],
      [PARTITIONS, 3, -1],
      [2, 2, -1],
      [3, 0, 2],
    ]);
  });

  it('takes a topic that is not there, without partitions, for nothing', async () => {
    const { responses } = await client.send(PRODUCE, 13, {
      ...{ transactionalId: null, acks: -1, timeoutMs: 10_000 },
      topicData: [{ name: '', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionData: [] }],
    });
    expect(responses).toMatchObject([{ partitionResponses: [] }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await produce([[4, batchOf(['a'])]]))[0]).toMatchObject({ errorCode: 0 });
  });
});

describe('one Fetch request', () => {
  const ends = async () => {
    const offsets = await Promise.all(
      all.map((partition) => broker.listOffset('orders', partition, 'latest')),
    );
    return offsets.map(({ offset: fetchOffset }, partition) => ({ partition, fetchOffset }));
  };

  it('waits once for 100 partitions, and ends by what this or another process appends to one of them', async () => {
    for (const from of [broker, other]) {
      const places = await ends();
      meter.reset();
      const fetching = fetch(places);
      await clock.sleep(1_000);
      await from.produce({ topic: 'orders', partition: 42, batch: batchOf(['woken']) });
      const fetched = await fetching;
      expect(
        fetched.flatMap(({ records, partitionIndex }) =>
          textOf(records).length > 0 ? [partitionIndex] : [],
        ),
      ).toEqual([42]);
      expect(textOf(fetched[42]?.records ?? null)).toEqual(['woken']);
      expect(fetched.map(({ partitionIndex }) => partitionIndex)).toEqual(all);
      expect(meter.tables.heads.readRequests).toBeLessThan(25);
    }
  });

  it('answers at once where a partition fails, with its error, and tells the ends of the others', async () => {
    const places = await ends();
    const fetched = await fetch([
      ...places.slice(0, 2),
      { partition: 2, fetchOffset: 99 },
      { partition: 500, fetchOffset: 0 },
    ]);
    expect(fetched.map(({ errorCode, highWatermark }) => [errorCode, highWatermark])).toEqual([
      [0, places[0]?.fetchOffset],
      [0, places[1]?.fetchOffset],
      [1, -1],
      [3, -1],
    ]);
    const unknown = await fetch([{ partition: 0, fetchOffset: 0 }], { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' });
    expect(unknown).toMatchObject([{ errorCode: UNKNOWN_TOPIC_ID }]);
  });

  it('refuses the id of a topic that was made anew under its name', async () => {
    const { topicId } = await broker.createTopic({ name: 'anew', partitions: 1 });
    const places = [{ partition: 0, fetchOffset: 0 }];
    expect(await fetch(places, { topicId, maxWaitMs: 0 })).toMatchObject([{ errorCode: 0 }]);
    await broker.deleteTopic('anew');
    await broker.createTopic({ name: 'anew', partitions: 1 });
    expect(await fetch(places, { topicId })).toMatchObject([{ errorCode: UNKNOWN_TOPIC_ID }]);
    expect(topicId).not.toBe(ZERO_UUID);
  });
});
