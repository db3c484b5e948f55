// The routes of groups: each is the service's own operation, in its own words.
import { beforeEach, describe, expect, it } from 'vitest';
import { createProcesses, type Process } from '../support/consumer-processes.ts';

const PLAIN = 'application/json';

const JOINING = { subscribedTopicNames: ['orders'], rebalanceTimeoutMs: 60_000, ownedPartitions: [] };

let process: Process;

beforeEach(async () => {
  process = (await createProcesses()).processes[0];
});

const send = (method: string, path: string, body: unknown, type = PLAIN) =>
  process.api.request(method, path, { headers: { 'content-type': type }, body });

const join = (fields: object = {}) =>
  send('POST', '/groups/g/heartbeat', {
    ...{ memberId: 'm', memberEpoch: 0, clientId: 'me', ...JOINING, ...fields },
  });

const epochOf = ({ json }: { readonly json: unknown }): number =>
  (json as { memberEpoch: number }).memberEpoch;

const commit = (memberEpoch: number, offsets: object[]) =>
  send('POST', '/groups/g/offsets', { memberId: 'm', generationOrMemberEpoch: memberEpoch, offsets });

describe('POST /groups/{group}/heartbeat', () => {
  it('joins, stays and leaves', async () => {
    const { topicId } = await process.broker.describeTopic('orders');
    const joined = await join({ sessionTimeoutMs: 10_000 });
    expect(joined).toMatchObject({
      status: 200,
      json: {
        ...{ memberId: 'm', heartbeatIntervalMs: 50 },
        assignment: [{ topic: 'orders', topicId, partitions: [0, 1, 2, 3] }],
      },
    });
    expect(joined.headers.get('content-type')).toBe(PLAIN);
    const memberEpoch = epochOf(joined);
    const stayed = await send('POST', '/groups/g/heartbeat', { memberId: 'm', memberEpoch });
    expect(stayed.json).toEqual({ memberId: 'm', memberEpoch, heartbeatIntervalMs: 50 });
    const left = await send('POST', '/groups/g/heartbeat', { memberId: 'm', memberEpoch: -1 });
    expect(left).toMatchObject({ status: 200, json: { memberEpoch: -1 } });
    const gone = await send('POST', '/groups/g/heartbeat', { memberId: 'm', memberEpoch });
    expect(gone).toMatchObject({
      status: 404,
      json: { error_code: 40403, kafka_error: 'UNKNOWN_MEMBER_ID' },
    });
  });

  it('says where the caller is, as the runtime knows it', async () => {
    const request = (memberId: string, env: object) =>
      process.api.app.request(
        'http://127.0.0.1/groups/g/heartbeat',
        {
          method: 'POST',
          headers: { 'content-type': PLAIN },
          body: JSON.stringify({ memberId, memberEpoch: 0, ...JOINING }),
        },
        env,
      );
    await request('a', { incoming: { socket: { remoteAddress: '::ffff:10.0.0.7' } } });
    await request('b', { event: { requestContext: { http: { sourceIp: '203.0.113.9' } } } });
    await request('c', {});
    const { members } = await process.broker.groups.describeGroup('g');
    expect(members.map(({ memberId, clientHost }) => [memberId, clientHost]).toSorted()).toEqual([
      ['a', '/10.0.0.7'],
      ['b', '/203.0.113.9'],
      ['c', '/'],
    ]);
  });

  it.each([
    [{ memberEpoch: 0 }, 'memberId'],
    [{ memberId: 'm', memberEpoch: -3 }, 'memberEpoch'],
    [{ memberId: 'm', memberEpoch: '0' }, 'memberEpoch'],
    [{ memberId: 'm', memberEpoch: 0, groupId: 'g' }, 'groupId'],
    [{ memberId: 'm', memberEpoch: 0, clientHost: '/evil' }, 'clientHost'],
    [{ memberId: 'm', memberEpoch: 0, subscribedTopicNames: 'orders' }, 'subscribedTopicNames'],
    [
      { memberId: 'm', memberEpoch: 0, ownedPartitions: [{ topicId: 't', partitions: [-1] }] },
      'ownedPartitions[0].partitions[0]',
    ],
    [{ memberId: 'm', memberEpoch: 0, sessionTimeoutMs: 0 }, 'sessionTimeoutMs'],
  ])('refuses %j with 42206', async (body, field) => {
    const answer = await send('POST', '/groups/g/heartbeat', body);
    expect(answer).toMatchObject({ status: 422, json: { error_code: 42206, field } });
  });

  it('answers errors of the service with their names', async () => {
    const refusals: [object, number, string][] = [
      [{ serverAssignor: 'sticky' }, 422, 'UNSUPPORTED_ASSIGNOR'],
      [{ subscribedTopicRegex: '(' }, 422, 'INVALID_REGULAR_EXPRESSION'],
      [{ sessionTimeoutMs: 100 }, 422, 'INVALID_SESSION_TIMEOUT'],
    ];
    for (const [fields, status, name] of refusals)
      expect(await join(fields)).toMatchObject({
        status,
        json: { kafka_error: name, outcome: 'not-applied' },
      });
    const memberEpoch = epochOf(await join());
    expect(
      await send('POST', '/groups/g/heartbeat', { memberId: 'm', memberEpoch: memberEpoch + 5 }),
    ).toMatchObject({
      status: 409,
      json: { kafka_error: 'FENCED_MEMBER_EPOCH' },
    });
  });

  it('takes JSON only, and gives JSON only', async () => {
    const body = { memberId: 'm', memberEpoch: 0 };
    const v2 = 'application/vnd.kafka.v2+json';
    expect(await send('POST', '/groups/g/heartbeat', body, v2)).toMatchObject({ status: 415 });
    expect(await send('POST', '/groups/g/heartbeat', '{')).toMatchObject({ status: 422 });
    expect(await process.get('/groups', v2)).toMatchObject({ status: 406 });
    expect(await process.api.get('/groups?state=Empty')).toMatchObject({ status: 400 });
  });
});

