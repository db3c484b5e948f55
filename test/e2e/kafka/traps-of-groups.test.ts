// Traps of groups that other Kafka-compatible servers fell into, each by requests sent by hand. The numbers are those of the
// list of traps that the protocol's handlers were written by.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OFFSET_COMMIT } from '../../../lib/kafka/protocol/apis/08-offset-commit.ts';
import { OFFSET_FETCH } from '../../../lib/kafka/protocol/apis/09-offset-fetch.ts';
import { JOIN_GROUP } from '../../../lib/kafka/protocol/apis/11-join-group.ts';
import { HEARTBEAT } from '../../../lib/kafka/protocol/apis/12-heartbeat.ts';
import { LEAVE_GROUP } from '../../../lib/kafka/protocol/apis/13-leave-group.ts';
import { SYNC_GROUP } from '../../../lib/kafka/protocol/apis/14-sync-group.ts';
import { CONSUMER_GROUP_HEARTBEAT } from '../../../lib/kafka/protocol/apis/68-consumer-group-heartbeat.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import type { TestClient } from '../../kafka/support/test-client.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';
import { connect, createTopic } from './support/wire.ts';

const CODES = {
  ...{
    unknownTopic: 3,
    metadataTooLarge: 12,
    illegalGeneration: 22,
    inconsistentProtocol: 23,
    unknownMember: 25,
  },
  ...{ invalidSessionTimeout: 26, memberIdRequired: 79, fencedInstanceId: 82, fencedMemberEpoch: 110 },
  ...{ unreleasedInstanceId: 111, unsupportedAssignor: 112 },
};

