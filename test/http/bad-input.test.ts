// Bad requests: each gets a clear 4xx that names the field, changes nothing, and is logged once.
import { describe, expect, it } from 'vitest';
import { JSON_DEPTH_MAX, REQUEST_BODY_BYTES_MAX } from '../../lib/http/limits.ts';
import { createApi } from './support/api.ts';

const JSON_TYPE = { 'content-type': 'application/vnd.kafka.json.v2+json' };
const BINARY_TYPE = { 'content-type': 'application/vnd.kafka.binary.v2+json' };
const TEXT_TYPE = { 'content-type': 'application/vnd.kafka.text.v2+json' };

describe('produce bodies', () => {
  const cases: readonly [
    name: string,
    headers: Record<string, string>,
    body: string,
    field: string | undefined,
    message: string,
  ][] = [
    ['nothing', JSON_TYPE, '', undefined, 'not JSON'],
    ['no JSON', JSON_TYPE, '{"records":', undefined, 'not JSON'],
    ['two values', JSON_TYPE, '{"records":[{}]}{}', undefined, 'not JSON'],
    ['a list', JSON_TYPE, '[]', '', 'must be object, got an array'],
    ['no records', JSON_TYPE, '{}', 'records', 'is missing'],
    ['zero records', JSON_TYPE, '{"records":[]}', 'records', 'must not have fewer than 1 items'],
    ['records of another type', JSON_TYPE, '{"records":"all"}', 'records', 'must be array, got "all"'],
    ['an unknown field', JSON_TYPE, '{"records":[{"valeu":1}]}', 'records[0].valeu', 'is not a known field'],
    ['an unknown field at the top', JSON_TYPE, '{"records":[{}],"acks":0}', 'acks', 'is not a known field'],
    ['a field twice', JSON_TYPE, '{"records":[{"value":1,"value":2}]}', 'value', 'is given twice'],
    [
      'a field twice under an escape',
      JSON_TYPE,
      '{"records":[{"value":1,"v\\u0061lue":2}]}',
      'value',
      'is given twice',
    ],
    [
      'a field twice in a value',
      JSON_TYPE,
      '{"records":[{"value":{"a":1,"b":{},"a":2}}]}',
      'a',
      'is given twice',
    ],
    [
      'a negative partition',
      JSON_TYPE,
      '{"records":[{"partition":-1}]}',
      'records[0].partition',
      'must be >= 0, got -1',
    ],
    [
      'a huge partition',
      JSON_TYPE,
      '{"records":[{"partition":1e300}]}',
      'records[0].partition',
      'partition must be',
    ],
    [
      'half a partition',
      BINARY_TYPE,
      '{"records":[{},{"partition":0.5}]}',
      'records[1].partition',
      'must be integer or null, got 0.5',
    ],
    [
      'a partition as text',
      JSON_TYPE,
      '{"records":[{"partition":"0"}]}',
      'records[0].partition',
      'must be integer or null, got "0"',
    ],
    [
      'a timestamp out of range',
      JSON_TYPE,
      '{"records":[{"timestamp":9007199254740993}]}',
      'records[0].timestamp',
      'timestamp must be',
    ],
    [
      'headers without keys',
      JSON_TYPE,
      '{"records":[{"headers":[{"value":""}]}]}',
      'records[0].headers[0].key',
      'is missing',
    ],
    [
      'headers of v3',
      JSON_TYPE,
      '{"records":[{"headers":[{"key":"a","name":"a"}]}]}',
      'records[0].headers[0].name',
      'is not a known field',
    ],
    ['a schema', JSON_TYPE, '{"records":[{}],"value_schema":"{}"}', 'value_schema', 'must be null'],
    [
      'too deep a value',
      JSON_TYPE,
      `{"records":[{"value":${'['.repeat(JSON_DEPTH_MAX)}${']'.repeat(JSON_DEPTH_MAX)}}]}`,
      undefined,
      `deeper than ${JSON_DEPTH_MAX}`,
    ],
    [
      'a far too deep value',
      JSON_TYPE,
      `{"records":[{"value":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`,
      undefined,
      `deeper than ${JSON_DEPTH_MAX}`,
    ],
  ];

  it.each(cases)('refuses %s', async (_name, headers, body, field, message) => {
    const api = await createApi();
    const { status, json } = await api.request('POST', '/topics/orders', { headers, body });
    expect(status).toBe(422);
    expect(json).toMatchObject({
      error_code: 42206,
      outcome: 'not-applied',
      ...(field === undefined ? {} : { field }),
    });
    expect((json as { message: string }).message).toContain(message);
    expect(api.broker.produced).toEqual([]);
  });

  it.each([
    ['base64 of 5 characters', BINARY_TYPE, { value: 'aGVsb' }, 'records[0].value'],
    ['base64 with blanks', BINARY_TYPE, { key: 'aG Vs' }, 'records[0].key'],
    ['base64 for addresses', BINARY_TYPE, { key: '_-8=' }, 'records[0].key'],
    ['padding alone', BINARY_TYPE, { key: '=' }, 'records[0].key'],
    ['a number in binary', BINARY_TYPE, { value: 5 }, 'records[0].value'],
    ['an object in text', TEXT_TYPE, { value: {} }, 'records[0].value'],
    ['half a surrogate pair in text', TEXT_TYPE, { value: '\ud800' }, 'records[0].value'],
    [
      'a header that is not base64',
      JSON_TYPE,
      { headers: [{ key: 'a', value: '!' }] },
      'records[0].headers[0].value',
    ],
  ])('refuses %s', async (_name, headers, record, field) => {
    const api = await createApi();
    const { status, json } = await api.request('POST', '/topics/orders', {
      headers,
      body: { records: [record] },
    });
    expect([status, json]).toMatchObject([422, { error_code: 42207, field, outcome: 'not-applied' }]);
    expect(api.broker.produced).toEqual([]);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const api = await createApi();
    const body = Buffer.concat([
      Buffer.from('{"records":[{"value":"'),
      Buffer.from([0xff]),
      Buffer.from('"}]}'),
    ]);
    const { status, json } = await api.request('POST', '/topics/orders', { headers: JSON_TYPE, body });
    expect([status, json]).toMatchObject([
      422,
      { error_code: 42206, message: 'Payload error. The body is not UTF-8' },
    ]);
  });

  it('takes a body of the limit and refuses one byte more, announced or not', async () => {
    const api = await createApi();
    const around = '{"records":[{"partition":0,"value":""}]}'.length;
    const bodyOf = (bytes: number): string =>
      `{"records":[{"partition":0,"value":"${'A'.repeat(bytes - around)}"}]}`;
    await api.broker.createTopic({ name: 'wide', configs: { 'max.message.bytes': '10000000' } });
    const fits = await api.request('POST', '/topics/wide', {
      headers: TEXT_TYPE,
      body: bodyOf(REQUEST_BODY_BYTES_MAX),
    });
    expect(fits.status).toBe(200);
    const headers = { ...TEXT_TYPE, 'content-length': String(REQUEST_BODY_BYTES_MAX + 1) };
    for (const sent of [TEXT_TYPE, headers]) {
      const body = bodyOf(REQUEST_BODY_BYTES_MAX + 1);
      const { status, json } = await api.request('POST', '/topics/wide', { headers: sent, body });
      expect([status, json]).toMatchObject([413, { error_code: 413, outcome: 'not-applied' }]);
      expect((json as { message: string }).message).toContain(`${REQUEST_BODY_BYTES_MAX} bytes`);
    }
    expect(api.broker.produced).toHaveLength(1);
  });
});

