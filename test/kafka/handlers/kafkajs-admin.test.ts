// The administrator of kafkajs against the gateway: what it asks for is there, and what is wrong it hears of.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigResourceTypes, type Admin } from 'kafkajs';
import { kafkaJs } from '../support/clients.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';

let under: GatewayUnderTest;
let admin: Admin;
beforeAll(async () => {
  under = await startTestGateway();
  admin = kafkaJs({ broker: under.address }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin.disconnect();
  await under.stop();
});

describe('the administrator of kafkajs', () => {
  it('makes topics, and sees them', async () => {
    const made = await admin.createTopics({
      topics: [
        {
          topic: 'a',
          numPartitions: 3,
          replicationFactor: 3,
          configEntries: [{ name: 'retention.ms', value: '5' }],
        },
        { topic: 'b' },
      ],
    });
    expect(made).toBe(true);
    expect((await admin.listTopics()).toSorted()).toEqual(['a', 'b']);
    const { topics } = await admin.fetchTopicMetadata({ topics: ['a'] });
    expect(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader]).toSorted()).toEqual([
      ...[
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    ]);
    expect(await under.broker.describeTopic('a')).toMatchObject({ configs: { 'retention.ms': '5' } });
  });

  it('hears that a topic is there, and that a number is wrong', async () => {
    expect(await admin.createTopics({ topics: [{ topic: 'a' }] })).toBe(false);
    const assigned = { topic: 'c', replicaAssignment: [{ partition: 0, replicas: [1] }] };
    await expect(admin.createTopics({ topics: [assigned] })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_REPLICA_ASSIGNMENT' }],
    });
    await expect(
      admin.createTopics({ topics: [{ topic: 'c', replicationFactor: 0 }] }),
    ).rejects.toMatchObject({
      errors: [{ type: 'INVALID_REPLICATION_FACTOR' }],
    });
  });

  it('only asks whether a topic could be made', async () => {
    expect(
      await admin.createTopics({ topics: [{ topic: 'c' }], validateOnly: true, waitForLeaders: false }),
    ).toBe(true);
    expect(await admin.listTopics()).not.toContain('c');
  });

  it('makes more partitions', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic: 'a', count: 5 }] });
    expect((await admin.fetchTopicOffsets('a')).length).toBe(5);
    await expect(
      admin.createPartitions({ topicPartitions: [{ topic: 'a', count: 4 }] }),
    ).rejects.toMatchObject({
      type: 'INVALID_PARTITIONS',
    });
  });

  it('reads and alters configs', async () => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: true,
      resources: [
        { type: ConfigResourceTypes.TOPIC, name: 'a', configNames: ['retention.ms'] },
        { type: ConfigResourceTypes.BROKER, name: '1' },
      ],
    });
    const [ofTopic, ofBroker] = resources.toSorted((a, b) => a.resourceType - b.resourceType);
    expect(ofTopic?.configEntries).toMatchObject([{ configName: 'retention.ms', configValue: '5' }]);
    expect(ofBroker?.configEntries.map(({ configName }) => configName)).toContain('node.id');
    const alter = (value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          { type: ConfigResourceTypes.TOPIC, name: 'a', configEntries: [{ name: 'retention.ms', value }] },
        ],
      });
    await alter('7');
    expect(await under.broker.describeTopic('a')).toMatchObject({ configs: { 'retention.ms': '7' } });
    await expect(alter('x')).rejects.toMatchObject({ type: 'INVALID_CONFIG' });
  });

  it('describes the cluster', async () => {
    const { host, port } = under.gateway;
    expect(await admin.describeCluster()).toEqual({
      ...{ brokers: [{ nodeId: 1, host, port }], controller: 1, clusterId: await under.broker.clusterId() },
    });
  });

  it('deletes topics, and makes one anew at once', async () => {
    await admin.deleteTopics({ topics: ['a', 'b'] });
    expect(await admin.listTopics()).toEqual([]);
    await expect(admin.deleteTopics({ topics: ['a'] })).rejects.toMatchObject({
      cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
    });
    expect(await admin.createTopics({ topics: [{ topic: 'a' }] })).toBe(true);
    expect((await admin.fetchTopicOffsets('a')).length).toBe(1);
  });
});