let server: KafkaServer;
let client: TestClient;
beforeAll(async () => {
  server = await startKafkaServer();
  client = await connect(server);
  await createTopic(client, 't', 2);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

interface Joining {
  readonly memberId?: string;
  readonly instanceId?: string | null;
  readonly protocol?: string;
  readonly sessionTimeoutMs?: number;
  readonly version?: number;
}

const join = (
  groupId: string,
  {
    memberId = '',
    instanceId = null,
    protocol = 'range',
    sessionTimeoutMs = 10_000,
    version = 9,
  }: Joining = {},
) =>
  client.send(JOIN_GROUP, version, {
    ...{ groupId, sessionTimeoutMs, rebalanceTimeoutMs: 10_000, memberId, groupInstanceId: instanceId },
    ...{ protocolType: 'consumer', protocols: [{ name: protocol, metadata: Buffer.from('metadata') }] },
  });

const sync = (
  groupId: string,
  generationId: number,
  memberId: string,
  groupInstanceId: string | null = null,
) =>
  client.send(SYNC_GROUP, 5, {
    ...{ groupId, generationId, memberId, groupInstanceId, protocolType: 'consumer', protocolName: 'range' },
    assignments: [{ memberId, assignment: Buffer.from(memberId) }],
  });

const heartbeat = async (
  groupId: string,
  generationId: number,
  memberId: string,
  groupInstanceId: string | null = null,
) => (await client.send(HEARTBEAT, 4, { groupId, generationId, memberId, groupInstanceId })).errorCode;

async function commit(
  groupId: string,
  { generation = -1, memberId = '', topic = 't', metadata = null as string | null, leaderEpoch = -1 } = {},
) {
  const partitions = [
    { partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata },
  ];
  const { topics } = await client.send(OFFSET_COMMIT, 8, {
    ...{ groupId, generationIdOrMemberEpoch: generation, memberId },
    topics: [{ name: topic, topicId: ZERO_UUID, partitions }],
  });
  return topics[0]?.partitions[0]?.errorCode;
}

async function fetchOffset(groupId: string, partitionIndexes: readonly number[] = [0]) {
  const topics = [{ name: 't', topicId: ZERO_UUID, partitionIndexes }];
  return (
    await client.send(OFFSET_FETCH, 8, {
      groupId: '',
      topics: null,
      groups: [{ groupId, topics }],
      requireStable: false,
    })
  ).groups[0];
}

it('T1: offsets of a group and of partitions that nobody knows are -1, without an error and with empty metadata', async () => {
  const none = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 };
  expect(await fetchOffset('unknown', [0, 9])).toMatchObject({
    ...{ errorCode: 0, topics: [{ partitions: [none, none] }] },
  });
});

describe('T16: joining', () => {
  it('a member without an id is given one first, and joins with it', async () => {
    const first = await join('t16');
    expect(first).toMatchObject({ errorCode: CODES.memberIdRequired, generationId: -1 });
    const joined = await join('t16', { memberId: first.memberId });
    expect(joined).toMatchObject({
      ...{ errorCode: 0, generationId: 1, leader: first.memberId, protocolName: 'range' },
      members: [{ memberId: first.memberId, metadata: new Uint8Array(Buffer.from('metadata')) }],
    });
    expect(await heartbeat('t16', 7, first.memberId)).toBe(CODES.illegalGeneration);
    expect(await heartbeat('t16', 1, 'nobody')).toBe(CODES.unknownMember);
    const { assignment } = await sync('t16', 1, first.memberId);
    expect(String(Buffer.from(assignment))).toBe(first.memberId);
    expect(await heartbeat('t16', 1, first.memberId)).toBe(0);
    expect(await join('t16', { protocol: 'other' }).then((one) => one.errorCode)).toBe(
      CODES.inconsistentProtocol,
    );
    expect(await commit('t16')).toBe(CODES.unknownMember);
    expect(await commit('t16', { generation: 3, memberId: first.memberId })).toBe(CODES.illegalGeneration);
    expect(await commit('t16', { generation: 1, memberId: first.memberId })).toBe(0);
  });

  it('sessions are from 6 seconds to 30 minutes', async () => {
    for (const sessionTimeoutMs of [5_999, 1_800_001])
      expect(await join('t16-session', { sessionTimeoutMs })).toMatchObject({
        errorCode: CODES.invalidSessionTimeout,
      });
  });
});

it('T17: a static member that comes again has its place without a rebalance, and who had its id is fenced', async () => {
  const first = await join('t17', { instanceId: 'one' });
  expect(first).toMatchObject({ errorCode: 0, generationId: 1 });
  await sync('t17', 1, first.memberId, 'one');
  const again = await join('t17', { instanceId: 'one' });
  expect(again).toMatchObject({ errorCode: 0, generationId: 1 });
  expect(again.memberId).not.toBe(first.memberId);
  const { assignment } = await sync('t17', 1, again.memberId, 'one');
  expect(String(Buffer.from(assignment))).toBe(first.memberId);
  expect(await heartbeat('t17', 1, first.memberId, 'one')).toBe(CODES.fencedInstanceId);
  expect(await heartbeat('t17', 1, again.memberId, 'one')).toBe(0);
  const members = [
    { memberId: '', groupInstanceId: 'one' },
    { memberId: '', groupInstanceId: 'two' },
  ];
  const left = await client.send(LEAVE_GROUP, 5, { groupId: 't17', memberId: '', members });
  expect(left.members.map(({ errorCode }) => errorCode)).toEqual([0, CODES.unknownMember]);
});

it('T18: anybody commits to a group without members; metadata and leader epochs come back as they were', async () => {
  expect(await commit('t18', { metadata: 'm'.repeat(4_096), leaderEpoch: 0 })).toBe(0);
  expect(await fetchOffset('t18')).toMatchObject({
    topics: [{ partitions: [{ committedOffset: 1, committedLeaderEpoch: 0, metadata: 'm'.repeat(4_096) }] }],
  });
  expect(await commit('t18', { metadata: 'm'.repeat(4_097) })).toBe(CODES.metadataTooLarge);
  expect(await commit('t18', { topic: 'absent' })).toBe(CODES.unknownTopic);
});

describe('T31: the consumer protocol', () => {
  const beat = (groupId: string, memberId: string, memberEpoch: number, more = {}) =>
    client.send(CONSUMER_GROUP_HEARTBEAT, 1, { groupId, memberId, memberEpoch, ...more });
  const joining = { rebalanceTimeoutMs: 10_000, subscribedTopicNames: ['t'], topicPartitions: [] };

  it('a member has what it was assigned, is fenced with a wrong epoch, and leaves whatever else it says', async () => {
    const joined = await beat('t31', 'm', 0, joining);
    expect(joined).toMatchObject({ errorCode: 0, memberId: 'm', heartbeatIntervalMs: 5_000 });
    expect(joined.assignment?.topicPartitions).toMatchObject([{ partitions: [0, 1] }]);
    expect(await beat('t31', 'm', joined.memberEpoch + 5)).toMatchObject({
      errorCode: CODES.fencedMemberEpoch,
    });
    expect(await beat('t31', 'nobody', 3)).toMatchObject({ errorCode: CODES.unknownMember });
    // As one client says it: with no subscription, and no time to rebalance.
    const leaving = { rebalanceTimeoutMs: 0, subscribedTopicNames: [], topicPartitions: [] };
    expect(await beat('t31', 'm', -1, leaving)).toMatchObject({ errorCode: 0, memberEpoch: -1 });
    expect(await beat('t31', 'm', joined.memberEpoch)).toMatchObject({ errorCode: CODES.unknownMember });
  });

  it('a static member keeps its place when it goes away for a while, and nobody has it before', async () => {
    const one = await beat('t31-static', 'a', 0, { ...joining, instanceId: 'one' });
    expect(await beat('t31-static', 'b', 0, { ...joining, instanceId: 'one' })).toMatchObject({
      errorCode: CODES.unreleasedInstanceId,
    });
    expect(await beat('t31-static', 'a', -2, { instanceId: 'one' })).toMatchObject({ errorCode: 0 });
    const back = await beat('t31-static', 'b', 0, { ...joining, instanceId: 'one' });
    expect(back).toMatchObject({ errorCode: 0, memberEpoch: one.memberEpoch });
    expect(back.assignment?.topicPartitions).toEqual(one.assignment?.topicPartitions);
  });

  it('an assignor that nobody knows is refused', async () => {
    expect(await beat('t31-assignor', 'm', 0, { ...joining, serverAssignor: 'best' })).toMatchObject({
      errorCode: CODES.unsupportedAssignor,
    });
  });
});

it('T32: members that join at the same time at different connections are of one generation', async () => {
  const others = await Promise.all(Array.from({ length: 5 }, () => connect(server)));
  const joined = await Promise.all(
    others.map(async (other) => {
      const body = {
        ...{ groupId: 't32', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
        protocols: [{ name: 'range', metadata: Buffer.from('') }],
      };
      const { memberId } = await other.send(JOIN_GROUP, 5, { ...body, memberId: '' });
      return other.send(JOIN_GROUP, 5, { ...body, memberId });
    }),
  );
  expect(joined.map(({ errorCode, generationId }) => [errorCode, generationId])).toEqual(
    others.map(() => [0, 1]),
  );
  expect(new Set(joined.map(({ leader }) => leader)).size).toBe(1);
  expect(joined.map(({ members }) => members.length).toSorted()).toEqual([0, 0, 0, 0, 5]);
  for (const other of others) other.close();
});
