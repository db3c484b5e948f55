// Each error of the consumer routes with its status, code and field, and what is taken that looks odd.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  BINARY_V2,
  createProcesses,
  JSON_V2,
  type Process,
  TEXT_V2,
  V2,
} from '../support/consumer-processes.ts';

let process: Process;
let skip: (durationMs: number) => void;

beforeEach(async () => {
  const created = await createProcesses();
  process = created.processes[0];
  skip = created.skip;
});

const create = (body: unknown) => process.post('/consumers/g', body);

describe('creating', () => {
  it.each([
    [{ format: 'avro' }, 'format'],
    [{ format: 'xml' }, 'format'],
    [{ 'auto.offset.reset': 'smallest' }, 'auto.offset.reset'],
    [{ 'auto.offset.reset': 3 }, 'auto.offset.reset'],
    [{ 'auto.commit.enable': 'yes' }, 'auto.commit.enable'],
    [{ 'fetch.min.bytes': -10 }, 'fetch.min.bytes'],
    [{ 'fetch.min.bytes': '-10' }, 'fetch.min.bytes'],
    [{ 'fetch.min.bytes': 10_000_001 }, 'fetch.min.bytes'],
    [{ 'consumer.request.timeout.ms': -1 }, 'consumer.request.timeout.ms'],
    [{ 'consumer.request.timeout.ms': 'soon' }, 'consumer.request.timeout.ms'],
    [{ 'session.timeout.ms': 5_999 }, 'session.timeout.ms'],
    [{ 'session.timeout.ms': '1800001' }, 'session.timeout.ms'],
    [{ 'enable.auto.commit': true }, 'enable.auto.commit'],
    [{ name: '' }, 'name'],
    [{ name: 7 }, 'name'],
    [[], undefined],
  ])('refuses %j with 42204', async (body, field) => {
    const answer = await create(body);
    expect(answer).toMatchObject({ status: 422, json: { error_code: 42204, outcome: 'not-applied' } });
    expect((answer.json as { field?: string }).field).toBe(field);
  });

  it('takes numbers and booleans as text, null for what is left out, any case of a format', async () => {
    const body = {
      name: 'c',
      format: 'JSON',
      'auto.commit.enable': 'False',
      'auto.offset.reset': null,
      'fetch.min.bytes': '100',
      'consumer.request.timeout.ms': 5,
    };
    expect((await create(body)).status).toBe(200);
    const stored = await process.broker.instances.get({ groupId: 'g', name: 'c' });
    expect(stored?.instance.config).toEqual({
      ...{ format: 'json', autoOffsetReset: 'latest', autoCommit: false, fetchMinBytes: 100 },
      ...{ requestTimeoutMs: 5, sessionTimeoutMs: 300_000 },
    });
  });

  it('makes up a name and takes no body at all', async () => {
    const answer = await create(undefined);
    const { instance_id: name, base_uri: uri } = answer.json as { instance_id: string; base_uri: string };
    expect(name).toMatch(/^rest-consumer-[0-9a-f-]{36}$/);
    expect(uri).toBe(`http://127.0.0.1/consumers/g/instances/${name}`);
    const stored = await process.broker.instances.get({ groupId: 'g', name });
    expect(stored?.instance.config).toMatchObject({ format: 'binary', autoCommit: true, fetchMinBytes: 1 });
  });

  it('writes names into addresses so that they lead back', async () => {
    const answer = await process.post('/consumers/my%20group', { name: 'a/b c' });
    const { base_uri: uri } = answer.json as { base_uri: string };
    expect(uri).toBe('http://127.0.0.1/consumers/my%20group/instances/a%2Fb%20c');
    expect((await process.get(`${new URL(uri).pathname}/subscription`)).status).toBe(200);
  });

  it('answers 40902 to a name that is there, and takes it again when it is gone', async () => {
    const base = await process.createConsumer('g', 'c');
    expect(await create({ name: 'c' })).toMatchObject({
      status: 409,
      json: { error_code: 40902, field: 'name' },
    });
    expect((await process.post('/consumers/other', { name: 'c' })).status).toBe(200);
    expect((await process.remove(base)).status).toBe(204);
    expect((await create({ name: 'c' })).status).toBe(200);
  });

  it('refuses what is no JSON, other types, and what answers cannot be', async () => {
    const raw = (headers: Record<string, string>, body: string) =>
      process.api.request('POST', '/consumers/g', { headers, body });
    expect(await raw({ 'content-type': V2 }, '{"name"')).toMatchObject({
      status: 422,
      json: { error_code: 42206 },
    });
    expect(await raw({ 'content-type': V2 }, '{"name":"a","name":"b"}')).toMatchObject({ status: 422 });
    expect(await raw({ 'content-type': 'text/plain' }, '{}')).toMatchObject({ status: 415 });
    expect(await raw({ 'content-type': V2, accept: 'text/html' }, '{}')).toMatchObject({ status: 406 });
    expect(await process.post(`/consumers/${'g'.repeat(501)}`, {})).toMatchObject({ status: 400 });
    expect(await create({ name: 'n'.repeat(401) })).toMatchObject({ status: 400, json: { field: 'name' } });
  });
});

