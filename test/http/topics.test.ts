// Topics, partitions, configs and the cluster, in both API versions.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { CONFIG_DEFINITIONS } from '../../lib/topics/config-definitions.ts';
import { type Answer, type Api, createApi } from './support/api.ts';

const V3 = '/v3/clusters/cluster-1';

const create = (api: Api, body: unknown): Promise<Answer> =>
  api.request('POST', `${V3}/topics`, { headers: { 'content-type': 'application/json' }, body });

describe('v2', () => {
  it('lists, describes, and gives partitions with one leader', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'a.b-c_d', configs: { 'retention.ms': '5' } });
    const partition = { partition: 0, leader: 0, replicas: [{ broker: 0, leader: true, in_sync: true }] };
    expect((await api.get('/topics')).json).toEqual(['a.b-c_d', 'orders']);
    expect((await api.get('/topics/a.b-c_d')).json).toEqual({
      name: 'a.b-c_d',
      configs: expect.objectContaining({ 'max.message.bytes': '1048588', 'retention.ms': '5' }) as unknown,
      partitions: [partition],
    });
    expect((await api.get('/topics/orders/partitions')).json).toHaveLength(4);
    expect((await api.get('/topics/orders/partitions/3')).json).toEqual({ ...partition, partition: 3 });
    const head = await api.request('HEAD', '/topics/orders');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('gives offsets, half-open', async () => {
    const api = await createApi();
    await api.produce('/topics/orders/partitions/1', [{ value: 1 }, { value: 2 }, { value: 3 }]);
    api.broker.trim('orders', 1, 2);
    const offsets = await api.get('/topics/orders/partitions/1/offsets');
    expect(offsets.json).toEqual({ beginning_offset: 2, end_offset: 3 });
  });

  it('says which of topic and partition is missing', async () => {
    const { get } = await createApi();
    for (const path of [
      '',
      '/partitions',
      '/partitions/0',
      '/partitions/0/offsets',
      '/partitions/0/records',
    ]) {
      const answer = await get(`/topics/none${path}`);
      expect(answer, path).toMatchObject({
        status: 404,
        json: { error_code: 40401, outcome: 'not-applied' },
      });
    }
    for (const partition of ['4', '-1', '0x1', '2147483648', 'one']) {
      for (const path of ['', '/offsets', '/records?timeout=0']) {
        const answer = await get(`/topics/orders/partitions/${partition}${path}`);
        expect(answer, partition + path).toMatchObject({ status: 404, json: { error_code: 40402 } });
        expect(answer.text).toContain(`orders has partitions 0 to 3, got ${partition}`);
      }
    }
  });
});