describe('methods, paths and types', () => {
  it('answers 404 to paths that are not served', async () => {
    const { get } = await createApi();
    for (const path of [
      '/',
      '/topic',
      '/topics//',
      '/v3/clusters/cluster-1/acls',
      '/topics/orders/partitions/0/records/1',
    ]) {
      expect(await get(path), path).toMatchObject({
        status: 404,
        json: { error_code: 404, outcome: 'not-applied' },
      });
    }
  });

  it('answers 405 with Allow', async () => {
    const { request } = await createApi();
    const put = await request('PUT', '/topics/orders');
    expect(put).toMatchObject({ status: 405, json: { error_code: 405 } });
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST');
    expect((await request('DELETE', '/topics/orders')).headers.get('allow')).toBe('GET, HEAD, POST');
    expect((await request('PATCH', '/v3/clusters/cluster-1/producers')).headers.get('allow')).toBe('POST');
  });

  it('answers 415 to other bodies', async () => {
    const { request } = await createApi();
    const body = '{"records":[{"value":1}]}';
    for (const type of ['application/json', 'application/vnd.kafka.avro.v2+json', 'text/plain']) {
      const answer = await request('POST', '/topics/orders', { headers: { 'content-type': type }, body });
      expect(answer).toMatchObject({ status: 415, json: { error_code: 415 } });
    }
    const zipped = await request('POST', '/topics/orders', {
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      body,
    });
    expect(zipped).toMatchObject({ status: 415, json: { error_code: 415 } });
    const v3 = await request('POST', '/v3/clusters/cluster-1/topics', { headers: JSON_TYPE, body: '{}' });
    expect(v3).toMatchObject({ status: 415 });
  });

  it('answers 406 where nothing is accepted, before anything is done', async () => {
    const { get, request, broker } = await createApi();
    expect(await get('/topics', { accept: 'text/html' })).toMatchObject({
      status: 406,
      json: { error_code: 406 },
    });
    expect(await get('/v3/clusters', { accept: 'application/vnd.kafka.v2+json' })).toMatchObject({
      status: 406,
    });
    const headers = { ...JSON_TYPE, accept: 'application/xml' };
    expect(await request('POST', '/topics/orders', { headers, body: { records: [{}] } })).toMatchObject({
      status: 406,
    });
    expect(broker.produced).toEqual([]);
  });

  it('answers errors in the type of the API that was asked', async () => {
    const { get } = await createApi();
    expect((await get('/topics/none')).headers.get('content-type')).toBe('application/vnd.kafka.v2+json');
    expect((await get('/topics/none', { accept: 'application/json' })).headers.get('content-type')).toBe(
      'application/json',
    );
    expect((await get('/v3/clusters/other')).headers.get('content-type')).toBe('application/json');
  });
});

