// What administrators do beside topics and configs (test/kafka/handlers has those of kafkajs and platformatic): offsets and
// groups by every client, and all of it by Java's and Go's.
import { Admin, type GroupBase } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isHere } from './support/client-kind.ts';
import { kafkaJs, KAFKAJS } from './support/kafkajs.ts';
import { commit, consumerOf, options } from './support/platformatic.ts';
import { GO_CLIENT, JAVA_CLIENT, linesOf, runProgram, startGo, startJava } from './support/programs.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';

const COUNT = 5;

let server: KafkaServer;
beforeAll(async () => {
  server = await startKafkaServer();
});
afterAll(() => server.stop());

/** A topic with records. */
async function fill(topic: string): Promise<void> {
  const records = Array.from({ length: COUNT }, (_, at) => ({
    ...{ topic, key: null, value: String(at), headers: [] },
  }));
  await KAFKAJS.produce(server.kafka, records);
}

describe('kafkajs', () => {
  it('lists and sets offsets, and describes, lists and deletes groups', { timeout: 60_000 }, async () => {
    await fill('a');
    const admin = kafkaJs(server.kafka).admin();
    await admin.connect();
    const committed = async () =>
      (await admin.fetchOffsets({ groupId: 'g', topics: ['a'] })).map(({ partitions }) =>
        partitions.map(({ offset, metadata }) => [offset, metadata]),
      );
    expect(await admin.fetchTopicOffsets('a')).toMatchObject([{ partition: 0, low: '0', high: '5' }]);
    expect(await admin.fetchTopicOffsetsByTimestamp('a', 0)).toEqual([{ partition: 0, offset: '0' }]);
    expect(await committed()).toEqual([[['-1', null]]]);
    await admin.setOffsets({ groupId: 'g', topic: 'a', partitions: [{ partition: 0, offset: '3' }] });
    expect(await committed()).toEqual([[['3', null]]]);
    expect((await admin.listGroups()).groups).toContainEqual({ groupId: 'g', protocolType: 'consumer' });
    expect((await admin.describeGroups(['g'])).groups).toMatchObject([
      { groupId: 'g', state: 'Empty', members: [] },
    ]);
    expect(await admin.deleteGroups(['g'])).toEqual([{ groupId: 'g', errorCode: 0 }]);
    await expect(admin.deleteGroups(['g'])).rejects.toMatchObject({
      groups: [{ error: { type: 'GROUP_ID_NOT_FOUND' } }],
    });
    expect(await committed()).toEqual([[['-1', null]]]);
    await admin.disconnect();
  });

  it('sees the members of a group, and cannot delete it while it has any', async () => {
    await fill('with-member');
    const client = kafkaJs(server.kafka);
    const admin = client.admin();
    const consumer = client.consumer({ groupId: 'with-member' });
    await Promise.all([admin.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: 'with-member' });
    const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await joined;
    const { groups } = await admin.describeGroups(['with-member']);
    expect(groups).toMatchObject([
      {
        ...{ state: 'Stable', protocol: 'RoundRobinAssigner', protocolType: 'consumer' },
        members: [{ clientId: 'kafkajs', clientHost: '/127.0.0.1' }],
      },
    ]);
    await expect(admin.deleteGroups(['with-member'])).rejects.toMatchObject({
      groups: [{ error: { type: 'NON_EMPTY_GROUP' } }],
    });
    await consumer.disconnect();
    await admin.deleteGroups(['with-member']);
    await admin.disconnect();
  });
});

describe('platformatic', () => {
  it(
    'lists, sets and deletes offsets, and describes, lists and deletes groups',
    { timeout: 60_000 },
    async () => {
      await fill('b');
      const admin = new Admin(options(server.kafka));
      const partitions = (timestamp: bigint) => ({
        topics: [{ name: 'b', partitions: [{ partitionIndex: 0, timestamp }] }],
      });
      const listed = async (timestamp: bigint) =>
        (await admin.listOffsets(partitions(timestamp)))[0]?.partitions[0]?.offset;
      expect([await listed(-2n), await listed(-1n), await listed(0n)]).toEqual([0n, BigInt(COUNT), 0n]);
      const partitionOffsets = [{ partition: 0, offset: 3n }];
      await admin.alterConsumerGroupOffsets({ groupId: 'p', topics: [{ name: 'b', partitionOffsets }] });
      const committed = async () =>
        (await admin.listConsumerGroupOffsets({ groups: ['p'] })).map(({ topics }) =>
          topics.map((topic) => topic.partitions.map(({ committedOffset }) => committedOffset)),
        );
      expect(await committed()).toEqual([[[3n]]]);
      await admin.deleteConsumerGroupOffsets({
        groupId: 'p',
        topics: [{ name: 'b', partitionIndexes: [0] }],
      });
      expect(await committed()).toEqual([[]]);
      const groups: ReadonlyMap<string, GroupBase> = await admin.listGroups();
      expect(groups.get('p')).toMatchObject({ id: 'p', state: 'Empty' });
      expect((await admin.describeGroups({ groups: ['p'] })).get('p')).toMatchObject({ state: 'Empty' });
      await admin.deleteGroups({ groups: ['p'] });
      expect((await admin.listGroups()).has('p')).toBe(false);
      await admin.close();
    },
  );

  it('removes a member of a group', { timeout: 60_000 }, async () => {
    await fill('c');
    const admin = new Admin(options(server.kafka));
    const consumer = consumerOf(server.kafka, 'removed', { sessionTimeout: 6_000, heartbeatInterval: 500 });
    await consumer.consume({ topics: ['c'], mode: 'earliest' });
    const first = consumer.memberId;
    expect([
      ...((await admin.describeGroups({ groups: ['removed'] })).get('removed')?.members.keys() ?? []),
    ]).toEqual([first]);
    await admin.removeMembersFromConsumerGroup({ groupId: 'removed', members: [{ memberId: first ?? '' }] });
    // It joins again, as somebody else.
    const isBack = () => consumer.isActive() && consumer.memberId !== first;
    await expect.poll(isBack, { timeout: 25_000 }).toBe(true);
    await Promise.all([consumer.close(true), admin.close()]);
  });
});

