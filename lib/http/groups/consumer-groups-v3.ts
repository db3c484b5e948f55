// /v3/clusters/{cluster_id}/consumer-groups: groups and their members as Kafka REST v3 shows them.
import type { Context } from 'hono';
import { BrokerError } from '../../base/errors.ts';
import type { Broker } from '../../broker/broker.ts';
import type { GroupDescription, MemberDescription } from '../../groups/groups.ts';
import { answerV3 } from '../answer.ts';
import { HttpError } from '../errors.ts';
import { pathParameter } from '../request.ts';
import { answerList, linkTo, ListQuery, metadataOf, requireCluster } from '../resources-v3.ts';
import type { Route } from '../route.ts';
import { v3Answer } from '../schemas.ts';
import { BROKER_ID } from '../topics.ts';
import type { AssignedPartition } from '../../groups/consumer-protocol.ts';
import { assignedPartitionsOf } from '../../groups/assigned-partitions.ts';
import {
  ConsumerAssignmentData,
  ConsumerAssignmentList,
  ConsumerData,
  ConsumerGroupData,
  ConsumerGroupList,
  ConsumerList,
} from './schemas-groups-v3.ts';

/** Which member of which group. */
interface MemberPlace {
  readonly clusterId: string;
  readonly groupId: string;
  readonly memberId: string;
}

function groupData(c: Context, clusterId: string, group: GroupDescription): ConsumerGroupData {
  const { groupId } = group;
  const path = [clusterId, 'consumer-groups', groupId] as const;
  return {
    kind: 'KafkaConsumerGroup',
    metadata: metadataOf(c, {
      path,
      name: [
        ['kafka', clusterId],
        ['consumer-group', groupId],
      ],
    }),
    cluster_id: clusterId,
    consumer_group_id: groupId,
    is_simple: group.type === 'classic' && group.protocolType === '',
    partition_assignor: group.protocolName,
    state: group.state.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as ConsumerGroupData['state'],
    type: group.type === 'classic' ? 'CLASSIC' : 'CONSUMER',
    is_mixed_consumer_group: false,
    coordinator: { related: linkTo(c, clusterId, 'brokers', BROKER_ID) },
    consumers: { related: linkTo(c, ...path, 'consumers') },
    lag_summary: { related: linkTo(c, ...path, 'lag-summary') },
  };
}

function consumerData(c: Context, place: MemberPlace, member: MemberDescription): ConsumerData {
  const { clusterId, groupId, memberId } = place;
  const path = [clusterId, 'consumer-groups', groupId, 'consumers', memberId] as const;
  return {
    kind: 'KafkaConsumer',
    metadata: metadataOf(c, {
      path,
      name: [
        ['kafka', clusterId],
        ['consumer-group', groupId],
        ['consumer', memberId],
      ],
    }),
    cluster_id: clusterId,
    consumer_group_id: groupId,
    consumer_id: memberId,
    instance_id: member.groupInstanceId ?? null,
    client_id: member.clientId,
    assignments: { related: linkTo(c, ...path, 'assignments') },
  };
}

function assignmentData(
  c: Context,
  { clusterId, groupId, memberId }: MemberPlace,
  { topic, partition }: AssignedPartition,
): ConsumerAssignmentData {
  const group = [clusterId, 'consumer-groups', groupId] as const;
  return {
    kind: 'KafkaConsumerAssignment',
    metadata: metadataOf(c, {
      path: [...group, 'consumers', memberId, 'assignments', topic, 'partitions', partition],
      name: [
        ['kafka', clusterId],
        ['consumer-group', groupId],
        ['consumer', memberId],
        ['assignment', topic],
        ['partition', partition],
      ],
    }),
    cluster_id: clusterId,
    consumer_group_id: groupId,
    consumer_id: memberId,
    topic_name: topic,
    partition_id: partition,
    partition: { related: linkTo(c, clusterId, 'topics', topic, 'partitions', partition) },
    lag: { related: linkTo(c, ...group, 'lags', topic, 'partitions', partition) },
  };
}

/** Groups that are described at once. */
const DESCRIBED_AT_ONCE = 16;

/** Those of consumers, in the order of their ids. One that goes meanwhile is left out. */
async function describeAll({ groups }: Pick<Broker, 'groups'>): Promise<readonly GroupDescription[]> {
  const listed = (await groups.listGroups()).filter(({ protocolType }) =>
    ['consumer', ''].includes(protocolType),
  );
  const described: GroupDescription[] = [];
  for (let from = 0; from < listed.length; from += DESCRIBED_AT_ONCE) {
    const some = listed.slice(from, from + DESCRIBED_AT_ONCE);
    const found = await Promise.all(some.map(({ groupId }) => describeIfThere({ groups }, groupId)));
    described.push(...found.filter((group) => group !== undefined));
  }
  return described;
}

