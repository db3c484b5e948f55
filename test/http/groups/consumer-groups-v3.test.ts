// Consumer groups as Kafka REST v3 shows them: the resources of its OpenAPI document.
import { beforeEach, describe, expect, it } from 'vitest';
import { assignedPartitionsOf } from '../../../lib/groups/assigned-partitions.ts';
import { createProcesses, type Process } from '../support/consumer-processes.ts';

const ORIGIN = 'http://127.0.0.1/v3/clusters/cluster-1';
const ROOT = '/v3/clusters/cluster-1/consumer-groups';
const GROUP = `${ORIGIN}/consumer-groups/group-1`;

let process: Process;
let memberId: string;

beforeEach(async () => {
  process = (await createProcesses()).processes[0];
  const base = await process.createConsumer('group-1', 'client-1');
  await process.post(`${base}/subscription`, { topics: ['orders'] });
  for (const partition of [0, 1, 2, 3]) await process.produce('orders', partition, ['a', 'b']);
  await process.read(base);
  await process.post(`${base}/offsets`);
  await process.produce('orders', 2, ['c', 'd', 'e']);
  await process.produce('orders', 3, ['c']);
  const { members } = await process.broker.groups.describeGroup('group-1');
  memberId = members[0]?.memberId ?? '';
});

const group = () => ({
  kind: 'KafkaConsumerGroup',
  metadata: { self: GROUP, resource_name: 'crn:///kafka=cluster-1/consumer-group=group-1' },
  cluster_id: 'cluster-1',
  consumer_group_id: 'group-1',
  is_simple: false,
  partition_assignor: 'uniform',
  state: 'STABLE',
  type: 'CONSUMER',
  is_mixed_consumer_group: false,
  coordinator: { related: `${ORIGIN}/brokers/0` },
  consumers: { related: `${GROUP}/consumers` },
  lag_summary: { related: `${GROUP}/lag-summary` },
});

const consumer = () => ({
  kind: 'KafkaConsumer',
  metadata: {
    self: `${GROUP}/consumers/${memberId}`,
    resource_name: `crn:///kafka=cluster-1/consumer-group=group-1/consumer=${memberId}`,
  },
  cluster_id: 'cluster-1',
  consumer_group_id: 'group-1',
  consumer_id: memberId,
  instance_id: null,
  client_id: 'client-1',
  assignments: { related: `${GROUP}/consumers/${memberId}/assignments` },
});

const assignment = (partition: number) => ({
  kind: 'KafkaConsumerAssignment',
  metadata: {
    self: `${GROUP}/consumers/${memberId}/assignments/orders/partitions/${partition}`,
    resource_name: `crn:///kafka=cluster-1/consumer-group=group-1/consumer=${memberId}/assignment=orders/partition=${partition}`,
  },
  cluster_id: 'cluster-1',
  consumer_group_id: 'group-1',
  consumer_id: memberId,
  topic_name: 'orders',
  partition_id: partition,
  partition: { related: `${ORIGIN}/topics/orders/partitions/${partition}` },
  lag: { related: `${GROUP}/lags/orders/partitions/${partition}` },
});

const lag = (partition: number, end: number) => ({
  kind: 'KafkaConsumerLag',
  metadata: {
    self: `${GROUP}/lags/orders/partitions/${partition}`,
    resource_name: `crn:///kafka=cluster-1/consumer-group=group-1/lag=orders/partition=${partition}`,
  },
  cluster_id: 'cluster-1',
  consumer_group_id: 'group-1',
  topic_name: 'orders',
  partition_id: partition,
  current_offset: 2,
  log_end_offset: end,
  lag: end - 2,
  consumer_id: memberId,
  instance_id: null,
  client_id: 'client-1',
});

const listOf = (kind: string, self: string, data: object[]) => ({
  kind,
  metadata: { self, next: null },
  data,
});

