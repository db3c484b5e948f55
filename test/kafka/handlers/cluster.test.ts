// DescribeCluster, DescribeTopicPartitions, DescribeLogDirs: over a socket, in the versions that differ.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_VERSIONS } from '../../../lib/kafka/protocol/apis/18-api-versions.ts';
import { DESCRIBE_LOG_DIRS } from '../../../lib/kafka/protocol/apis/35-describe-log-dirs.ts';
import { DESCRIBE_CLUSTER } from '../../../lib/kafka/protocol/apis/60-describe-cluster.ts';
import { DESCRIBE_TOPIC_PARTITIONS } from '../../../lib/kafka/protocol/apis/75-describe-topic-partitions.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { TestClient } from '../support/test-client.ts';

let under: GatewayUnderTest;
let client: TestClient;
beforeAll(async () => {
  under = await startTestGateway();
  client = await under.connect();
  for (const [name, partitions] of [
    ['a', 3],
    ['b', 1],
    ['c', 4],
  ] as const) {
    await under.broker.createTopic({ name, partitions });
  }
});
afterAll(() => under.stop());

it('says that it serves these', async () => {
  const { apiKeys } = await client.send(API_VERSIONS, 0, {
    clientSoftwareName: '',
    clientSoftwareVersion: '',
  });
  const served = apiKeys.map(({ apiKey }) => apiKey);
  expect(served).toEqual(expect.arrayContaining([17, 19, 20, 32, 33, 35, 36, 37, 44, 60, 74, 75]));
  // They could not tell the truth yet.
  expect(served).not.toContain(61);
});

describe('DescribeCluster', () => {
  it.each([0, 1, 2])('version %i tells the one node', async (version) => {
    const { host, port } = under.gateway;
    const answer = await client.send(DESCRIBE_CLUSTER, version, {
      ...{ includeClusterAuthorizedOperations: true, includeFencedBrokers: true },
    });
    expect(answer).toMatchObject({
      ...{ errorCode: 0, errorMessage: null, endpointType: 1, controllerId: 1 },
      clusterId: await under.broker.clusterId(),
      brokers: [{ brokerId: 1, host, port, rack: null, isFenced: false }],
    });
  });

  it('knows no controllers', async () => {
    const asked = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false };
    expect(await client.send(DESCRIBE_CLUSTER, 1, { ...asked, endpointType: 2 })).toMatchObject({
      ...{ errorCode: 42, errorMessage: 'the endpoint type must be 1 (brokers), got 2', brokers: [] },
    });
  });
});

interface Asked {
  readonly topics?: readonly string[];
  readonly limit?: number;
  readonly cursor?: { readonly topicName: string; readonly partitionIndex: number } | null;
}

const describeTopics = ({ topics = [], limit = 2_000, cursor = null }: Asked, by = client) =>
  by.send(DESCRIBE_TOPIC_PARTITIONS, 0, {
    ...{ topics: topics.map((name) => ({ name })), responsePartitionLimit: limit, cursor },
  });

/** `topic:partition` of each partition, or `topic!code`. */
const namesIn = ({ topics }: Awaited<ReturnType<typeof describeTopics>>): readonly string[] =>
  topics.flatMap(({ name, errorCode, partitions }) =>
    errorCode === 0
      ? partitions.map(({ partitionIndex }) => `${name ?? ''}:${partitionIndex}`)
      : [`${name ?? ''}!${errorCode}`],
  );

const ALL = ['a:0', 'a:1', 'a:2', 'b:0', 'c:0', 'c:1', 'c:2', 'c:3'];

describe('DescribeTopicPartitions', () => {
  it('tells all topics, and who leads', async () => {
    const answer = await describeTopics({});
    expect(namesIn(answer)).toEqual(ALL);
    expect(answer.nextCursor).toBeNull();
    expect(answer.topics[0]).toMatchObject({ topicId: (await under.broker.describeTopic('a')).topicId });
    expect(answer.topics[0]?.partitions[2]).toEqual({
      ...{ errorCode: 0, partitionIndex: 2, leaderId: 1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1] },
      ...{ eligibleLeaderReplicas: [], lastKnownElr: [], offlineReplicas: [] },
    });
  });

  it.each([1, 2, 3, 4, 5, 7, 8, 9])('tells each partition once, %i at a time', async (limit) => {
    const told: string[] = [];
    let cursor: Asked['cursor'] = null;
    do {
      const answer = await describeTopics({ limit, cursor });
      const page = namesIn(answer);
      expect(page.length).toBe(Math.min(limit, ALL.length - told.length));
      told.push(...page);
      cursor = answer.nextCursor;
    } while (cursor);
    expect(told).toEqual(ALL);
  });

  it('tells the topics that are asked for in the order of their names', async () => {
    const answer = await describeTopics({ topics: ['c', 'no-such', 'b', 'b'] });
    expect(namesIn(answer)).toEqual(['b:0', 'c:0', 'c:1', 'c:2', 'c:3', 'no-such!3']);
    expect(answer.topics.at(-1)?.topicId).toBe(ZERO_UUID);
  });

  it('goes on after a cursor, also one of a topic that is gone', async () => {
    const after = async (topicName: string, partitionIndex: number) =>
      namesIn(await describeTopics({ cursor: { topicName, partitionIndex } }));
    expect(await after('a', 2)).toEqual(ALL.slice(2));
    expect(await after('a', 9)).toEqual(ALL.slice(3));
    expect(await after('bb', 1)).toEqual(ALL.slice(4));
    expect(await after('d', 0)).toEqual([]);
  });

  it('refuses a limit and a cursor that none may have', async () => {
    expect(namesIn(await describeTopics({ topics: ['a'], limit: 0 }))).toEqual(['a!42']);
    const cursor = { topicName: 'a', partitionIndex: -1 };
    expect(namesIn(await describeTopics({ topics: ['a'], cursor }))).toEqual(['a!42']);
    const other = await under.connect();
    await expect(describeTopics({ limit: 0 }, other)).rejects.toThrow('closed');
    expect(under.ends.at(-1)).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('DescribeLogDirs', () => {
  it.each([0, 1, 2, 3, 4])('version %i tells one directory with all partitions', async (version) => {
    const { errorCode, results } = await client.send(DESCRIBE_LOG_DIRS, version, { topics: null });
    expect([errorCode, results.length]).toEqual([0, 1]);
    const told = results[0]?.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }) => `${name}:${partitionIndex}`),
    );
    expect(told).toEqual(ALL);
    expect(results[0]).toMatchObject({ errorCode: 0, totalBytes: -1, usableBytes: -1 });
  });

  it('leaves out what does not exist', async () => {
    const topics = [
      { topic: 'a', partitions: [1, 3, -1] },
      { topic: 'b', partitions: [1] },
      { topic: 'no-such', partitions: [0] },
    ];
    const { results } = await client.send(DESCRIBE_LOG_DIRS, 4, { topics });
    expect(results[0]?.topics).toMatchObject([{ name: 'a', partitions: [{ partitionIndex: 1 }] }]);
    expect(results[0]?.topics).toHaveLength(1);
  });
});
