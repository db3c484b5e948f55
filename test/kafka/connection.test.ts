// One connection: answers in their order while commits run side by side, no more taken than is answered and read, and
// silence that ends it.
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../lib/base/clock.ts';
import { METADATA } from '../../lib/kafka/protocol/apis/03-metadata.ts';
import { PRODUCE } from '../../lib/kafka/protocol/apis/00-produce.ts';
import { FETCH } from '../../lib/kafka/protocol/apis/01-fetch.ts';
import { API_VERSIONS } from '../../lib/kafka/protocol/apis/18-api-versions.ts';
import { DESCRIBE_CLUSTER } from '../../lib/kafka/protocol/apis/60-describe-cluster.ts';
import { decodeResponse } from '../../lib/kafka/protocol/frames.ts';
import { ZERO_UUID } from '../../lib/kafka/protocol/layout.ts';
import { createReader } from '../../lib/kafka/protocol/reader.ts';
import { batchOf, brokerOver, memoryStoresOn } from '../broker/memory-broker.ts';
import { fetchOf, produceOf } from './support/requests.ts';
import { startTestGateway, type GatewayUnderTest } from './support/test-gateway.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { KafkaLimits } from '../../lib/kafka/limits.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

let under: GatewayUnderTest | undefined;
afterEach(async () => {
  await under?.stop();
  under = undefined;
});

