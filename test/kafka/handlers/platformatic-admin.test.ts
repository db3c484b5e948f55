// The administrator of @platformatic/kafka against the gateway.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import { platformaticAdmin } from '../support/clients.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';

let under: GatewayUnderTest;
let admin: Admin;
beforeAll(async () => {
  under = await startTestGateway();
  admin = platformaticAdmin(under.address);
});
afterAll(async () => {
  await admin.close();
  await under.stop();
});

const TOPIC = { resourceType: ConfigResourceTypes.TOPIC, resourceName: 'a' };

describe('the administrator of @platformatic/kafka', () => {
  it('makes topics, and sees them', async () => {
    const created = await admin.createTopics({
      topics: ['a', 'b'],
      ...{ partitions: 3, replicas: 2, configs: [{ name: 'retention.ms', value: '5' }] },
    });
    expect(created).toMatchObject([
      { name: 'a', partitions: 3, replicas: 2, id: expect.any(String) as string },
      { name: 'b', partitions: 3 },
    ]);
    expect(await admin.listTopics()).toEqual(['a', 'b']);
    await expect(admin.createTopics({ topics: ['a'] })).rejects.toThrow();
  });

  it('makes more partitions', async () => {
    await admin.createPartitions({ topics: [{ name: 'a', count: 5, assignments: [] }] });
    expect((await under.broker.describeTopic('a')).partitions).toBe(5);
    await expect(
      admin.createPartitions({ topics: [{ name: 'a', count: 5, assignments: [] }] }),
    ).rejects.toThrow();
  });

  it('reads and alters configs', async () => {
    const read = async () => {
      const [described] = await admin.describeConfigs({ resources: [TOPIC], includeSynonyms: true });
      return new Map(described?.configs.map(({ name, value }) => [name, value]));
    };
    expect((await read()).get('retention.ms')).toBe('5');
    await admin.incrementalAlterConfigs({
      resources: [
        {
          ...TOPIC,
          configs: [
            {
              name: 'cleanup.policy',
              configOperation: IncrementalAlterConfigOperationTypes.APPEND,
              value: 'compact',
            },
            {
              name: 'retention.ms',
              configOperation: IncrementalAlterConfigOperationTypes.DELETE,
            },
          ],
        },
      ],
    });
    const after = await read();
    expect([after.get('cleanup.policy'), after.get('retention.ms')]).toEqual(['delete,compact', '604800000']);
    await admin.alterConfigs({ resources: [{ ...TOPIC, configs: [{ name: 'segment.ms', value: '7' }] }] });
    expect((await under.broker.describeTopic('a')).configs).toEqual({ 'segment.ms': '7' });
  });

  it('describes log directories', async () => {
    const described = await admin.describeLogDirs({ topics: [{ name: 'a', partitions: [0, 4, 9] }] });
    expect(described).toMatchObject([{ broker: 1 }]);
    expect(described[0]?.results[0]?.topics[0]?.partitions.map((one) => one.partitionIndex)).toEqual([0, 4]);
  });

  it('deletes topics', async () => {
    await admin.deleteTopics({ topics: ['a', 'b'] });
    expect(await admin.listTopics()).toEqual([]);
    await expect(admin.deleteTopics({ topics: ['a'] })).rejects.toThrow();
  });
});