describe('offsets', () => {
  it('are committed, told of one by one where some are refused, and read again', async () => {
    const { topicId } = await process.broker.describeTopic('orders');
    const memberEpoch = epochOf(await join());
    const answer = await commit(memberEpoch, [
      { topic: 'orders', topicId, partition: 1, offset: 5, leaderEpoch: 2, metadata: 'note' },
      { topic: 'none', partition: 0, offset: 1 },
      { topic: 'jsontest', partition: 0, offset: 9 },
    ]);
    expect(answer).toMatchObject({
      status: 200,
      json: [
        { topic: 'orders', partition: 1 },
        { topic: 'none', error: { error_code: 40401, kafka_error: 'UNKNOWN_TOPIC_OR_PARTITION' } },
        { topic: 'jsontest', partition: 0 },
      ],
    });
    expect((answer.json as object[])[0]).not.toHaveProperty('error');
    const all = await process.get('/groups/g/offsets');
    expect(all).toMatchObject({
      status: 200,
      json: [
        { topic: 'jsontest', partition: 0, offset: 9, leaderEpoch: -1, metadata: '' },
        { topic: 'orders', topicId, partition: 1, offset: 5, leaderEpoch: 2, metadata: 'note' },
      ],
    });
    const some = await process.get(`/groups/g/offsets?topic=orders&memberId=m&memberEpoch=${memberEpoch}`);
    expect(some.json).toMatchObject([{ topic: 'orders', partition: 1, offset: 5 }]);
  });

  it('are refused to strangers, and asked for with both parts of a membership', async () => {
    const memberEpoch = epochOf(await join());
    const offsets = [{ topic: 'orders', partition: 0, offset: 1 }];
    expect(await commit(memberEpoch + 1, offsets)).toMatchObject({ status: 409 });
    const stranger = { memberId: '', generationOrMemberEpoch: -1, offsets };
    expect(await send('POST', '/groups/g/offsets', stranger)).toMatchObject({
      json: { kafka_error: 'UNKNOWN_MEMBER_ID' },
    });
    expect(await process.get('/groups/g/offsets?memberId=m')).toMatchObject({
      status: 400,
      json: { field: 'memberEpoch' },
    });
    expect(await process.get('/groups/g/offsets?memberEpoch=1')).toMatchObject({
      status: 400,
      json: { field: 'memberId' },
    });
    expect(await process.get(`/groups/g/offsets?memberId=m&memberEpoch=${memberEpoch + 1}`)).toMatchObject({
      status: 409,
    });
    expect(await process.get('/groups/g/offsets?topic=none')).toMatchObject({
      status: 404,
      json: { error_code: 40401 },
    });
    expect(await process.get('/groups/nobody/offsets')).toMatchObject({ status: 200, json: [] });
  });

  it.each([
    [{ topic: 'orders', partition: 0, offset: -1 }, 'offsets[0].offset'],
    [{ topic: 'orders', partition: 0.5, offset: 1 }, 'offsets[0].partition'],
    [{ topic: 'orders', partition: 0 }, 'offsets[0].offset'],
    [{ topic: 'orders', partition: 0, offset: 1, lag: 3 }, 'offsets[0].lag'],
  ])('like %j are refused', async (offset, field) => {
    expect(await commit(1, [offset])).toMatchObject({ status: 422, json: { error_code: 42206, field } });
  });
});

