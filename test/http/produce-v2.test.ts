// Producing in the v2 API: where records land, how they are written, and what is said of each.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { partitionForKey } from '../../lib/record/partitioner.ts';
import { recordsOf } from '../../lib/record/record-batch.ts';
import type { PlacedRecord } from '../../lib/record/record.ts';
import type { ProduceAnswer } from '../../lib/http/schemas-v2.ts';
import { type Api, createApi } from './support/api.ts';

const text = (bytes: Uint8Array | null | undefined): string | null | undefined =>
  bytes && Buffer.from(bytes).toString('utf8');

function stored({ broker }: Api): (PlacedRecord & { readonly partition: number })[] {
  return broker.produced.flatMap(({ partition, batch }) =>
    [...recordsOf(batch)].map((record) => ({ ...record, partition })),
  );
}

describe('POST /topics/{topic}', () => {
  it('answers offsets in the order of the request, and stores one batch for each partition', async () => {
    const api = await createApi();
    const records = ['a', 'b', 'c', 'a', 'b', 'c'].map((value, index) => ({
      value,
      partition: [2, 0, 3][index % 3],
    }));
    const { status, json, headers } = await api.produce('/topics/orders', records);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/vnd.kafka.v2+json');
    expect(json).toEqual({
      key_schema_id: null,
      value_schema_id: null,
      offsets: [
        { partition: 2, offset: 0, error_code: null, error: null },
        { partition: 0, offset: 0, error_code: null, error: null },
        { partition: 3, offset: 0, error_code: null, error: null },
        { partition: 2, offset: 1, error_code: null, error: null },
        { partition: 0, offset: 1, error_code: null, error: null },
        { partition: 3, offset: 1, error_code: null, error: null },
      ],
    });
    expect(api.broker.produced.map(({ partition }) => partition).sort()).toEqual([0, 2, 3]);
  });

  it('sends a key where the Java producer sends its bytes: raw text and base64 alike, JSON with its quotes', async () => {
    const api = await createApi();
    await api.produce('/topics/orders', [{ key: 'sshd', value: 'x' }], { format: 'text' });
    await api.produce('/topics/orders', [{ key: Buffer.from('sshd').toString('base64') }], {
      format: 'binary',
    });
    await api.produce('/topics/orders', [{ key: 'sshd' }, { key: { a: 1 } }], { format: 'json' });
    const placed = stored(api).map(({ key, partition }) => [text(key), partition]);
    const expected = ['sshd', 'sshd', '"sshd"', '{"a":1}'].map((key) => [
      key,
      partitionForKey(Buffer.from(key), 4),
    ]);
    expect(placed).toEqual(expect.arrayContaining(expected));
    expect(placed).toHaveLength(4);
  });

  it('keeps null, absent and empty apart', async () => {
    const api = await createApi();
    const records = [
      { partition: 0 },
      { partition: 0, key: null, value: null },
      { partition: 0, key: '', value: '' },
    ];
    await api.produce('/topics/orders', records, { format: 'binary' });
    await api.produce('/topics/orders', records, { format: 'text' });
    await api.produce('/topics/orders', records, { format: 'json' });
    const pairs = stored(api).map(({ key, value }) => [text(key), text(value)]);
    const empty = [
      [null, null],
      [null, null],
      ['', ''],
    ];
    expect(pairs).toEqual([...empty, ...empty, [null, null], [null, null], ['""', '""']]);
  });

  it('writes JSON as it was meant: digits, nesting, unusual names', async () => {
    const api = await createApi();
    const body =
      '{"records":[{"partition":0,"value":{"big":12345678901234567890,"one":1.0,"e":1E2,"__proto__":[null,"\\u00e9"]}}]}';
    const { status } = await api.request('POST', '/topics/orders', {
      headers: { 'content-type': 'application/vnd.kafka.json.v2+json; charset=utf-8' },
      body,
    });
    expect(status).toBe(200);
    expect(text(stored(api)[0]?.value)).toBe(
      '{"big":12345678901234567890,"one":1.0,"e":1E2,"__proto__":[null,"é"]}',
    );
  });

  it('keeps headers in order, repeated and null ones too, and timestamps; default: now', async () => {
    const api = await createApi({ deps: { clock: { now: () => 777, sleep: () => Promise.resolve() } } });
    const headers = [
      { key: 'a', value: 'AQI=' },
      { key: 'a', value: 'AQI' },
      { key: '', value: '' },
      { key: 'n', value: null },
      { key: 'm' },
    ];
    await api.produce('/topics/orders', [{ partition: 0, timestamp: 5, headers }, { partition: 0 }]);
    const [first, second] = stored(api);
    expect(first?.timestampMs).toBe(5);
    expect(second?.timestampMs).toBe(777);
    expect(first?.headers.map(({ key, value }) => [key, value && [...value]])).toEqual([
      ['a', [1, 2]],
      ['a', [1, 2]],
      ['', []],
      ['n', null],
      ['m', null],
    ]);
    expect(second?.headers).toEqual([]);
  });

  it('keeps records without key and partition together, in a partition by the dice', async () => {
    const rolls = [0.99, 0.3];
    const api = await createApi({
      deps: { dice: { random: () => rolls.shift() ?? 0, bytes: (length) => new Uint8Array(length) } },
    });
    const answers = [
      await api.produce('/topics/orders', [{ value: 1 }, { value: 2 }]),
      await api.produce('/topics/orders', [{ value: 3 }]),
    ];
    const partitions = answers.flatMap(({ json }) =>
      (json as ProduceAnswer).offsets.map(({ partition }) => partition),
    );
    expect(partitions).toEqual([3, 3, 1]);
  });

  it('makes the topic first where the cluster creates topics, and is 404 where it does not', async () => {
    const creating = await createApi({ autoCreatePartitions: 3 });
    expect((await creating.produce('/topics/fresh', [{ value: 1 }])).status).toBe(200);
    expect((await creating.broker.describeTopic('fresh')).partitions).toBe(3);
    const strict = await createApi();
    expect((await strict.produce('/topics/fresh', [{ value: 1 }])).json).toMatchObject({
      error_code: 40401,
      outcome: 'not-applied',
    });
    expect((await creating.produce('/topics/no%20good', [{ value: 1 }])).json).toMatchObject({
      error_code: 40002,
    });
  });

  it('produces to the partition of the path', async () => {
    const api = await createApi();
    const { json } = await api.produce('/topics/orders/partitions/2', [
      { key: 'a' },
      { key: 'b', partition: 2 },
    ]);
    expect(json).toMatchObject({
      offsets: [
        { partition: 2, offset: 0 },
        { partition: 2, offset: 1 },
      ],
    });
    const other = await api.produce('/topics/orders/partitions/2', [{ key: 'b', partition: 1 }]);
    expect(other).toMatchObject({ status: 422, json: { error_code: 42206, field: 'records[0].partition' } });
    for (const partition of ['4', '-1', 'x', '99999999999', '1.5']) {
      const { status, json: error } = await api.produce(`/topics/orders/partitions/${partition}`, [
        { value: 1 },
      ]);
      expect([status, error]).toMatchObject([404, { error_code: 40402, field: 'partition' }]);
    }
  });
});