describe('a consumer that is not there', () => {
  const base = '/consumers/g/instances/none';
  const places = { partitions: [{ topic: 'orders', partition: 0 }] };
  const offsets = { offsets: [{ topic: 'orders', partition: 0, offset: 0 }] };

  it.each([
    ['DELETE', '', undefined],
    ['POST', '/subscription', { topics: ['orders'] }],
    ['GET', '/subscription', undefined],
    ['DELETE', '/subscription', undefined],
    ['POST', '/assignments', places],
    ['GET', '/assignments', undefined],
    ['POST', '/positions', offsets],
    ['POST', '/positions/beginning', places],
    ['POST', '/positions/end', places],
    ['GET', '/records', undefined],
    ['POST', '/offsets', offsets],
    ['GET', '/offsets?topic=orders', undefined],
  ])('%s %s answers 40403', async (method, path, body) => {
    const headers = { 'content-type': V2 };
    const answer = await process.api.request(method, base + path, { headers, ...(body && { body }) });
    expect(answer).toMatchObject({ status: 404, json: { error_code: 40403, field: 'instance' } });
  });

  it('is one that was not used for its session timeout', async () => {
    const used = await process.createConsumer('g', 'used', { 'session.timeout.ms': 6_000 });
    const unused = await process.createConsumer('g', 'unused', { 'session.timeout.ms': 6_000 });
    for (let count = 0; count < 4; count++) {
      skip(5_000);
      expect((await process.get(`${used}/assignments`)).status).toBe(200);
    }
    expect(await process.get(`${unused}/assignments`)).toMatchObject({
      status: 404,
      json: { error_code: 40403 },
    });
    expect((await create({ name: 'unused' })).status).toBe(200);
  });
});