describe('groups', () => {
  it('are listed, described, measured and deleted', async () => {
    expect((await process.get('/groups')).json).toEqual([]);
    const memberEpoch = epochOf(await join({ groupInstanceId: 'static', rackId: 'r1' }));
    await commit(memberEpoch, [{ topic: 'orders', partition: 1, offset: 1 }]);
    await process.produce('orders', 1, ['a', 'b', 'c']);
    expect((await process.get('/groups')).json).toEqual([
      { groupId: 'g', type: 'consumer', protocolType: 'consumer', state: 'Stable' },
    ]);
    const member = {
      memberId: 'm',
      clientId: 'me',
      clientHost: '/',
      groupInstanceId: 'static',
      rackId: 'r1',
    };
    expect(await process.get('/groups/g')).toMatchObject({
      status: 200,
      json: { groupId: 'g', protocolName: 'uniform', members: [{ ...member, consumer: { memberEpoch } }] },
    });
    const { json: lags } = await process.get('/groups/g/lag');
    expect(lags).toHaveLength(4);
    expect((lags as object[])[0]).toMatchObject({ topic: 'orders', partition: 0, logEndOffset: 0, member });
    expect((lags as object[])[0]).not.toHaveProperty('lag');
    expect((lags as object[])[1]).toMatchObject({
      partition: 1,
      committedOffset: 1,
      logEndOffset: 3,
      lag: 2,
    });

    expect(await process.remove('/groups/g')).toMatchObject({
      status: 409,
      json: { kafka_error: 'NON_EMPTY_GROUP' },
    });
    await send('POST', '/groups/g/heartbeat', { memberId: 'm', memberEpoch: -1 });
    expect(await process.remove('/groups/g')).toMatchObject({ status: 204, text: '' });
    expect((await process.get('/groups')).json).toEqual([]);
    const gone = { status: 404, json: { error_code: 40405, kafka_error: 'GROUP_ID_NOT_FOUND' } };
    expect(await process.remove('/groups/g')).toMatchObject(gone);
    expect(await process.get('/groups/g')).toMatchObject(gone);
    expect(await process.get('/groups/g/lag')).toMatchObject(gone);
  });

  it('show what classic members joined with as base64', async () => {
    const bytes = Uint8Array.of(0, 1, 255);
    const { groups } = process.broker;
    const joined = await groups.joinGroup({
      ...{ groupId: 'k', memberId: '', clientId: 'java', clientHost: '/1.2.3.4', protocolType: 'connect' },
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, requiresKnownMemberId: false },
      ...{ supportsSkippingAssignment: false, protocols: [{ name: 'default', metadata: bytes }] },
    });
    if (joined.kind !== 'joined') throw new Error(joined.kind);
    const { memberId, generation } = joined;
    const assignments = [{ memberId, assignment: bytes }];
    await groups.syncGroup({ groupId: 'k', memberId, generation, assignments });
    expect(await process.get('/groups/k')).toMatchObject({
      status: 200,
      json: {
        ...{ type: 'classic', state: 'Stable', protocolType: 'connect', leader: memberId },
        members: [{ clientHost: '/1.2.3.4', classic: { metadata: 'AAH/', assignment: 'AAH/' } }],
      },
    });
  });

  it('lose single offsets, but not of topics that they read', async () => {
    const memberEpoch = epochOf(await join());
    await commit(memberEpoch, [
      { topic: 'orders', partition: 0, offset: 1 },
      { topic: 'jsontest', partition: 0, offset: 1 },
    ]);
    const partitions = [
      { topic: 'orders', partition: 0 },
      { topic: 'jsontest', partition: 0 },
    ];
    expect(await send('DELETE', '/groups/g/offsets', { partitions })).toMatchObject({
      status: 200,
      json: [{ topic: 'orders', error: { kafka_error: 'GROUP_SUBSCRIBED_TO_TOPIC' } }, { topic: 'jsontest' }],
    });
    expect((await process.get('/groups/g/offsets')).json).toMatchObject([{ topic: 'orders' }]);
    expect(await send('DELETE', '/groups/g/offsets', { partitions: [] })).toMatchObject({ status: 422 });
    expect(await send('DELETE', '/groups/none/offsets', { partitions })).toMatchObject({ status: 404 });
  });
});