describe('errors of single records', () => {
  it('are told record by record, with what is known of the data', async () => {
    const api = await createApi();
    api.broker.onProduce = ({ partition }) => {
      if (partition === 1)
        throw new BrokerError('REQUEST_TIMED_OUT', 'no answer in 5 s', { outcome: 'unknown' });
      if (partition === 2) throw new BrokerError('INVALID_PRODUCER_EPOCH', 'epoch 0, got 1');
    };
    const { status, json } = await api.produce(
      '/topics/orders',
      [0, 1, 2, 7, 0].map((partition) => ({ partition, value: 'v' })),
    );
    expect(status).toBe(200);
    expect((json as ProduceAnswer).offsets).toEqual([
      { partition: 0, offset: 0, error_code: null, error: null },
      {
        partition: 1,
        offset: null,
        error_code: 2,
        error: 'no answer in 5 s',
        outcome: 'unknown',
        kafka_error: 'REQUEST_TIMED_OUT',
      },
      expect.objectContaining({ partition: 2, offset: null, error_code: 1, outcome: 'not-applied' }),
      expect.objectContaining({
        partition: 7,
        offset: null,
        error_code: 1,
        kafka_error: 'UNKNOWN_TOPIC_OR_PARTITION',
      }),
      { partition: 0, offset: 1, error_code: null, error: null },
    ]);
  });

  it('become the error of the request where all records share it', async () => {
    const api = await createApi();
    const failWith = (error: unknown): void => {
      api.broker.onProduce = () => {
        throw error;
      };
    };
    failWith(new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'slow down', { retryAfterMs: 2_400 }));
    const throttled = await api.produce('/topics/orders', [{ partition: 0 }, { partition: 1 }]);
    expect(throttled.status).toBe(429);
    expect(throttled.headers.get('retry-after')).toBe('3');
    expect(throttled.json).toMatchObject({ error_code: 42901, outcome: 'not-applied' });
    failWith(new BrokerError('KAFKA_STORAGE_ERROR', 'S3 says 503', { outcome: 'unknown' }));
    const broken = await api.produce('/topics/orders', [{ partition: 0 }]);
    expect(broken).toMatchObject({
      status: 500,
      json: { error_code: 50003, outcome: 'unknown', message: 'S3 says 503' },
    });
    failWith(new TypeError('secret inside'));
    const bug = await api.produce('/topics/orders', [{ partition: 0 }]);
    expect(bug).toMatchObject({ status: 500, json: { error_code: 500, outcome: 'unknown' } });
  });

  it('leave out a record above max.message.bytes, and cut what is too much for one batch', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'small', configs: { 'max.message.bytes': '500' } });
    const sizes = [200, 200, 600, 200, 200];
    const { status, json } = await api.produce(
      '/topics/small',
      sizes.map((size) => ({ value: 'x'.repeat(size), partition: 0 })),
      { format: 'text' },
    );
    expect(status).toBe(200);
    expect((json as ProduceAnswer).offsets).toMatchObject([
      { offset: 0 },
      { offset: 1 },
      { offset: null, error_code: 1, kafka_error: 'MESSAGE_TOO_LARGE' },
      { offset: 2 },
      { offset: 3 },
    ]);
    for (const { batch } of api.broker.produced) expect(batch.length).toBeLessThanOrEqual(500);
    const alone = await api.produce('/topics/small', [{ value: 'x'.repeat(600) }], { format: 'text' });
    expect(alone).toMatchObject({ status: 413, json: { error_code: 413, field: 'records[0]' } });
  });

  it('stop a partition at the first batch that fails: what is not sent is not applied', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'small', configs: { 'max.message.bytes': '300' } });
    api.broker.onProduce = () => {
      if (api.broker.produced.length === 2)
        throw new BrokerError('REQUEST_TIMED_OUT', 'lost', { outcome: 'unknown' });
    };
    const records = [1, 2, 3].map(() => ({ value: 'x'.repeat(200) }));
    const { json } = await api.produce('/topics/small', records, { format: 'text' });
    expect((json as ProduceAnswer).offsets).toMatchObject([
      { offset: 0 },
      { offset: null, outcome: 'unknown', error: 'lost' },
      { offset: null, outcome: 'not-applied', error: 'not sent, since records before it failed: lost' },
    ]);
    expect(api.broker.produced).toHaveLength(2);
  });
});