describe('queries', () => {
  it.each([
    ['offset=-1', 'offset'],
    ['offset=abc', 'offset'],
    ['offset=1.5', 'offset'],
    ['offset=', 'offset'],
    ['offset=99999999999999999999', 'offset'],
    ['offset=1&offset=2', 'offset'],
    ['max_bytes=0', 'max_bytes'],
    ['timeout=-5', 'timeout'],
    ['format=avro', 'format'],
    ['ofset=3', 'ofset'],
  ])('refuses ?%s', async (query, field) => {
    const { get } = await createApi();
    const answer = await get(`/topics/orders/partitions/0/records?${query}`);
    expect(answer).toMatchObject({ status: 400, json: { error_code: 40002, field, outcome: 'not-applied' } });
  });

  it('refuses acks that Kafka does not have, and passes over what signs a request', async () => {
    const { request, get } = await createApi();
    const refused = await request('POST', '/topics/orders?acks=2', {
      headers: JSON_TYPE,
      body: { records: [{}] },
    });
    expect(refused).toMatchObject({ status: 400, json: { error_code: 40002, field: 'acks' } });
    const signed = await get('/topics/orders/partitions/0/records?timeout=0&X-Amz-Signature=1&X-Amz-Date=2');
    expect(signed.status).toBe(200);
  });
});

describe('the log', () => {
  it('has one entry for each request, by the path of its route, with what went wrong inside', async () => {
    const { get, broker, log } = await createApi();
    await get('/topics/orders');
    await get('/nothing');
    broker.clusterId = () => Promise.reject(new TypeError('no storage'));
    const answer = await get('/ready');
    expect(answer).toMatchObject({ status: 500, json: { message: 'Internal Server Error' } });
    expect(log).toMatchObject([
      { method: 'GET', path: '/topics/{topic}', status: 200 },
      { method: 'GET', path: '/nothing', status: 404 },
      { method: 'GET', path: '/ready', status: 500, error: new TypeError('no storage') },
    ]);
    expect(log.every(({ durationMs }) => durationMs >= 0)).toBe(true);
  });
});
