// Producing in the v3 API: one record, or several that follow each other.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { recordsOf } from '../../lib/record/record-batch.ts';
import { type Answer, type Api, createApi } from './support/api.ts';

const PATH = '/v3/clusters/cluster-1/topics/orders/records';

const send = (api: Api, body: unknown, path = PATH): Promise<Answer> =>
  api.request('POST', path, { headers: { 'content-type': 'application/json' }, body });

describe('POST .../records', () => {
  it('stores a record and reports it', async () => {
    const api = await createApi();
    const { status, json } = await send(api, {
      partition_id: 1,
      headers: [{ name: 'h', value: 'AQI=' }, { name: 'n' }],
      key: { type: 'BINARY', data: 'Zm9v' },
      value: { type: 'JSON', data: { a: [1, 12345678901234] } },
      timestamp: '2021-02-05T19:14:42.123Z',
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      error_code: 200,
      cluster_id: 'cluster-1',
      topic_name: 'orders',
      partition_id: 1,
      offset: 0,
      timestamp: '2021-02-05T19:14:42.123Z',
      key: { type: 'BINARY', size: 3 },
      value: { type: 'JSON', size: 24 },
    });
    const [record] = recordsOf(api.broker.produced[0]?.batch ?? new Uint8Array());
    expect(record).toMatchObject({ timestampMs: Date.UTC(2021, 1, 5, 19, 14, 42, 123) });
    expect(Buffer.from(record?.key ?? []).toString()).toBe('foo');
    expect(Buffer.from(record?.value ?? []).toString()).toBe('{"a":[1,12345678901234]}');
    expect(record?.headers.map(({ key, value }) => [key, value && [...value]])).toEqual([
      ['h', [1, 2]],
      ['n', null],
    ]);
  });

  it('keeps null, absent and empty apart', async () => {
    const api = await createApi();
    const bodies = [
      {},
      { key: null, value: { type: 'STRING', data: null } },
      { key: { type: 'JSON' }, value: { type: 'STRING', data: '' } },
    ];
    for (const body of bodies) expect((await send(api, { partition_id: 0, ...body })).status).toBe(200);
    const pairs = api.broker.produced.flatMap(({ batch }) =>
      [...recordsOf(batch)].map(({ key, value }) => [key?.length ?? null, value?.length ?? null]),
    );
    expect(pairs).toEqual([
      [null, null],
      [null, null],
      [null, 0],
    ]);
  });

  it('takes several records, and reports them in their order under 200', async () => {
    const api = await createApi();
    const body = [
      '{"partition_id":0,"value":{"type":"STRING","data":"}{\\""}}',
      '{"partition_id":0,"value":{"type":"BINARY","data":"!"}}\n',
      '{"partition_id":9}',
      '  {"partition_id":0,"value":{"type":"STRING","data":"b"}}',
      '{"partition_id":0,"vlue":{}}',
      '{"partition_id":',
    ].join('');
    const { status, text } = await send(api, body);
    expect(status).toBe(200);
    const reports = text
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line) as object);
    expect(reports).toMatchObject([
      { error_code: 200, partition_id: 0, offset: 0 },
      { error_code: 42207, field: 'value.data', outcome: 'not-applied' },
      {
        error_code: 40401,
        field: 'partition_id',
        message: 'Partition not found: orders has partitions 0 to 3, got 9',
      },
      { error_code: 200, partition_id: 0, offset: 1 },
      { error_code: 42206, field: 'vlue' },
      { error_code: 42206 },
    ]);
    expect(api.broker.produced).toHaveLength(1);
  });

  it.each([
    ['', 422, 42206],
    ['{', 422, 42206],
    ['[]', 422, 42206],
    ['{"value":{"data":1}}', 422, 42206],
    ['{"value":{"type":"AVRO","data":1}}', 422, 42206],
    ['{"partition_id":-1}', 422, 42206],
    ['{"timestamp":5}', 422, 42206],
    ['{"timestamp":"yesterday"}', 422, 42206],
    ['{"timestamp":"1969-12-31T23:59:59Z"}', 422, 42207],
    ['{"value":{"type":"STRING","data":5}}', 422, 42207],
    ['{"headers":[{"name":"a","value":"?"}]}', 422, 42207],
    ['{"partition_id":4}', 404, 40401],
  ])('answers %s alone with %i', async (body, status, code) => {
    const api = await createApi();
    expect(await send(api, body)).toMatchObject({
      status,
      json: { error_code: code, outcome: 'not-applied' },
    });
    expect(api.broker.produced).toEqual([]);
  });

  it('answers what the broker refuses with its status', async () => {
    const api = await createApi();
    api.broker.onProduce = () => {
      throw new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'slow down');
    };
    expect(await send(api, {})).toMatchObject({ status: 429, json: { error_code: 42901 } });
    expect(await send(api, {}, PATH.replace('orders', 'none'))).toMatchObject({
      status: 404,
      json: { error_code: 40401 },
    });
    expect(await send(api, {}, PATH.replace('cluster-1', 'c2'))).toMatchObject({
      status: 404,
      json: { error_code: 404 },
    });
  });
});
