// The producer over each connection: order, batches, retries without duplicates, back-pressure, and what it says of failures.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import type { Broker, ProducedBatch, ProduceRequest } from '../../lib/broker/broker.ts';
import { SendError } from '../../lib/client/producer/producer-options.ts';
import { jsonSerde, stringSerde } from '../../lib/client/serializers.ts';
import { decodeBatch, recordsOf } from '../../lib/record/record-batch.ts';
import { partitionForKey } from '../../lib/record/partitioner.ts';
import { CONNECTIONS, createSubject, until } from './support/subjects.ts';

/** Calls `onProduce` in place of the broker's produce. */
const producing =
  (onProduce: (request: ProduceRequest, next: () => Promise<ProducedBatch>) => Promise<ProducedBatch>) =>
  (broker: Broker): Broker => ({
    ...broker,
    produce: (request) => onProduce(request, () => broker.produce(request)),
  });

async function valuesIn(broker: Broker, partition: number): Promise<string[]> {
  const { batches } = await broker.fetch({
    ...{ topic: 'orders', partition, offset: 0, maxBytes: 10_000_000, maxWaitMs: 0 },
  });
  return [...recordsOf(batches)].map(({ value }) => Buffer.from(value ?? []).toString());
}

const failure = async (promise: Promise<unknown>): Promise<SendError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SendError);
  return error as SendError;
};

const FAST = { retry: { initialRetryTimeMs: 1, maxRetryTimeMs: 2 } };

