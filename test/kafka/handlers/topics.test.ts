// CreateTopics, DeleteTopics, CreatePartitions: over a socket, in the versions that differ.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREATE_TOPICS } from '../../../lib/kafka/protocol/apis/19-create-topics.ts';
import { DELETE_TOPICS } from '../../../lib/kafka/protocol/apis/20-delete-topics.ts';
import { CREATE_PARTITIONS } from '../../../lib/kafka/protocol/apis/37-create-partitions.ts';
import { METADATA } from '../../../lib/kafka/protocol/apis/03-metadata.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { TestClient } from '../support/test-client.ts';

let under: GatewayUnderTest;
let client: TestClient;
beforeAll(async () => {
  under = await startTestGateway();
  client = await under.connect();
});
afterAll(() => under.stop());

const asked = (name: string, more = {}) => ({
  ...{ name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] },
  ...more,
});

const create = (version: number, topics: readonly ReturnType<typeof asked>[], validateOnly = false) =>
  client.send(CREATE_TOPICS, version, { topics, timeoutMs: 1_000, validateOnly });

describe('CreateTopics', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('version %i makes a topic, and tells what it is', async (version) => {
    const name = `created-${version}`;
    const configs = [{ name: 'retention.ms', value: '5' }];
    const { topics } = await create(version, [
      asked(name, { numPartitions: 3, replicationFactor: 2, configs }),
    ]);
    const topic = await under.broker.describeTopic(name);
    expect(topic).toMatchObject({ partitions: 3, configs: { 'retention.ms': '5' } });
    expect(topics).toMatchObject([{ name, errorCode: 0, errorMessage: version === 0 ? '' : null }]);
    if (version >= 7) expect(topics[0]?.topicId).toBe(topic.topicId);
    if (version < 5) return;
    expect(topics[0]).toMatchObject({ numPartitions: 3, replicationFactor: 2 });
    const told = topics[0]?.configs ?? [];
    const described = await under.broker.describeConfigs(name);
    expect(told.map((config) => config.name)).toEqual(described.map((config) => config.name));
    expect(told).toContainEqual({
      ...{ name: 'retention.ms', value: '5', readOnly: false, configSource: 1, isSensitive: false },
    });
    expect(told).toContainEqual({
      ...{ name: 'cleanup.policy', value: 'delete', readOnly: false, configSource: 5, isSensitive: false },
    });
  });

  it('takes the defaults where -1 is asked for', async () => {
    const { topics } = await create(7, [asked('defaults')]);
    expect(topics).toMatchObject([{ errorCode: 0, numPartitions: 1, replicationFactor: 1 }]);
  });

  it('checks and makes nothing where it is to validate only', async () => {
    const { topics } = await create(7, [asked('checked', { numPartitions: 4 }), asked('created-7')], true);
    expect(topics).toMatchObject([
      { name: 'checked', errorCode: 0, numPartitions: 4, topicId: ZERO_UUID },
      { name: 'created-7', errorCode: 36 },
    ]);
    await expect(under.broker.describeTopic('checked')).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });

  it.each([
    ['too many partitions', { numPartitions: 1_001 }, 37, 'from 1 to 1000, got 1001'],
    ['no partitions', { numPartitions: 0 }, 37, 'got 0'],
    ['no replicas', { replicationFactor: 0 }, 38, 'got 0'],
    ['assignments', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, 39, 'got 1 assignments'],
    ['an unknown config', { configs: [{ name: 'no.such', value: '1' }] }, 40, 'no.such'],
    ['a config without a value', { configs: [{ name: 'retention.ms', value: null }] }, 40, 'got null'],
    ['a name that none may have', { name: 'a b' }, 17, '"a b"'],
    ['a name that is taken', { name: 'created-7' }, 36, 'created-7'],
  ])('refuses %s, and makes the others of the request', async (what, more, errorCode, message) => {
    const beside = `beside-${what.replaceAll(' ', '-')}`;
    const { topics } = await create(6, [asked('refused', more), asked(beside)]);
    expect(topics).toMatchObject([{ errorCode }, { name: beside, errorCode: 0 }]);
    expect(topics[0]?.errorMessage).toContain(message);
    expect((await under.broker.listTopics()).map(({ name }) => name)).not.toContain('refused');
  });

  it('refuses a name that is there twice', async () => {
    const { topics } = await create(7, [asked('twice'), asked('once'), asked('twice')]);
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([42, 0, 42]);
  });
});

