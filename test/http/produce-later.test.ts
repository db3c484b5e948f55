// acks=0: answered before it is stored, in order for each partition, within a bound, and checked like any request.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import type { ProduceRequest } from '../../lib/broker/broker.ts';
import { createBackgroundProducer } from '../../lib/http/produce-later.ts';
import { createApi } from './support/api.ts';

const JSON_TYPE = { 'content-type': 'application/vnd.kafka.json.v2+json' };

describe('POST /topics/{topic}?acks=0', () => {
  it('answers 202 without a body, and hands each partition over', async () => {
    const later: ProduceRequest[] = [];
    const api = await createApi({
      deps: { produceLater: (requests) => Promise.resolve(void later.push(...requests)) },
    });
    const body = {
      records: [
        { partition: 1, value: 1 },
        { partition: 2, value: 2 },
        { partition: 1, value: 3 },
      ],
    };
    const { status, text } = await api.request('POST', '/topics/orders?acks=0', { headers: JSON_TYPE, body });
    expect([status, text]).toEqual([202, '']);
    expect(later.map(({ topic, partition }) => [topic, partition])).toEqual([
      ['orders', 1],
      ['orders', 2],
    ]);
    expect(api.broker.produced).toEqual([]);
    for (const acks of ['1', 'all', '-1']) {
      expect(
        (await api.request('POST', `/topics/orders?acks=${acks}`, { headers: JSON_TYPE, body })).status,
      ).toBe(200);
    }
    expect(later).toHaveLength(2);
  });

  it('refuses what is wrong before it answers', async () => {
    const later: ProduceRequest[] = [];
    const api = await createApi({
      deps: { produceLater: (requests) => Promise.resolve(void later.push(...requests)) },
    });
    const send = (body: unknown, path = '/topics/orders'): ReturnType<typeof api.request> =>
      api.request('POST', `${path}?acks=0`, { headers: JSON_TYPE, body });
    const producer = { producer_id: 1, producer_epoch: 0, sequences: { 0: 0 } };
    expect(await send({ records: [{ value: 1 }], ...producer })).toMatchObject({
      status: 400,
      json: { field: 'acks' },
    });
    expect(await send({ records: [{}, { partition: 9 }] })).toMatchObject({ status: 404 });
    expect(await send({ records: [] })).toMatchObject({ status: 422 });
    expect(await send({ records: [{}] }, '/topics/none')).toMatchObject({ status: 404 });
    expect(later).toEqual([]);
    const without = await createApi();
    const answer = await without.request('POST', '/topics/orders?acks=0', {
      headers: JSON_TYPE,
      body: { records: [{}] },
    });
    expect(answer).toMatchObject({ status: 400, json: { field: 'acks' } });
  });
});

const STORED = { baseOffset: 0, recordCount: 1, logAppendTimeMs: -1, isDuplicate: false };

describe('createBackgroundProducer', () => {
  const request = (partition: number, text: string): ProduceRequest => ({
    topic: 'orders',
    partition,
    batch: Buffer.from(text),
  });

  it('keeps the order of each partition, tells of errors, and drains', async () => {
    const stored: string[] = [];
    const errors: unknown[] = [];
    const { produceLater, drain } = createBackgroundProducer({
      broker: {
        produce: async ({ batch }) => {
          const text = Buffer.from(batch).toString();
          if (text === 'a1' || text === 'b1') await new Promise((resolve) => setTimeout(resolve, 20));
          if (text === 'bad') throw new BrokerError('KAFKA_STORAGE_ERROR', 'no');
          stored.push(text);
          return STORED;
        },
      },
      onError: (error) => errors.push(error),
    });
    await produceLater([request(0, 'a1'), request(1, 'b1')]);
    await produceLater([request(0, 'bad')]);
    await produceLater([request(0, 'a2'), request(1, 'b2')]);
    expect(stored).not.toContain('a2');
    await drain();
    expect(stored.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2']);
    expect(stored.filter((text) => text.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(errors).toMatchObject([{ code: 'KAFKA_STORAGE_ERROR' }]);
  });

  it('refuses more than its bound, and takes more when there is room again', async () => {
    const produced: ProduceRequest[] = [];
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    const broker = {
      produce: async (sent: ProduceRequest) => {
        await held;
        produced.push(sent);
        return STORED;
      },
    };
    const { produceLater, drain } = createBackgroundProducer({
      broker,
      onError: () => undefined,
      bytesMax: 10,
    });
    await produceLater([request(0, '12345678')]);
    await expect(produceLater([request(1, '123')])).rejects.toMatchObject({
      code: 'THROTTLING_QUOTA_EXCEEDED',
    });
    await produceLater([request(1, '12')]);
    release(undefined);
    await drain();
    await produceLater([request(0, '1234567890')]);
    await drain();
    expect(produced).toHaveLength(3);
  });
});
