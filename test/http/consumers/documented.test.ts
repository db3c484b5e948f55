// The sequences of requests that Confluent documents for REST Proxy v2, and Karapace in its README: the same paths, headers
// and bodies, and the answers that are documented for them.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  BINARY_V2,
  createProcesses,
  JSON_V2,
  type Process,
  TEXT_V2,
  V2,
} from '../support/consumer-processes.ts';
import type { Answer } from '../support/api.ts';

let process: Process;

beforeEach(async () => {
  const topics = { jsontest: 1, binarytest: 1, texttest: 1, my_topic: 1, test: 2 };
  process = (await createProcesses({ topics })).processes[0];
});

/** As curl sends it, which accepts everything unless it is told otherwise. */
function curl(method: string, path: string, headers: Record<string, string>, data?: string): Promise<Answer> {
  return process.api.request(method, path, {
    headers: { accept: '*/*', ...headers },
    ...(data !== undefined && { body: data }),
  });
}

const noContent = { status: 204, text: '' };

async function quickstart(format: 'json' | 'binary' | 'text', data: string, record: object): Promise<void> {
  const [group, topic] = [`my_${format}_consumer`, `${format}test`];
  const [type] = { json: [JSON_V2], binary: [BINARY_V2], text: [TEXT_V2] }[format];
  const produced = await curl('POST', `/topics/${topic}`, { 'content-type': type as string }, data);
  expect(produced).toMatchObject({
    status: 200,
    json: { offsets: [{ partition: 0, offset: 0, error_code: null, error: null }], key_schema_id: null },
  });
  const created = await curl(
    'POST',
    `/consumers/${group}`,
    { 'content-type': V2, accept: V2 },
    `{"name": "my_consumer_instance", "format": "${format}", "auto.offset.reset": "earliest"}`,
  );
  expect(created).toMatchObject({
    status: 200,
    json: {
      instance_id: 'my_consumer_instance',
      base_uri: `http://127.0.0.1/consumers/${group}/instances/my_consumer_instance`,
    },
  });
  expect(created.headers.get('content-type')).toBe(V2);
  const { pathname } = new URL((created.json as { base_uri: string }).base_uri);
  expect(
    await curl('POST', `${pathname}/subscription`, { 'content-type': V2 }, `{"topics":["${topic}"]}`),
  ).toMatchObject(noContent);
  const records = await curl('GET', `${pathname}/records`, { accept: type as string });
  expect(records.headers.get('content-type')).toBe(type);
  expect(records).toMatchObject({ status: 200, json: [{ ...record, partition: 0, offset: 0, topic }] });
  expect(await curl('DELETE', pathname, { 'content-type': V2 })).toMatchObject(noContent);
}

describe("Confluent's quickstart", () => {
  it('reads JSON', () =>
    quickstart('json', '{"records":[{"value":{"name": "testUser"}}]}', {
      key: null,
      value: { name: 'testUser' },
    }));

  it('reads binary', () =>
    quickstart('binary', '{"records":[{"key":"a2V5","value":"S2Fma2E="}]}', {
      key: 'a2V5',
      value: 'S2Fma2E=',
    }));

  it('reads text', () =>
    quickstart('text', '{"records":[{"key":"k","value":"zwölf"}]}', { key: 'k', value: 'zwölf' }));

  it('is told that formats with schemas are not served', async () => {
    const body = '{"name": "my_consumer_instance", "format": "avro", "auto.offset.reset": "earliest"}';
    const answer = await curl('POST', '/consumers/my_avro_consumer', { 'content-type': V2 }, body);
    expect(answer).toMatchObject({ status: 422, json: { error_code: 42204, field: 'format' } });
    expect(answer.text).toContain('formats with schemas are not served');
  });
});