describe('what a consumer cannot do', () => {
  let base: string;

  beforeEach(async () => {
    base = await process.createConsumer('g', 'c');
  });

  const illegal = { status: 409, json: { error_code: 40903 } };

  it('is to have a subscription and an assignment', async () => {
    const assignment = { partitions: [{ topic: 'orders', partition: 0 }] };
    await process.post(`${base}/subscription`, { topics: ['orders'] });
    expect(await process.post(`${base}/assignments`, assignment)).toMatchObject(illegal);
    expect(await process.post(`${base}/subscription`, { topic_pattern: 'o.*' })).toMatchObject(illegal);
    await process.remove(`${base}/subscription`);
    expect((await process.post(`${base}/assignments`, assignment)).status).toBe(204);
    expect(await process.post(`${base}/subscription`, { topics: ['orders'] })).toMatchObject(illegal);
    expect(await process.post(`${base}/subscription`, { topic_pattern: 'o.*' })).toMatchObject(illegal);
    expect((await process.get(`${base}/assignments`)).json).toEqual(assignment);
  });

  it('is to subscribe to both forms or none', async () => {
    expect(await process.post(`${base}/subscription`, { topics: ['a'], topic_pattern: 'b' })).toMatchObject(
      illegal,
    );
    expect(await process.post(`${base}/subscription`, {})).toMatchObject(illegal);
  });

  it('is to read nothing, and to seek in what it does not read', async () => {
    expect(await process.get(`${base}/records`, JSON_V2)).toMatchObject(illegal);
    const offsets = [{ topic: 'orders', partition: 0, offset: 3 }];
    expect(await process.post(`${base}/positions`, { offsets })).toMatchObject(illegal);
    await process.post(`${base}/subscription`, { topics: ['orders'] });
    const refused = await process.post(`${base}/positions`, { offsets });
    expect(refused).toMatchObject(illegal);
    expect(refused.text).toContain('is assigned partitions by reading');
  });

  it.each([
    ['/assignments', 'partitions', {}],
    ['/positions', 'offsets', { offset: 0 }],
    ['/positions/beginning', 'partitions', {}],
    ['/positions/end', 'partitions', {}],
    ['/offsets', 'offsets', { offset: 0 }],
  ])('%s names topics and partitions that there are', async (path, list, more) => {
    const send = (place: object) => process.post(base + path, { [list]: [{ ...place, ...more }] });
    expect(await send({ topic: 'none', partition: 0 })).toMatchObject({
      status: 404,
      json: { error_code: 40401 },
    });
    expect(await send({ topic: 'orders', partition: 4 })).toMatchObject({
      status: 404,
      json: { error_code: 40402 },
    });
    expect(await send({ topic: 'orders', partition: -1 })).toMatchObject({
      status: 422,
      json: { error_code: 42206, field: `${list}[0].partition` },
    });
    expect(await send({ topic: 'orders' })).toMatchObject({
      status: 422,
      json: { field: `${list}[0].partition` },
    });
    expect(await send({ topic: 'orders', partition: 0, replica: 1 })).toMatchObject({
      status: 422,
      json: { field: `${list}[0].replica` },
    });
    expect(await process.post(base + path, [])).toMatchObject({ status: 422, json: { error_code: 42206 } });
  });

  it('needs a body where there is something to say', async () => {
    for (const path of ['/subscription', '/assignments', '/positions', '/positions/end'])
      expect(await process.post(base + path)).toMatchObject({ status: 422, json: { error_code: 42206 } });
    expect(await process.post(`${base}/subscription`, { topics: 'orders' })).toMatchObject({ status: 422 });
    expect(await process.post(`${base}/subscription`, { topic_pattern: ['o'] })).toMatchObject({
      status: 422,
    });
    expect(await process.post(`${base}/subscription`, { topic_pattern: '' })).toMatchObject({ status: 422 });
    expect(await process.post(`${base}/subscription`, { topic_pattern: 'a(' })).toMatchObject({
      status: 422,
      json: { kafka_error: 'INVALID_REGULAR_EXPRESSION', field: 'topic_pattern' },
    });
  });

  it('is to seek to two offsets of a partition, or below zero', async () => {
    await process.post(`${base}/assignments`, { partitions: [{ topic: 'orders', partition: 0 }] });
    const at = (offset: number) => ({ topic: 'orders', partition: 0, offset });
    expect(await process.post(`${base}/positions`, { offsets: [at(1), at(2)] })).toMatchObject({
      status: 422,
    });
    expect(await process.post(`${base}/positions`, { offsets: [at(-1)] })).toMatchObject({ status: 422 });
  });

  it('is to ask for no committed offsets', async () => {
    expect(await process.get(`${base}/offsets`)).toMatchObject({ status: 404, json: { error_code: 40402 } });
    expect(await process.get(`${base}/offsets?partition=0`)).toMatchObject({
      status: 400,
      json: { field: 'topic' },
    });
    expect(await process.get(`${base}/offsets?topic=none`)).toMatchObject({
      status: 404,
      json: { error_code: 40401 },
    });
    expect(await process.get(`${base}/offsets?topic=orders&partition=9`)).toMatchObject({
      status: 404,
      json: { error_code: 40402 },
    });
    expect((await process.get(`${base}/offsets?topic=orders`)).json).toEqual({ offsets: [] });
  });

  it('is to commit more metadata than fits', async () => {
    const offsets = [{ topic: 'orders', partition: 0, offset: 0, metadata: 'm'.repeat(5_000) }];
    expect(await process.post(`${base}/offsets`, { offsets })).toMatchObject({
      status: 422,
      json: { kafka_error: 'OFFSET_METADATA_TOO_LARGE' },
    });
  });
});