const metadataOf = (topics: [] | null) => ({
  ...{ topics, allowAutoTopicCreation: false },
  ...{ includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
});
const VERSIONS = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
const CLUSTER = { includeClusterAuthorizedOperations: false, endpointType: 1, includeFencedBrokers: false };
const correlationIdOf = (frame: Uint8Array): number => Buffer.from(frame).readInt32BE();

async function start(broker: Broker, limits: Partial<KafkaLimits> = {}) {
  under = await startTestGateway({ broker, limits });
  return under;
}

/** A broker on stores of its own, with the topic `t`. `change`: what befalls its items. */
async function brokerWithTopic(partitions = 1, change = (items: ItemStore) => items): Promise<Broker> {
  const stores = memoryStoresOn(createSystemClock());
  const { broker } = brokerOver({ ...stores, items: change(stores.items) });
  await broker.createTopic({ name: 't', partitions });
  return broker;
}

/** The store with another `update`. */
const withUpdate = (items: ItemStore, update: ItemStore['update']): ItemStore =>
  new Proxy(items, {
    get: (store, name: keyof ItemStore) => (name === 'update' ? update : store[name].bind(store)),
  });

describe('the order of answers', () => {
  it('is that of requests, while commits to a slow store run side by side', async () => {
    const clock = createSystemClock();
    let [running, most, isSlow] = [0, 0, false];
    const broker = await brokerWithTopic(16, (items) =>
      withUpdate(items, async (...args) => {
        most = Math.max(most, ++running);
        // The first partitions take longest: in the order of their ends, answers would be turned round.
        if (isSlow) await clock.sleep(Math.max(0, 160 - 10 * running));
        running--;
        return items.update(...args);
      }),
    );
    isSlow = true;
    const client = await (await start(broker)).connect();
    const posted = Array.from({ length: 16 }, (_, index) => client.post(PRODUCE, 9, produceOf('t', index)));
    for (const [index, correlationId] of posted.entries()) {
      const answer = decodeResponse(PRODUCE, 9, createReader(await client.nextFrame()));
      expect(answer.correlationId).toBe(correlationId);
      expect(answer.body.responses[0]?.partitionResponses).toMatchObject([
        { index, errorCode: 0, baseOffset: 0 },
      ]);
    }
    expect(most).toBeGreaterThan(8);
  });

  it('holds where the last is done first', async () => {
    const { broker, ends } = await gatedBroker();
    const client = await (await start(broker)).connect();
    const posted = [0, 1, 2, 3].map((index) => client.post(PRODUCE, 9, produceOf('t', index)));
    await expect.poll(() => ends.length).toBe(4);
    for (const end of [...ends].reverse()) end();
    const frames = await Promise.all(posted.map(() => client.nextFrame()));
    expect(frames.map(correlationIdOf)).toEqual(posted);
  });

  it('what may not overlap begins when all before it is over', async () => {
    const { broker, ends, events } = await gatedBroker();
    const client = await (await start(broker)).connect();
    client.post(PRODUCE, 9, produceOf('t', 0));
    client.post(METADATA, 9, metadataOf([]));
    client.post(PRODUCE, 9, produceOf('t', 1));
    await expect.poll(() => events).toEqual(['produce 0']);
    ends[0]?.();
    await expect.poll(() => events).toEqual(['produce 0', 'metadata', 'produce 1']);
    ends[1]?.();
    const frames = [await client.nextFrame(), await client.nextFrame(), await client.nextFrame()];
    expect(frames.map(correlationIdOf)).toEqual([1, 2, 3]);
  });

  it('a request that ends the connection leaves those before it their answers', async () => {
    const { broker, ends } = await gatedBroker();
    const client = await (await start(broker)).connect();
    client.post(PRODUCE, 9, produceOf('t', 0));
    // acks=0 to a partition that is not there: told by the end of the connection.
    client.post(PRODUCE, 9, produceOf('absent', 1, { acks: 0 }));
    await expect.poll(() => ends.length).toBe(2);
    ends[1]?.();
    ends[0]?.();
    expect(correlationIdOf(await client.nextFrame())).toBe(1);
    await client.closed();
    expect(under?.ends).toMatchObject([{ code: 'INVALID_REQUEST' }]);
  });
});

/** A broker whose produce requests wait until the test ends them. */
async function gatedBroker() {
  const broker = await brokerWithTopic(4);
  const ends: (() => void)[] = [];
  const events: string[] = [];
  const gated: Broker = {
    ...broker,
    produce: async (request) => {
      events.push(`produce ${request.partition}`);
      await new Promise<void>((resolve) => ends.push(resolve));
      return broker.produce(request);
    },
    clusterId: () => {
      events.push('metadata');
      return broker.clusterId();
    },
  };
  return { broker: gated, ends, events };
}

describe('a client that reads nothing', () => {
  it('is not taken 10,000 requests of, until it reads; then it gets all answers in order', async () => {
    const broker = await brokerWithTopic(50);
    let handled = 0;
    const counted: Broker = { ...broker, clusterId: () => (handled++, broker.clusterId()) };
    const gateway = await start(counted);
    const client = await gateway.connect();
    client.pause();
    const requests = 10_000;
    for (let request = 0; request < requests; request++) client.post(METADATA, 9, metadataOf(null));
    const settled = await settle(() => handled);
    // An answer is about 2 KB: what the sockets of both sides hold is some MB.
    expect(settled).toBeLessThan(6_000);
    const other = await gateway.connect();
    await other.send(API_VERSIONS, 3, VERSIONS);
    client.resume();
    for (let request = 1; request <= requests; request++)
      expect(correlationIdOf(await client.nextFrame())).toBe(request);
    expect(handled).toBe(requests);
  });

  it('may end by a reset: nothing else does, and what its answers held is given back', async () => {
    const broker = await brokerWithTopic(1);
    for (let batch = 0; batch < 24; batch++)
      await broker.produce({ topic: 't', partition: 0, batch: batchOf([`${batch}`.padEnd(900_000, '.')]) });
    const gateway = await start(broker, { answerBytesMax: 96_000_000 });
    const bytesOf = async () => {
      const reader = await gateway.connect();
      const { responses } = await reader.send(FETCH, 11, fetchOf('t', 0, 50_000_000));
      reader.close();
      expect(responses[0]?.partitions).toMatchObject([{ errorCode: 0 }]);
      return responses[0]?.partitions[0]?.records?.length ?? 0;
    };
    const before = await bytesOf();
    const stopped = await Promise.all(Array.from({ length: 20 }, () => gateway.connect()));
    for (const client of stopped) {
      client.pause();
      client.post(FETCH, 11, fetchOf('t', 0, 50_000_000));
    }
    await expect.poll(bytesOf, { timeout: 10_000 }).toBeLessThan(before / 2);
    for (const client of stopped) client.reset();
    await expect.poll(bytesOf, { timeout: 10_000 }).toBe(before);
  });
});

it('Metadata answers a topic once, however often it is asked for', async () => {
  const client = await (await start(await brokerWithTopic(10))).connect();
  const topics = Array.from({ length: 10_000 }, () => ({ name: 't', topicId: ZERO_UUID }));
  const answer = await client.send(METADATA, 9, { ...metadataOf([]), topics });
  expect(answer.topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([['t', 10]]);
});

describe('a client that leaves its answer unread', () => {
  it('is ended once others lack the memory, and not before', async () => {
    const broker = await brokerWithTopic(1);
    for (let batch = 0; batch < 16; batch++)
      await broker.produce({ topic: 't', partition: 0, batch: batchOf([`${batch}`.padEnd(900_000, '.')]) });
    const gateway = await start(broker, { unreadMsMax: 300, answerBytesMax: 30_000_000 });
    const post = async () => {
      const client = await gateway.connect();
      client.pause();
      // The first answers go into the sockets of both sides.
      for (let request = 0; request < 8; request++) client.post(FETCH, 11, fetchOf('t', 0, 50_000_000));
    };
    await post();
    await createSystemClock().sleep(1_000);
    expect(gateway.ends).toEqual([]);
    for (let more = 0; more < 60; more++) await post();
    await expect
      .poll(() => gateway.ends.at(0), { timeout: 10_000 })
      .toMatchObject({
        code: 'REQUEST_TIMED_OUT',
        message: 'the memory for answers is spent, and one was not read in 300 ms',
      });
  });
});

/** The value once it has not changed for a while. */
async function settle(value: () => number): Promise<number> {
  for (let last = -1; ;) {
    const now = value();
    if (now === last && now > 0) return now;
    last = now;
    await createSystemClock().sleep(500);
  }
}

describe('silence', () => {
  it('ends a connection that says nothing for connections.max.idle.ms, and no other', async () => {
    const gateway = await start(await brokerWithTopic(), { idleMsMax: 400 });
    const silent = await gateway.connect();
    const half = await gateway.connect();
    half.sendRaw(Buffer.from([0, 0, 0, 100, 0, 18]));
    const busy = await gateway.connect();
    const isOver = Promise.all([silent.closed(), half.closed()]).then(() => true);
    let answers = 0;
    const clock = createSystemClock();
    while (!(await Promise.race([isOver, clock.sleep(100).then(() => false)]))) {
      await busy.send(DESCRIBE_CLUSTER, 1, CLUSTER);
      answers++;
    }
    expect(answers).toBeGreaterThan(1);
    await busy.send(DESCRIBE_CLUSTER, 1, CLUSTER);
  });
});