describe("Confluent's API reference", () => {
  const base = '/consumers/testgroup/instances/my_consumer';
  const send = (method: string, path: string, body: object) =>
    curl(method, base + path, { 'content-type': V2 }, JSON.stringify(body));

  beforeEach(async () => {
    const body = {
      name: 'my_consumer',
      format: 'binary',
      'auto.offset.reset': 'earliest',
      'auto.commit.enable': 'false',
    };
    await curl('POST', '/consumers/testgroup', { 'content-type': V2 }, JSON.stringify(body));
    for (const partition of [0, 1])
      await process.produce(
        'test',
        partition,
        Array.from({ length: 30 }, (_, at) => at),
      );
  });

  it('subscribes, shows the subscription and ends it', async () => {
    expect(await send('POST', '/subscription', { topics: ['test', 'jsontest'] })).toMatchObject(noContent);
    expect(await curl('GET', `${base}/subscription`, { accept: V2 })).toMatchObject({
      status: 200,
      json: { topics: ['test', 'jsontest'] },
    });
    expect(await curl('DELETE', `${base}/subscription`, { accept: V2 })).toMatchObject(noContent);
    expect(await curl('GET', `${base}/subscription`, { accept: V2 })).toMatchObject({ json: { topics: [] } });
  });

  it('assigns, seeks, reads, commits and asks for what is committed', async () => {
    const partitions = [
      { topic: 'test', partition: 0 },
      { topic: 'test', partition: 1 },
    ];
    expect(await send('POST', '/assignments', { partitions })).toMatchObject(noContent);
    expect(await curl('GET', `${base}/assignments`, { accept: V2 })).toMatchObject({
      status: 200,
      json: { partitions },
    });
    const offsets = [
      { topic: 'test', partition: 0, offset: 20 },
      { topic: 'test', partition: 1, offset: 30 },
    ];
    expect(await send('POST', '/positions', { offsets })).toMatchObject(noContent);
    const records = await curl('GET', `${base}/records?timeout=3000&max_bytes=300000`, { accept: BINARY_V2 });
    expect(records.json).toHaveLength(10);
    expect((records.json as unknown[])[0]).toMatchObject({
      topic: 'test',
      partition: 0,
      offset: 20,
      value: 'MjA=',
    });
    expect(await send('POST', '/offsets', { offsets })).toMatchObject({ status: 200, json: [] });
    const committed = await process.api.app.request(
      `http://127.0.0.1${base}/offsets`,
      { headers: { accept: V2, 'content-type': V2, 'content-length': '1' } },
      { incoming: bodyOf(JSON.stringify({ partitions })) },
    );
    expect(await committed.json()).toEqual({
      offsets: [
        { topic: 'test', partition: 0, offset: 21, metadata: '' },
        { topic: 'test', partition: 1, offset: 31, metadata: '' },
      ],
    });
    expect(await send('POST', '/positions/beginning', { partitions })).toMatchObject(noContent);
    expect((await curl('GET', `${base}/records`, { accept: BINARY_V2 })).json).toHaveLength(60);
    expect(await send('POST', '/positions/end', { partitions })).toMatchObject(noContent);
    expect((await curl('GET', `${base}/records?timeout=1`, { accept: BINARY_V2 })).json).toEqual([]);
  });
});

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield Promise.resolve(Buffer.from(text));
}

describe("Karapace's README", () => {
  it('creates, subscribes, consumes, commits with an empty object and deletes', async () => {
    const produced = await curl(
      'POST',
      '/topics/my_topic',
      { 'content-type': JSON_V2 },
      '{"records": [{"value": {"name": "name0"}}]}',
    );
    expect(produced.status).toBe(200);
    const created = await curl(
      'POST',
      '/consumers/avro_consumers',
      { 'content-type': V2, accept: V2 },
      '{"name": "my_consumer", "format": "json", "auto.offset.reset": "earliest"}',
    );
    expect(created).toMatchObject({ status: 200, json: { instance_id: 'my_consumer' } });
    const base = '/consumers/avro_consumers/instances/my_consumer';
    expect(
      await curl('POST', `${base}/subscription`, { 'content-type': V2 }, '{"topics":["my_topic"]}'),
    ).toMatchObject(noContent);
    expect(await curl('GET', `${base}/records?timeout=1000`, { accept: JSON_V2 })).toMatchObject({
      status: 200,
      json: [{ topic: 'my_topic', partition: 0, offset: 0, key: null, value: { name: 'name0' } }],
    });
    expect((await curl('POST', `${base}/offsets`, { 'content-type': V2 }, '{}')).status).toBe(200);
    const committed = await process.broker.groups.fetchOffsets({ groupId: 'avro_consumers' });
    expect(committed).toMatchObject([{ topic: 'my_topic', partition: 0, offset: 1 }]);
    expect(await curl('DELETE', base, { accept: V2 })).toMatchObject(noContent);
    expect(await curl('GET', `${base}/records`, { accept: JSON_V2 })).toMatchObject({
      status: 404,
      json: { error_code: 40403 },
    });
  });
});