describe('idempotent producing', () => {
  const initialised = async (api: Api): Promise<{ producer_id: number; producer_epoch: number }> => {
    const { status, json } = await api.request('POST', '/v3/clusters/cluster-1/producers');
    expect(status).toBe(200);
    const { producer_id, producer_epoch } = json as { producer_id: number; producer_epoch: number };
    return { producer_id, producer_epoch };
  };

  it('answers the original offsets to a retry', async () => {
    const api = await createApi();
    const producer = await initialised(api);
    const send = (sequences: object, value: string): ReturnType<Api['produce']> =>
      api.produce(
        '/topics/orders',
        [0, 1, 0].map((partition) => ({ partition, value })),
        {
          fields: { ...producer, sequences },
        },
      );
    const first = await send({ 0: 0, 1: 0 }, 'a');
    const next = await send({ 0: 2, 1: 1 }, 'b');
    const again = await send({ 0: 0, 1: 0 }, 'a');
    expect(again.json).toEqual(first.json);
    expect((next.json as ProduceAnswer).offsets.map(({ offset }) => offset)).toEqual([2, 1, 3]);
    expect(await api.get('/topics/orders/partitions/0/offsets')).toMatchObject({ json: { end_offset: 4 } });
  });

  it('sends the sequences on from batch to batch, and begins again at 0 after 2^31 - 1', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'small', configs: { 'max.message.bytes': '300' } });
    const producer = await initialised(api);
    const records = [1, 2].map(() => ({ value: 'x'.repeat(200) }));
    const { status } = await api.produce('/topics/small', records, {
      format: 'text',
      fields: { ...producer, sequences: { 0: 2 ** 31 - 1 } },
    });
    expect(status).toBe(200);
    const headers = api.broker.produced.map(({ batch }) => new DataView(batch.buffer, batch.byteOffset));
    expect(headers.map((view) => view.getInt32(53))).toEqual([2 ** 31 - 1, 0]);
    expect(headers.map((view) => view.getBigInt64(43))).toEqual([
      BigInt(producer.producer_id),
      BigInt(producer.producer_id),
    ]);
  });

  it('refuses whole what it cannot number', async () => {
    const api = await createApi();
    const producer = await initialised(api);
    const cases: [unknown[], object, string][] = [
      [[{ partition: 1 }], { ...producer, sequences: { 0: 0 } }, 'sequences'],
      [[{ value: 1 }], { ...producer, sequences: { 0: 0, 1: 0 } }, 'records[0].partition'],
      [[{ value: 1 }], { ...producer }, 'producer_id'],
      [[{ value: 1 }], { sequences: { 0: 0 } }, 'producer_id'],
      [[{ value: 1 }], { ...producer, producer_epoch: 40_000, sequences: { 0: 0 } }, 'producer_epoch'],
      [[{ value: 1 }], { ...producer, sequences: { '-1': 0 } }, 'sequences.-1'],
      [[{ value: 1 }], { ...producer, sequences: { 0: 2 ** 31 } }, 'sequences[0]'],
    ];
    for (const [records, fields, field] of cases) {
      const { status, json } = await api.produce('/topics/orders', records, { fields });
      expect([status, json]).toMatchObject([422, { error_code: 42206, field, outcome: 'not-applied' }]);
    }
    expect(api.broker.produced).toEqual([]);
  });

  it('sends a record without key and partition to the one partition that has a sequence', async () => {
    const api = await createApi();
    const producer = await initialised(api);
    const { json } = await api.produce('/topics/orders', [{ value: 1 }], {
      fields: { ...producer, sequences: { 3: 0 } },
    });
    expect(json).toMatchObject({ offsets: [{ partition: 3, offset: 0 }] });
  });
});