describe('v3', () => {
  it('shows the cluster, and none other', async () => {
    const { get } = await createApi();
    const cluster = await get(V3);
    expect(cluster.json).toMatchObject({
      kind: 'KafkaCluster',
      metadata: { self: `http://127.0.0.1${V3}`, resource_name: 'crn:///kafka=cluster-1' },
      cluster_id: 'cluster-1',
      topics: { related: `http://127.0.0.1${V3}/topics` },
    });
    const list = await get('/v3/clusters');
    expect(list.json).toEqual({
      kind: 'KafkaClusterList',
      metadata: { self: 'http://127.0.0.1/v3/clusters', next: null },
      data: [cluster.json],
    });
    expect(await get('/v3/clusters/other/topics')).toMatchObject({
      status: 404,
      json: { error_code: 404, field: 'cluster_id' },
    });
  });

  it('creates, shows and deletes a topic', async () => {
    const api = await createApi();
    const configs = [{ name: 'cleanup.policy', value: 'compact' }];
    const made = await create(api, { topic_name: 'x', partitions_count: 2, replication_factor: 3, configs });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`http://127.0.0.1${V3}/topics/x`);
    expect(made.json).toMatchObject({
      kind: 'KafkaTopic',
      metadata: { resource_name: 'crn:///kafka=cluster-1/topic=x' },
      topic_name: 'x',
      partitions_count: 2,
      replication_factor: 1,
      is_internal: false,
      configs: { related: `http://127.0.0.1${V3}/topics/x/configs` },
    });
    expect((await api.broker.describeTopic('x')).configs).toEqual({ 'cleanup.policy': 'compact' });
    expect((await api.get(`${V3}/topics/x`)).json).toEqual(made.json);
    const list = (await api.get(`${V3}/topics`)).json as { data: { topic_name: string }[] };
    expect(list.data.map(({ topic_name }) => topic_name)).toEqual(['orders', 'x']);
    const deleted = await api.request('DELETE', `${V3}/topics/x`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await api.get(`${V3}/topics/x`)).toMatchObject({ status: 404, json: { error_code: 40401 } });
    expect(await api.request('DELETE', `${V3}/topics/x`)).toMatchObject({ status: 404 });
  });

  it('only checks with validate_only, and takes -1 for the defaults', async () => {
    const api = await createApi();
    const checked = await create(api, { topic_name: 'x', validate_only: true });
    expect(checked).toMatchObject({ status: 200, json: { topic_name: 'x' } });
    expect((await api.broker.listTopics()).map(({ name }) => name)).toEqual(['orders']);
    const defaults = await create(api, { topic_name: 'x', partitions_count: -1, replication_factor: -1 });
    expect(defaults).toMatchObject({ status: 201, json: { partitions_count: 1 } });
  });

  it.each([
    [{ topic_name: 'orders' }, 400, 40002, 'already exists'],
    [{ topic_name: 'no good' }, 400, 40002, 'topic name'],
    [{ topic_name: '' }, 400, 40002, 'topic name'],
    [{ topic_name: 'x', partitions_count: 0 }, 400, 40002, 'got 0'],
    [{ topic_name: 'x', partitions_count: 2_000_000_000 }, 400, 40002, 'got 2000000000'],
    [{ topic_name: 'x', partitions_count: 1e300 }, 422, 42206, 'partitions_count'],
    [{ topic_name: 'x', replication_factor: 0 }, 400, 40002, 'replication_factor'],
    [
      { topic_name: 'x', configs: [{ name: 'retention.minutes', value: '5' }] },
      400,
      40002,
      'retention.minutes',
    ],
    [
      { topic_name: 'x', configs: [{ name: 'a', value: 5 }] },
      422,
      42206,
      'configs[0].value must be string or null',
    ],
    [
      { topic_name: 'x', configs: ['1', '2'].map((value) => ({ name: 'a', value })) },
      422,
      42206,
      'configs[1].name',
    ],
    [{ topic_name: 'x', replicas_assignments: {} }, 422, 42206, 'replicas_assignments is not a known field'],
    [{ topic_name: 'x', configs: [{ name: 'retention.ms', value: null }] }, 400, 40002, 'configs[0].value'],
    [{}, 422, 42206, 'topic_name is missing'],
  ])('refuses %j', async (body, status, code, message) => {
    const api = await createApi();
    const answer = await create(api, body);
    expect(answer).toMatchObject({ status, json: { error_code: code, outcome: 'not-applied' } });
    expect(answer.text).toContain(message);
    expect(await api.broker.listTopics()).toHaveLength(1);
  });

  it('shows configs with where they come from', async () => {
    const api = await createApi();
    await create(api, { topic_name: 'x', configs: [{ name: 'retention.ms', value: '5' }] });
    const { json } = await api.get(`${V3}/topics/x/configs`);
    expect(json).toMatchObject({ kind: 'KafkaTopicConfigList', metadata: { next: null } });
    const { data } = json as { data: { name: string; source: string }[] };
    expect(data.map(({ name }) => name)).toEqual(CONFIG_DEFINITIONS.map(({ name }) => name));
    const own = data.filter(({ source }) => source !== 'DEFAULT_CONFIG');
    expect(own).toMatchObject([{ name: 'retention.ms', value: '5', source: 'DYNAMIC_TOPIC_CONFIG' }]);
    const one = await api.get(`${V3}/topics/x/configs/retention.ms`);
    expect(one.json).toEqual(own[0]);
    expect(await api.get(`${V3}/topics/x/configs/none`)).toMatchObject({
      status: 404,
      json: { error_code: 404 },
    });
  });

  it('shows partitions', async () => {
    const { get } = await createApi();
    const { json } = await get(`${V3}/topics/orders/partitions`);
    const { data } = json as { data: unknown[] };
    expect(data).toHaveLength(4);
    expect(data[3]).toMatchObject({
      kind: 'KafkaPartition',
      partition_id: 3,
      leader: { related: `http://127.0.0.1${V3}/topics/orders/partitions/3/replicas/0` },
    });
    expect((await get(`${V3}/topics/orders/partitions/3`)).json).toEqual(data[3]);
    expect(await get(`${V3}/topics/orders/partitions/4`)).toMatchObject({
      status: 404,
      json: { error_code: 40402 },
    });
  });

  it('gives a list that does not fit in parts, each partition once', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'wide', partitions: 10_000 });
    const seen: number[] = [];
    let next: string | null = `http://127.0.0.1${V3}/topics/wide/partitions`;
    let pages = 0;
    while (next !== null) {
      const { pathname, search } = new URL(next);
      const page: Answer = await api.get(pathname + search);
      expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(4 * 1024 * 1024);
      const list = page.json as { metadata: { next: string | null }; data: { partition_id: number }[] };
      seen.push(...list.data.map(({ partition_id }) => partition_id));
      next = list.metadata.next;
      pages++;
    }
    expect(pages).toBeGreaterThan(1);
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, partition) => partition));
  });

  it('gives each producer another id', async () => {
    const { request } = await createApi();
    const ids = await Promise.all([1, 2].map(() => request('POST', `${V3}/producers`)));
    const [first, second] = ids.map(({ json }) => (json as { producer_id: number }).producer_id);
    expect(first).not.toBe(second);
  });
});

describe('errors of the broker', () => {
  it('keep their code, outcome and time to come back', async () => {
    const api = await createApi();
    api.broker.listTopics = () => Promise.reject(new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'slow down'));
    const answer = await api.get('/topics');
    expect(answer).toMatchObject({
      status: 429,
      json: { error_code: 42901, kafka_error: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied' },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
    api.broker.createTopic = () =>
      Promise.reject(new BrokerError('REQUEST_TIMED_OUT', 'no answer', { outcome: 'unknown' }));
    expect(await create(api, { topic_name: 'y' })).toMatchObject({
      status: 500,
      json: { error_code: 50003, outcome: 'unknown' },
    });
  });

  it('tell whether the process is up and reaches its storage', async () => {
    const api = await createApi();
    expect(await api.get('/healthy')).toMatchObject({ status: 204, text: '' });
    expect(await api.get('/ready')).toMatchObject({ status: 204, text: '' });
    api.broker.clusterId = () => Promise.reject(new BrokerError('KAFKA_STORAGE_ERROR', 'disk is gone'));
    expect(await api.get('/healthy')).toMatchObject({ status: 204 });
    expect(await api.get('/ready')).toMatchObject({ status: 500, json: { error_code: 50003 } });
  });
});