describe.each(CONNECTIONS)('a producer %s', (connection) => {
  it('stores key, value, headers and timestamp, and says where', async () => {
    const { client, broker } = await createSubject(connection);
    const producer = client.producer();
    const [placed] = await producer.send({
      topic: 'orders',
      messages: [
        {
          key: 'k',
          value: 'v',
          headers: { a: 'x', b: ['1', Buffer.from('2')], none: null },
          timestamp: '1234567890123',
        },
      ],
    });
    const partition = partitionForKey(Buffer.from('k'), 4);
    expect(placed).toEqual({ topicName: 'orders', partition, offset: 0, timestampMs: 1234567890123 });
    const { batches } = await broker.fetch({
      ...{ topic: 'orders', partition, offset: 0, maxBytes: 1_000, maxWaitMs: 0 },
    });
    const [record] = recordsOf(batches);
    expect(record).toMatchObject({ timestampMs: 1234567890123, offset: 0 });
    expect(Buffer.from(record?.key ?? []).toString()).toBe('k');
    expect(
      record?.headers.map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString()]),
    ).toEqual([
      ['a', 'x'],
      ['b', '1'],
      ['b', '2'],
      ['none', null],
    ]);
    await client.close();
  });

  it('keeps the order of its calls in each partition, in few batches', async () => {
    const requests: ProduceRequest[] = [];
    const { client, broker } = await createSubject(
      connection,
      producing((request, next) => {
        requests.push(request);
        return next();
      }),
    );
    const producer = client.producer();
    const sends = Array.from({ length: 200 }, (_, at) =>
      producer.send({ topic: 'orders', messages: [{ value: String(at), partition: at % 2 }] }),
    );
    const placed = (await Promise.all(sends)).flat();
    expect(placed.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 200 }, (_, at) => Math.floor(at / 2)),
    );
    expect(await valuesIn(broker, 0)).toEqual(Array.from({ length: 100 }, (_, at) => String(at * 2)));
    expect(requests.length).toBeLessThan(10);
    await client.close();
  });

  it('stores a batch once whose answer was lost, under the same sequence', async () => {
    const attempts: ProduceRequest[] = [];
    const { client, broker } = await createSubject(
      connection,
      producing(async (request, next) => {
        attempts.push(request);
        const produced = await next();
        if (attempts.length <= 2) throw new BrokerError('REQUEST_TIMED_OUT', 'lost', { outcome: 'unknown' });
        return produced;
      }),
    );
    const producer = client.producer(FAST);
    const placed = await producer.send({
      topic: 'orders',
      messages: ['a', 'b'].map((value) => ({ value, partition: 1 })),
    });
    await producer.send({ topic: 'orders', messages: [{ value: 'c', partition: 1 }] });
    expect(placed.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(await valuesIn(broker, 1)).toEqual(['a', 'b', 'c']);
    expect(attempts.map(({ batch }) => decodeBatch(batch).header.baseSequence)).toEqual([0, 0, 0, 2]);
    await client.close();
  });

  it('does not repeat what may be stored unless it is idempotent, and says so', async () => {
    let attempts = 0;
    const { client } = await createSubject(
      connection,
      producing(() => {
        attempts++;
        return Promise.reject(new BrokerError('REQUEST_TIMED_OUT', 'lost', { outcome: 'unknown' }));
      }),
    );
    const error = await failure(
      client
        .producer({ ...FAST, idempotent: false })
        .send({ topic: 'orders', messages: [{ value: 'a', partition: 0 }] }),
    );
    expect(attempts).toBe(1);
    expect(error).toMatchObject({ code: 'REQUEST_TIMED_OUT', outcome: 'unknown' });
    expect(error.message).toContain('may be stored');
    await client.close();
  });

  it('goes on under a new id after giving up on what may be stored', async () => {
    let isDown = true;
    const ids: bigint[] = [];
    const { client, broker } = await createSubject(
      connection,
      producing(async ({ batch }, next) => {
        ids.push(decodeBatch(batch).header.producerId);
        if (isDown) throw new BrokerError('REQUEST_TIMED_OUT', 'lost', { outcome: 'unknown' });
        return next();
      }),
    );
    const producer = client.producer({ ...FAST, deliveryTimeoutMs: 30 });
    const error = await failure(producer.send({ topic: 'orders', messages: [{ value: 'a', partition: 0 }] }));
    expect(error).toMatchObject({ outcome: 'unknown' });
    expect(error.message).toContain(`a new id in place of ${ids[0] ?? ''}`);
    isDown = false;
    await producer.send({ topic: 'orders', messages: [{ value: 'b', partition: 0 }] });
    expect(await valuesIn(broker, 0)).toEqual(['b']);
    expect(ids.at(-1)).not.toBe(ids[0]);
    expect(new Set(ids).size).toBe(2);
    await client.close();
  });

  it('tells of each message where some fail', async () => {
    const { client, broker } = await createSubject(connection);
    await broker.createTopic({ name: 'small', partitions: 1, configs: { 'max.message.bytes': '2000' } });
    const producer = client.producer(FAST);
    const error = await failure(
      producer.send({
        topic: 'small',
        messages: ['a', 'x'.repeat(3_000), 'b'].map((value) => ({ value })),
      }),
    );
    expect(error.code).toBe('MESSAGE_TOO_LARGE');
    expect(error.message).toMatch(/^1 of 3 records failed: .*the other 2 are stored$/);
    expect(
      error.results.map((result) => (result instanceof BrokerError ? result.outcome : result.offset)),
    ).toEqual([0, 'not-applied', 1]);
    await client.close();
  });

  it('refuses before it sends: an unknown topic, a partition too many, bytes that are none', async () => {
    const { client } = await createSubject(connection);
    const producer = client.producer();
    const send = (topic: string, message: { value: string; partition?: number; timestamp?: number }) =>
      producer.send({ topic, messages: [message] });
    expect(await failure(send('absent', { value: 'a' }))).toMatchObject({
      ...{ code: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'not-applied' },
    });
    expect((await failure(send('orders', { value: 'a', partition: 4 }))).message).toContain('0 to 3, got 4');
    await expect(send('orders', { value: 'a', timestamp: -1 })).rejects.toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
    await expect(send('orders', { value: 7 as never })).rejects.toMatchObject({
      ...{ code: 'INVALID_RECORD', field: 'messages[0].value' },
    });
    await client.close();
  });

  it('writes with the serializers of its types', async () => {
    const { client, broker } = await createSubject(connection);
    const producer = client.producer({
      keySerializer: stringSerde.serialize,
      valueSerializer: jsonSerde<{ total: number }>().serialize,
    });
    await producer.send({ topic: 'orders', messages: [{ key: 'k', value: { total: 7 }, partition: 0 }] });
    await producer.send({ topic: 'orders', messages: [{ key: 'k', value: null, partition: 0 }] });
    expect(await valuesIn(broker, 0)).toEqual(['{"total":7}', '']);
    await client.close();
  });

  it('waits for room, and flushes and disconnects when all is stored', async () => {
    const held: (() => void)[] = [];
    const { client, broker } = await createSubject(
      connection,
      producing(async (_request, next) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return next();
      }),
    );
    const producer = client.producer({ bufferBytesMax: 1_000, lingerMs: 60_000, batchBytesMax: 500 });
    let isSecondAdmitted = false;
    const message = (value: string) => ({
      topic: 'orders',
      acks: 0 as const,
      messages: [{ value, partition: 0 }],
    });
    await producer.send(message('a'.repeat(800)));
    const second = producer.send(message('b'.repeat(800))).then(() => {
      isSecondAdmitted = true;
    });
    await until(() => held.length === 1, 'the first batch');
    expect(isSecondAdmitted).toBe(false);
    expect(producer.bufferedBytes).toBeGreaterThan(800);
    held[0]?.();
    await second;
    const disconnected = producer.disconnect();
    await until(() => held.length === 2, 'the second batch');
    held[1]?.();
    await disconnected;
    expect((await valuesIn(broker, 0)).map((value) => value[0])).toEqual(['a', 'b']);
    await expect(producer.send(message('c'))).rejects.toThrow('disconnected');
    await client.close();
  });
});