async function describeIfThere(
  { groups }: Pick<Broker, 'groups'>,
  groupId: string,
): Promise<GroupDescription | undefined> {
  try {
    return await groups.describeGroup(groupId);
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'GROUP_ID_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The member that the path names. Throws 40405, and 40403 where the group has no such member. */
async function requireMember(
  c: Context,
  broker: Broker,
): Promise<{ place: MemberPlace; member: MemberDescription }> {
  const clusterId = await requireCluster(c, broker);
  const group = await broker.groups.describeGroup(pathParameter(c, 'consumer_group_id'));
  const memberId = pathParameter(c, 'consumer_id');
  const member = group.members.find((one) => one.memberId === memberId);
  if (member) return { place: { clusterId, groupId: group.groupId, memberId }, member };
  throw notFound(
    40403,
    `Consumer ${memberId} cannot be found: group ${group.groupId} has no such member`,
    'consumer_id',
  );
}

const notFound = (errorCode: number, message: string, field: string): HttpError =>
  new HttpError({ status: 404, errorCode, message, details: { field } });

async function getAssignment(c: Context, broker: Broker): Promise<Response> {
  const { place, member } = await requireMember(c, broker);
  const [topic, partition] = [pathParameter(c, 'topic_name'), pathParameter(c, 'partition_id')];
  const assigned = assignedPartitionsOf(member).find(
    (one) => one.topic === topic && String(one.partition) === partition,
  );
  if (assigned) return answerV3(c, assignmentData(c, place, assigned));
  const message = `Assignment ${topic}-${partition} cannot be found: consumer ${place.memberId} does not have it`;
  throw notFound(40402, message, 'partition_id');
}

const PATH = '/v3/clusters/{cluster_id}/consumer-groups';
const CONSUMER_PATH = `${PATH}/{consumer_group_id}/consumers/{consumer_id}`;

/** Sorts by topic, then as the numbers do: `!` comes before everything that names are made of. */
export const placeKey = ({ topic, partition }: AssignedPartition): string =>
  `${topic}!${String(partition).padStart(10, '0')}`;

/** The routes of groups and members; those of lags are in lags-v3.ts. */
export const CONSUMER_GROUPS_V3_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: PATH,
    group: 'admin',
    operationId: 'listConsumerGroupsV3',
    summary: 'List the consumer groups',
    query: ListQuery,
    answers: { 200: v3Answer('The groups, by id', ConsumerGroupList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      return answerList(c, 'KafkaConsumerGroupList', await describeAll(broker), {
        keyOf: ({ groupId }) => groupId,
        render: (group) => groupData(c, clusterId, group),
      });
    },
  },
  {
    method: 'GET',
    path: `${PATH}/{consumer_group_id}`,
    group: 'admin',
    operationId: 'getConsumerGroupV3',
    summary: 'Get a consumer group',
    answers: { 200: v3Answer('The group', ConsumerGroupData) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const group = await broker.groups.describeGroup(pathParameter(c, 'consumer_group_id'));
      return answerV3(c, groupData(c, clusterId, group));
    },
  },
  {
    method: 'GET',
    path: `${PATH}/{consumer_group_id}/consumers`,
    group: 'admin',
    operationId: 'listConsumersV3',
    summary: 'List the members of a consumer group',
    query: ListQuery,
    answers: { 200: v3Answer('The members, by id', ConsumerList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const { groupId, members } = await broker.groups.describeGroup(pathParameter(c, 'consumer_group_id'));
      const sorted = members.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
      return answerList(c, 'KafkaConsumerList', sorted, {
        keyOf: ({ memberId }) => memberId,
        render: (member) => consumerData(c, { clusterId, groupId, memberId: member.memberId }, member),
      });
    },
  },
  {
    method: 'GET',
    path: CONSUMER_PATH,
    group: 'admin',
    operationId: 'getConsumerV3',
    summary: 'Get a member of a consumer group',
    answers: { 200: v3Answer('The member', ConsumerData) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const { place, member } = await requireMember(c, broker);
      return answerV3(c, consumerData(c, place, member));
    },
  },
  {
    method: 'GET',
    path: `${CONSUMER_PATH}/assignments`,
    group: 'admin',
    operationId: 'listConsumerAssignmentsV3',
    summary: 'List the partitions of a member',
    query: ListQuery,
    answers: { 200: v3Answer('The partitions, by topic and number', ConsumerAssignmentList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const { place, member } = await requireMember(c, broker);
      return answerList(c, 'KafkaConsumerAssignmentList', assignedPartitionsOf(member), {
        keyOf: placeKey,
        render: (assigned) => assignmentData(c, place, assigned),
      });
    },
  },
  {
    method: 'GET',
    path: `${CONSUMER_PATH}/assignments/{topic_name}/partitions/{partition_id}`,
    group: 'admin',
    operationId: 'getConsumerAssignmentV3',
    summary: 'Get a partition of a member',
    answers: { 200: v3Answer('The partition', ConsumerAssignmentData) },
    errors: [404, 406],
    handle: (c, { broker }) => getAssignment(c, broker),
  },
];