describe('reading in another format', () => {
  it('answers 40601, and the own format where anything goes', async () => {
    const base = await process.createConsumer('g', 'c');
    await process.post(`${base}/assignments`, { partitions: [{ topic: 'orders', partition: 0 }] });
    await process.produce('orders', 0, [1]);
    for (const accept of [BINARY_V2, TEXT_V2, V2, 'application/vnd.kafka.avro.v2+json']) {
      const answer = await process.get(`${base}/records`, accept);
      expect(answer).toMatchObject({ status: 406, json: { error_code: 40601 } });
    }
    expect(await process.get(`${base}/records`, 'text/html')).toMatchObject({
      status: 406,
      json: { error_code: 406 },
    });
    const answer = await process.get(`${base}/records`, `${BINARY_V2};q=0.5, */*;q=0.1, ${JSON_V2}`);
    expect(answer).toMatchObject({ status: 200, json: [{ value: 1 }] });
    await process.produce('orders', 0, [2]);
    const plain = await process.get(`${base}/records`, 'application/json');
    expect(plain).toMatchObject({ status: 200, json: [{ value: 2 }] });
    expect(plain.headers.get('content-type')).toBe('application/json');
    const binary = await process.createConsumer('g2', 'c', { format: 'binary' });
    await process.post(`${binary}/assignments`, { partitions: [{ topic: 'orders', partition: 0 }] });
    expect(await process.get(`${binary}/records`, V2)).toMatchObject({
      status: 200,
      json: [{ value: 'MQ==' }, {}],
    });
  });

  it('answers 40601 at a record that does not fit, and goes on after a seek', async () => {
    const base = await process.createConsumer('g', 'c');
    await process.post(`${base}/assignments`, { partitions: [{ topic: 'orders', partition: 0 }] });
    await process.produce('orders', 0, [1]);
    await process.api.produce('/topics/orders/partitions/0', [{ value: '{"half' }], { format: 'text' });
    await process.produce('orders', 0, [3]);
    expect(await process.read(base)).toEqual([1]);
    const refused = await process.get(`${base}/records?timeout=0`, JSON_V2);
    expect(refused).toMatchObject({ status: 406, json: { error_code: 40601, offset: 1, next_offset: 2 } });
    expect(refused.text).toContain('seek to offset 2');
    const offsets = [{ topic: 'orders', partition: 0, offset: 2 }];
    await process.post(`${base}/positions`, { offsets });
    expect(await process.read(base)).toEqual([3]);
  });

  it('refuses HEAD, which would read for nobody, and unknown parameters', async () => {
    const base = await process.createConsumer('g', 'c');
    await process.post(`${base}/assignments`, { partitions: [{ topic: 'orders', partition: 0 }] });
    await process.produce('orders', 0, [1]);
    expect((await process.api.request('HEAD', `${base}/records`)).status).toBe(405);
    for (const query of ['timeout=-1', 'timeout=x', 'max_bytes=0', 'limit=3'])
      expect(await process.get(`${base}/records?${query}`)).toMatchObject({
        status: 400,
        json: { error_code: 40002 },
      });
    expect(await process.read(base)).toEqual([1]);
  });
});
