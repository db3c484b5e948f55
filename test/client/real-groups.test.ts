// The client with the groups of the broker itself, with fast heartbeats: what the fake stands for in the other tests.
import { matchTopics } from '../../lib/groups/subscription.ts';
import { describe, expect, it } from 'vitest';
import { createSystemClock, inputHandled } from '../../lib/base/clock.ts';
import { createSystemDice } from '../../lib/base/dice.ts';
import { KeyWatch } from '../../lib/base/key-watch.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { type Client, createClient } from '../../lib/client/client.ts';
import { GROUP_LIMITS } from '../../lib/groups/limits.ts';
import { AWS_LIMITS } from '../../lib/log/limits.ts';
import { Log } from '../../lib/log/log.ts';
import { TOPIC_LIMITS } from '../../lib/topics/limits.ts';
import { memoryStoresOn } from '../broker/memory-broker.ts';
import { until } from './support/subjects.ts';

async function createSubject(): Promise<Client> {
  const clock = createSystemClock({ unref: true });
  const watch = new KeyWatch(clock);
  const stores = memoryStoresOn(clock);
  const log = new Log(
    { ...stores, dice: createSystemDice(), limits: AWS_LIMITS, gather: inputHandled },
    {
      onAppended: (partitionId) => {
        watch.notify(partitionId);
      },
    },
  );
  const broker = createBroker({
    matchTopics,
    ...{ log, watch, topicLimits: TOPIC_LIMITS },
    groupLimits: { ...GROUP_LIMITS, consumerHeartbeatIntervalMs: 20 },
    settings: { autoCreateTopics: false, pollMsMin: 5, pollMsMax: 20 },
  });
  await broker.createTopic({ name: 'orders', partitions: 4 });
  return createClient(broker, { clock });
}

const GROUP = {
  groupId: 'billing',
  maxWaitTimeInMs: 1_000,
  retry: { initialRetryTimeMs: 5, maxRetryTimeMs: 20 },
};

async function join(client: Client, seen: string[]) {
  const consumer = client.consumer(GROUP);
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      seen.push(message.value?.toString() ?? '');
      return Promise.resolve();
    },
  });
  return consumer;
}

describe('a client with real groups', () => {
  it('hands partitions from member to member, and no record is left out or comes twice', async () => {
    const client = await createSubject();
    const producer = client.producer();
    const sent: string[] = [];
    const seen: string[] = [];
    const send = async (count: number): Promise<void> => {
      const values = Array.from({ length: count }, (_, at) => String(sent.length + at));
      sent.push(...values);
      await producer.send({
        topic: 'orders',
        messages: values.map((value) => ({ value, partition: Number(value) % 4 })),
      });
    };
    await send(40);
    const a = await join(client, seen);
    await until(() => seen.length === 40, 'the first records');
    const b = await join(client, seen);
    await send(40);
    await until(() => b.assignment().length === 2 && a.assignment().length === 2, 'equal shares');
    await send(40);
    await until(() => seen.length >= 120, 'the records of both');
    await a.disconnect();
    await until(() => b.assignment().length === 4, 'all partitions');
    await send(40);
    await until(() => seen.length >= 160, 'the records of the second');
    await client.close();
    expect(seen.map(Number).sort((x, y) => x - y)).toEqual(sent.map(Number));
  });

  it('leaves its group empty, with what was processed committed', async () => {
    const client = await createSubject();
    await client.producer().send({ topic: 'orders', messages: [{ value: 'a', partition: 2 }] });
    const seen: string[] = [];
    const consumer = await join(client, seen);
    await until(() => seen.length === 1, 'its processing');
    await until(() => consumer.position({ topic: 'orders', partition: 2 }) === 1, 'the next position');
    await consumer.disconnect();
    const admin = client.admin();
    expect((await admin.listGroups()).groups).toMatchObject([
      { groupId: 'billing', type: 'consumer', state: 'Empty' },
    ]);
    expect(await admin.fetchOffsets({ groupId: 'billing' })).toMatchObject([
      { topic: 'orders', partitions: [0, 0, 1, 0].map((offset, partition) => ({ partition, offset })) },
    ]);
    await client.close();
  });
});
