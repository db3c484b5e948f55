// Administration over each connection, by kafkajs's names.
import { describe, expect, it } from 'vitest';
import { CONNECTIONS, createSubject, first, type Subject, until } from './support/subjects.ts';

const produce = ({ client }: Subject, values: readonly string[]): Promise<unknown> =>
  client.producer().send({
    topic: 'orders',
    messages: values.map((value, at) => ({ value, partition: 1, timestamp: 1_700_000_000_000 + at })),
  });

describe.each(CONNECTIONS)('an admin %s', (connection) => {
  it('makes, shows and deletes topics', async () => {
    const subject = await createSubject(connection);
    const admin = subject.client.admin();
    const topics = [
      { topic: 'payments', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '1000' }] },
    ];
    expect(await admin.createTopics({ topics, validateOnly: true })).toBe(true);
    expect(await admin.createTopics({ topics })).toBe(true);
    expect(await admin.createTopics({ topics })).toBe(false);
    expect(await admin.listTopics()).toEqual(['orders', 'payments']);
    const { topicId, configs } = await subject.broker.describeTopic('payments');
    expect(configs).toEqual({ 'retention.ms': '1000' });
    expect(await admin.fetchTopicMetadata({ topics: ['payments'] })).toEqual({
      topics: [{ name: 'payments', topicId, partitions: [{ partitionId: 0 }, { partitionId: 1 }] }],
    });
    await admin.deleteTopics({ topics: ['payments'] });
    expect((await admin.fetchTopicMetadata()).topics.map(({ name }) => name)).toEqual(['orders']);
    await expect(admin.fetchTopicMetadata({ topics: ['payments'] })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    await expect(admin.createTopics({ topics: [{ topic: 'a b' }] })).rejects.toMatchObject({
      ...{ code: 'INVALID_TOPIC_EXCEPTION', outcome: 'not-applied' },
    });
  });

  it('tells the offsets of a topic', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    expect(await subject.client.admin().fetchTopicOffsets('orders')).toEqual([
      { partition: 0, offset: 0, high: 0, low: 0 },
      { partition: 1, offset: 2, high: 2, low: 0 },
      { partition: 2, offset: 0, high: 0, low: 0 },
      { partition: 3, offset: 0, high: 0, low: 0 },
    ]);
    expect((await subject.client.admin().fetchTopicOffsetsByTimestamp('orders'))[1]).toEqual({
      partition: 1,
      offset: 2,
    });
  });

  it('sets, shows, resets and deletes the offsets of a group', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const admin = subject.client.admin();
    await admin.setOffsets({
      groupId: 'billing',
      topic: 'orders',
      partitions: [{ partition: 1, offset: '2' }],
    });
    expect(await admin.fetchOffsets({ groupId: 'billing' })).toEqual([
      { topic: 'orders', partitions: [{ partition: 1, offset: 2, metadata: '' }] },
    ]);
    const [ofTopic] = await admin.fetchOffsets({ groupId: 'billing', topics: ['orders'] });
    expect(ofTopic?.partitions.map(({ offset }) => offset)).toEqual([-1, 2, -1, -1]);
    await admin.resetOffsets({ groupId: 'billing', topic: 'orders' });
    const offsets = async (): Promise<number[]> =>
      ((await admin.fetchOffsets({ groupId: 'billing' }))[0]?.partitions ?? []).map(({ offset }) => offset);
    expect(await offsets()).toEqual([0, 3, 0, 0]);
    await admin.resetOffsets({ groupId: 'billing', topic: 'orders', earliest: true });
    expect(await offsets()).toEqual([0, 0, 0, 0]);
    await admin.deleteOffsets({ groupId: 'billing', topic: 'orders', partitions: [0, 1] });
    expect(await offsets()).toEqual([0, 0]);
    await expect(
      admin.setOffsets({ groupId: 'billing', topic: 'absent', partitions: [{ partition: 0, offset: 1 }] }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    await expect(
      admin.setOffsets({ groupId: 'billing', topic: 'orders', partitions: [{ partition: 0, offset: -1 }] }),
    ).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  });

  it('lists, describes and deletes groups, but none with members', async () => {
    const subject = await createSubject(connection);
    const admin = subject.client.admin();
    const client = subject.connect({ clientId: 'till' });
    const consumer = client.consumer({ groupId: 'billing' });
    await consumer.subscribe({ topics: ['orders'] });
    const waiting = first(1, consumer);
    await until(() => consumer.assignment().length === 4, 'the assignment');
    expect(await admin.listGroups()).toEqual({
      groups: [{ groupId: 'billing', type: 'consumer', protocolType: 'consumer', state: 'Stable' }],
    });
    const { groups } = await admin.describeGroups(['billing']);
    expect(groups[0]?.members[0]).toMatchObject({
      ...{ clientId: 'till', consumer: { assignment: [{ topic: 'orders', partitions: [0, 1, 2, 3] }] } },
    });
    expect(await admin.deleteGroups(['billing', 'absent'])).toMatchObject([
      { groupId: 'billing', error: { code: 'NON_EMPTY_GROUP' } },
      { groupId: 'absent', error: { code: 'GROUP_ID_NOT_FOUND' } },
    ]);
    await client.close();
    expect(await waiting).toEqual([]);
    expect(await admin.deleteGroups(['billing'])).toEqual([{ groupId: 'billing' }]);
    expect(await admin.listGroups()).toEqual({ groups: [] });
  });
});

describe('offsets by timestamp', () => {
  it.each(['in process', 'over HTTP'] as const)('are the first with it or a later one, %s', async (way) => {
    const subject = await createSubject(way);
    await produce(subject, ['a', 'b', 'c']);
    const admin = subject.client.admin();
    const at = async (timestampMs: number) =>
      (await admin.fetchTopicOffsetsByTimestamp('orders', timestampMs))[1]?.offset;
    expect([await at(1_700_000_000_001), await at(1_800_000_000_000)]).toEqual([1, 3]);
  });
});