describe('v3 consumer groups', () => {
  it('are listed and described', async () => {
    expect((await process.get(ROOT)).json).toEqual(
      listOf('KafkaConsumerGroupList', `${ORIGIN}/consumer-groups`, [group()]),
    );
    expect((await process.get(`${ROOT}/group-1`)).json).toEqual(group());
  });

  it('have consumers with assignments', async () => {
    const consumers = `${ROOT}/group-1/consumers`;
    expect((await process.get(consumers)).json).toEqual(
      listOf('KafkaConsumerList', `${GROUP}/consumers`, [consumer()]),
    );
    expect((await process.get(`${consumers}/${memberId}`)).json).toEqual(consumer());
    expect((await process.get(`${consumers}/${memberId}/assignments`)).json).toEqual(
      listOf(
        'KafkaConsumerAssignmentList',
        `${GROUP}/consumers/${memberId}/assignments`,
        [0, 1, 2, 3].map(assignment),
      ),
    );
    expect((await process.get(`${consumers}/${memberId}/assignments/orders/partitions/3`)).json).toEqual(
      assignment(3),
    );
  });

  it('have lags and their sum', async () => {
    expect((await process.get(`${ROOT}/group-1/lags`)).json).toEqual(
      listOf('KafkaConsumerLagList', `${GROUP}/lags`, [lag(0, 2), lag(1, 2), lag(2, 5), lag(3, 3)]),
    );
    expect((await process.get(`${ROOT}/group-1/lags/orders/partitions/2`)).json).toEqual(lag(2, 5));
    expect((await process.get(`${ROOT}/group-1/lag-summary`)).json).toEqual({
      kind: 'KafkaConsumerGroupLagSummary',
      metadata: {
        self: `${GROUP}/lag-summary`,
        resource_name: 'crn:///kafka=cluster-1/consumer-group=group-1/lag-summary',
      },
      cluster_id: 'cluster-1',
      consumer_group_id: 'group-1',
      max_lag_consumer_id: memberId,
      max_lag_instance_id: null,
      max_lag_client_id: 'client-1',
      max_lag_topic_name: 'orders',
      max_lag_partition_id: 2,
      max_lag: 3,
      total_lag: 4,
      max_lag_consumer: { related: `${GROUP}/consumers/${memberId}` },
      max_lag_partition: { related: `${ORIGIN}/topics/orders/partitions/2` },
    });
  });

  it('are simple where they only commit, and have lags of nobody', async () => {
    const offsets = [{ topic: 'orders', partition: 0, offset: 1 }];
    await process.broker.groups.commitOffsets({
      ...{ groupId: 'simple', memberId: '', generationOrMemberEpoch: -1, offsets },
    });
    expect((await process.get(`${ROOT}/simple`)).json).toMatchObject({ is_simple: true, state: 'EMPTY' });
    expect((await process.get(`${ROOT}/simple/lags`)).json).toMatchObject({
      data: [{ current_offset: 1, lag: 1, consumer_id: '', instance_id: null, client_id: '' }],
    });
    expect((await process.get(ROOT)).json).toMatchObject({
      data: [{ consumer_group_id: 'group-1' }, { consumer_group_id: 'simple' }],
    });
  });

  it.each([
    ['/v3/clusters/other/consumer-groups', 404],
    [`${ROOT}/none`, 40405],
    [`${ROOT}/none/consumers`, 40405],
    [`${ROOT}/none/lags`, 40405],
    [`${ROOT}/none/lag-summary`, 40405],
    [`${ROOT}/group-1/consumers/none`, 40403],
    [`${ROOT}/group-1/consumers/none/assignments`, 40403],
    [`${ROOT}/group-1/lags/orders/partitions/9`, 404],
    [`${ROOT}/group-1/lags/none/partitions/0`, 404],
  ])('answer 404 to %s', async (path, code) => {
    expect(await process.get(path)).toMatchObject({ status: 404, json: { error_code: code } });
  });

  it('answer 404 to a partition that the consumer does not have', async () => {
    const path = `${ROOT}/group-1/consumers/${memberId}/assignments/orders/partitions/4`;
    expect(await process.get(path)).toMatchObject({ status: 404, json: { error_code: 40402 } });
  });
});

describe("a classic member's assignment", () => {
  const member = (assignment: Uint8Array) => ({
    ...{ memberId: 'm', clientId: 'c', clientHost: '/' },
    classic: { metadata: new Uint8Array(), assignment },
  });
  // Version 3, two topics: b with 1 and 0, a with 2; no user data.
  const bytes = Buffer.from(
    '0003' + '00000002' + '000162' + '000000020000000100000000' + '000161' + '0000000100000002' + 'ffffffff',
    'hex',
  );

  it('is read from the bytes', () => {
    expect(assignedPartitionsOf(member(bytes))).toEqual([
      { topic: 'a', partition: 2 },
      { topic: 'b', partition: 0 },
      { topic: 'b', partition: 1 },
    ]);
  });

  it('is none where the bytes end early, or are none', () => {
    for (let end = 0; end < bytes.length - 4; end++)
      expect(assignedPartitionsOf(member(bytes.subarray(0, end)))).toEqual([]);
  });
});