describe('DeleteTopics', () => {
  it.each([0, 1, 4, 5])('version %i deletes by name', async (version) => {
    const name = `deleted-${version}`;
    await under.broker.createTopic({ name });
    const { responses } = await client.send(DELETE_TOPICS, version, {
      ...{ topics: [], topicNames: [name, 'no-such-topic'], timeoutMs: 1_000 },
    });
    expect(responses).toMatchObject([
      { name, errorCode: 0, errorMessage: null },
      { name: 'no-such-topic', errorCode: 3 },
    ]);
    if (version >= 5) expect(responses[1]?.errorMessage).toContain('no-such-topic');
    await expect(under.broker.describeTopic(name)).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });

  it('version 6 deletes by name and by id', async () => {
    const [one, other] = [
      await under.broker.createTopic({ name: 'by-name' }),
      await under.broker.createTopic({ name: 'by-id' }),
    ];
    const unknown = 'AAAAAAAAQACAAAAAAAAAAQ';
    const { responses } = await client.send(DELETE_TOPICS, 6, {
      topics: [
        { name: 'by-name', topicId: ZERO_UUID },
        { name: null, topicId: other.topicId },
        { name: null, topicId: unknown },
        { name: 'by-name', topicId: other.topicId },
        { name: null, topicId: ZERO_UUID },
      ],
      ...{ topicNames: [], timeoutMs: 1_000 },
    });
    expect(responses).toMatchObject([
      { name: 'by-name', topicId: one.topicId, errorCode: 0 },
      { name: 'by-id', topicId: other.topicId, errorCode: 0 },
      { name: null, topicId: unknown, errorCode: 100 },
      { errorCode: 42 },
      { errorCode: 42 },
    ]);
    expect(await under.broker.findTopicById(other.topicId)).toBeUndefined();
  });

  it('leaves a topic alone that was made anew under the name, and frees the name at once', async () => {
    const old = await under.broker.createTopic({ name: 'anew' });
    const deleting = { topics: [{ name: null, topicId: old.topicId }], topicNames: [], timeoutMs: 1_000 };
    await client.send(DELETE_TOPICS, 6, deleting);
    await create(7, [asked('anew')]);
    expect(await client.send(DELETE_TOPICS, 6, deleting)).toMatchObject({ responses: [{ errorCode: 100 }] });
    expect((await under.broker.describeTopic('anew')).topicId).not.toBe(old.topicId);
  });
});

describe('CreatePartitions', () => {
  const grow = (
    version: number,
    topics: readonly { name: string; count: number; assignments?: { brokerIds: number[] }[] }[],
    validateOnly = false,
  ) =>
    client.send(CREATE_PARTITIONS, version, {
      ...{ topics: topics.map((topic) => ({ assignments: null, ...topic })), timeoutMs: 1_000, validateOnly },
    });

  it.each([0, 1, 2, 3])('version %i gives topics more partitions', async (version) => {
    const name = `grown-${version}`;
    await under.broker.createTopic({ name, partitions: 2 });
    expect(await grow(version, [{ name, count: 5 }])).toMatchObject({
      results: [{ name, errorCode: 0, errorMessage: null }],
    });
    const { topics } = await client.send(METADATA, 12, {
      topics: [{ name, topicId: ZERO_UUID }],
      ...{
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: false,
        includeClusterAuthorizedOperations: false,
      },
    });
    expect(topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([0, 1, 2, 3, 4]);
  });

  it('answers each topic by itself', async () => {
    await under.broker.createTopic({ name: 'fewer', partitions: 3 });
    const { results } = await grow(3, [
      { name: 'fewer', count: 2 },
      { name: 'no-such-topic', count: 2 },
      { name: 'grown-0', count: 6, assignments: [{ brokerIds: [1] }] },
      { name: 'grown-1', count: 6 },
      { name: 'grown-2', count: 6 },
      { name: 'grown-2', count: 7 },
    ]);
    expect(results.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ...[
        ['fewer', 37],
        ['no-such-topic', 3],
        ['grown-0', 39],
      ],
      ...[
        ['grown-1', 0],
        ['grown-2', 42],
        ['grown-2', 42],
      ],
    ]);
    expect(results[0]?.errorMessage).toBe('topic fewer has 3 partitions and may have up to 1000, got 2');
    expect((await under.broker.describeTopic('grown-1')).partitions).toBe(6);
  });

  it('checks and makes nothing where it is to validate only', async () => {
    expect(await grow(3, [{ name: 'grown-3', count: 9 }], true)).toMatchObject({
      results: [{ errorCode: 0 }],
    });
    expect((await under.broker.describeTopic('grown-3')).partitions).toBe(5);
  });
});
