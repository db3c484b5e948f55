// Options of the client that cannot be, as plain JavaScript may give them.
import { describe, expect, it } from 'vitest';
import type { ConsumerOptions } from '../../lib/client/consumer/consumer-options.ts';
import type { RunOptions } from '../../lib/client/consumer/run-options.ts';
import type { ProducerOptions } from '../../lib/client/producer/producer-options.ts';
import { GROUP, produce } from './support/orders.ts';
import { createSubject, first } from './support/subjects.ts';

const refusal = (field: string, expected: string) => ({
  code: 'INVALID_REQUEST',
  field,
  message: expect.stringMatching(new RegExp(`^${field} must be ${expected}, got `)) as string,
});

const DURATION = 'a whole number, from [01] to 2147483647';

describe('an option', () => {
  it.each<readonly [object, string, string]>([
    [{ autoCommitInterval: 0 }, 'autoCommitInterval', DURATION],
    // A timer would take it for a millisecond.
    [{ autoCommitInterval: Infinity }, 'autoCommitInterval', DURATION],
    [{ autoCommitThreshold: 0 }, 'autoCommitThreshold', 'a whole number, at least 1'],
    [{ maxPollIntervalMs: -1 }, 'maxPollIntervalMs', DURATION],
    [{ sessionTimeout: '6000' }, 'sessionTimeout', DURATION],
    [{ rebalanceTimeout: NaN }, 'rebalanceTimeout', DURATION],
    [{ maxBytesPerPartition: 0 }, 'maxBytesPerPartition', DURATION],
    [{ maxBytesPerPartition: 1_000.5 }, 'maxBytesPerPartition', DURATION],
    [{ maxWaitTimeInMs: -1 }, 'maxWaitTimeInMs', DURATION],
    [{ retry: { retries: -1 } }, 'retries', 'a whole number, at least 0'],
    [{ retry: { initialRetryTimeMs: -1 } }, 'initialRetryTimeMs', DURATION],
    [{ delivery: 'exactly-once' }, 'delivery', 'one of at-least-once, at-most-once'],
    [{ autoOffsetReset: 'first' }, 'autoOffsetReset', 'one of earliest, latest, none'],
  ])('of a consumer, %j, is refused', async (options, field, expected) => {
    const { client } = await createSubject('in process');
    expect(() => client.consumer(options as ConsumerOptions)).toThrow(
      expect.objectContaining(refusal(field, expected)),
    );
    await client.close();
  });

  it.each<readonly [object, string, string]>([
    [{ lingerMs: -1 }, 'lingerMs', DURATION],
    [{ batchBytesMax: 0 }, 'batchBytesMax', 'a whole number, at least 1'],
    [{ bufferBytesMax: '32 MiB' }, 'bufferBytesMax', 'a whole number, at least 1'],
    [{ deliveryTimeoutMs: 0 }, 'deliveryTimeoutMs', 'a whole number, at least 1'],
    [{ metadataMaxAgeMs: -1 }, 'metadataMaxAgeMs', 'a whole number, at least 0'],
    [{ retry: { maxRetryTimeMs: Infinity } }, 'maxRetryTimeMs', DURATION],
    [{ keyless: 'random' }, 'keyless', 'one of sticky, round-robin'],
  ])('of a producer, %j, is refused', async (options, field, expected) => {
    const { client } = await createSubject('in process');
    expect(() => client.producer(options as ProducerOptions)).toThrow(
      expect.objectContaining(refusal(field, expected)),
    );
    await client.close();
  });

  it.each<readonly [object, object]>([
    [
      { partitionsConsumedConcurrently: 0 },
      refusal('partitionsConsumedConcurrently', 'a whole number, from 1 to 10000'),
    ],
    [
      { partitionsConsumedConcurrently: Infinity },
      refusal('partitionsConsumedConcurrently', 'a whole number, from 1 to 10000'),
    ],
    [{ autoCommitInterval: -5 }, refusal('autoCommitInterval', DURATION)],
    [{ eachMessage: undefined }, { message: 'run takes either eachMessage or eachBatch' }],
    [{ eachBatch: () => Promise.resolve() }, { message: 'run takes either eachMessage or eachBatch' }],
  ])('of a run, %j, is refused, and nothing has begun', async (options, error) => {
    const subject = await createSubject('in process');
    const consumer = subject.client.consumer(GROUP);
    const run: RunOptions<Buffer, Buffer> = { eachMessage: () => Promise.resolve(), ...options };
    await expect(consumer.run(run)).rejects.toMatchObject(error);
    await consumer.subscribe({ topics: ['orders'] });
    expect(subject.groups.heartbeats).toEqual([]);
    await subject.client.close();
  });

  it('that is null is not said', async () => {
    const subject = await createSubject('in process');
    const numbers = ['autoCommitInterval', 'maxPollIntervalMs', 'sessionTimeout', 'maxWaitTimeInMs'];
    const others = ['retry', 'delivery', 'autoOffsetReset', 'groupInstanceId', 'rackId', 'assignor'];
    const nulls = Object.fromEntries([...numbers, ...others].map((name) => [name, null]));
    const consumer = subject.client.consumer({ groupId: 'billing', ...nulls });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await produce(subject, ['a']);
    expect(await first(1, consumer)).toHaveLength(1);
    expect(subject.groups.heartbeats[0]).toMatchObject({ rebalanceTimeoutMs: 300_000 });
    for (const name of ['sessionTimeoutMs', 'groupInstanceId', 'rackId', 'serverAssignor'])
      expect(subject.groups.heartbeats[0]).not.toHaveProperty(name);
    await subject.client.close();
  });

  it('that says not to wait for records leaves time for others', async () => {
    let fetches = 0;
    const subject = await createSubject('in process', (broker) => ({
      ...broker,
      fetch: (request) => {
        fetches++;
        return broker.fetch(request);
      },
    }));
    const consumer = subject.client.consumer({ ...GROUP, maxWaitTimeInMs: 0 });
    await consumer.assign([{ topic: 'orders', partition: 0, offset: 0 }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await subject.client.close();
    expect(fetches).toBeLessThan(100);
  });
});