/** What an administrator's program says of each step, whichever client it is of. */
const TRANSCRIPT: readonly (readonly [string, RegExp])[] = [
  ['describeCluster', /^1(\tfalse)?$/],
  ['createTopics', /^(null)?$/],
  ['createTopics again', /TopicExistsException|TOPIC_ALREADY_EXISTS/],
  ['createPartitions', /^(null)?$/],
  ['createPartitions fewer', /InvalidPartitionsException|INVALID_PARTITIONS/],
  ['describeTopics', /^5$/],
  ['describeTopics absent', /UnknownTopicOrPartitionException|UNKNOWN_TOPIC_OR_PARTITION/],
  ['describeConfigs', /^retention.ms=5000 (DYNAMIC_TOPIC_CONFIG)$/],
  ['incrementalAlterConfigs', /^(null)?$/],
  ['describeConfigs', /^retention.ms=7000 (DYNAMIC_TOPIC_CONFIG)$/],
  ['append', /^(null)?$/],
  ['describeConfigs', /^cleanup.policy=delete,compact (DYNAMIC_TOPIC_CONFIG)$/],
  ['delete', /^(null)?$/],
  ['describeConfigs', /^retention.ms=604800000 (DEFAULT_CONFIG)$/],
  ['wrong', /InvalidConfigurationException|INVALID_CONFIG/],
  ['listOffsets earliest', /^0$/],
  ['listOffsets latest', /^5$/],
  ['listOffsets max timestamp', /^[0-4]$/],
  ['listOffsets at time 0', /^0$/],
  ['listConsumerGroupOffsets', /^(\{there-0=2\}|1\tthere )$/],
  ['alterConsumerGroupOffsets', /^(null)?$/],
  ['listConsumerGroupOffsets', /^(\{there-0=1by hand\}|1\tthere by hand)$/],
  ['deleteConsumerGroupOffsets', /^(null)?$/],
  ['listConsumerGroupOffsets', /^(\{\}|0\t)$/],
  ['listGroups', /\bgroup\b/],
  ['describeConsumerGroups', /^Empty( 0)?$/i],
  ['describeConsumerGroups absent', /GroupIdNotFoundException/],
  ['deleteConsumerGroups', /^(null)?$/],
  ['deleteConsumerGroups again', /GroupIdNotFoundException|GROUP_ID_NOT_FOUND/],
  ['deleteTopics', /^(null)?$/],
  ['deleteTopics again', /UnknownTopicOrPartitionException|UNKNOWN_TOPIC_OR_PARTITION/],
];

/** Steps that only Java's program has: Go's calls are not so different. */
const OF_JAVA = ['listTopics', 'describeConsumerGroups absent'];

const PROGRAMS = [
  { ...JAVA_CLIENT, start: startJava },
  { ...GO_CLIENT, start: startGo },
].filter(isHere);

describe.for(PROGRAMS)('$name', ({ name, start }) => {
  it('administers topics, configs, offsets and groups', { timeout: 60_000 }, async () => {
    const admin = kafkaJs(server.kafka).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: ['there'] }).catch(() => undefined);
    await fill('there');
    await admin.disconnect();
    await commit(server.kafka, { groupId: 'group', topic: 'there', offset: 2 });
    const { stdout } = await runProgram(start, ['administer', server.kafka]);
    const steps = linesOf(stdout).filter(([step]) => step !== 'listTopics');
    const expected = TRANSCRIPT.filter(([step]) => name === 'java' || !OF_JAVA.includes(step));
    expect(steps.map(([step]) => step)).toEqual(expected.map(([step]) => step));
    const told = steps.map((fields) => fields.slice(1).join('\t'));
    const wrong = expected.flatMap(([step, result], at) =>
      result.test(told[at] ?? '') ? [] : [`${step}: ${told[at] ?? ''}`],
    );
    expect(wrong).toEqual([]);
  });
});
