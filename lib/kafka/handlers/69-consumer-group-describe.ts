// ConsumerGroupDescribe: groups of the consumer protocol, with what each member has and is to have.
import { BrokerError } from '../../base/errors.ts';
import { CONSUMER_GROUP_DESCRIBE } from '../protocol/apis/69-consumer-group-describe.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import type { AssignedTopic, MemberDescription } from '../../groups/groups.ts';
import type { ResponseOf } from '../protocol/schema.ts';

type Answer = ResponseOf<typeof CONSUMER_GROUP_DESCRIBE>['groups'][number];

/** Of a member: it speaks the consumer protocol. */
const MEMBER_TYPE_CONSUMER = 1;

/** ConsumerGroupDescribe. */
export const consumerGroupDescribe = handler<typeof CONSUMER_GROUP_DESCRIBE>({
  schema: CONSUMER_GROUP_DESCRIBE,
  handle: async (context, { groupIds }) => ({
    groups: await Promise.all(groupIds.map((groupId) => describe(context, groupId))),
  }),
});

async function describe({ broker }: RequestContext, groupId: string): Promise<Answer> {
  try {
    const group = await broker.groups.describeGroup(groupId);
    if (group.type !== 'consumer')
      throw new BrokerError('GROUP_ID_NOT_FOUND', `group ${groupId} is no consumer group`);
    return {
      ...{ errorCode: 0, groupId, groupState: group.state, groupEpoch: group.generation },
      ...{ assignmentEpoch: group.assignmentEpoch ?? -1, assignorName: group.protocolName },
      members: group.members.map(memberOf),
    };
  } catch (error) {
    const none = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
    return { ...none, ...errorOf(error), groupId };
  }
}

function memberOf(member: MemberDescription): Answer['members'][number] {
  const { memberId, groupInstanceId = null, rackId = null, clientId, clientHost, consumer } = member;
  return {
    ...{ memberId, instanceId: groupInstanceId, rackId, clientId, clientHost },
    memberEpoch: consumer?.memberEpoch ?? -1,
    subscribedTopicNames: consumer?.subscribedTopicNames ?? [],
    subscribedTopicRegex: consumer?.subscribedTopicRegex ?? null,
    assignment: assignmentOf(consumer?.assignment ?? []),
    targetAssignment: assignmentOf(consumer?.targetAssignment ?? []),
    memberType: MEMBER_TYPE_CONSUMER,
  };
}

const assignmentOf = (topics: readonly AssignedTopic[]) => ({
  topicPartitions: topics.map(({ topicId, topic, partitions }) => ({
    topicId,
    topicName: topic,
    partitions,
  })),
});
