// ConsumerGroupHeartbeat: the whole of the consumer protocol (KIP-848).
import { CONSUMER_GROUP_HEARTBEAT } from '../protocol/apis/68-consumer-group-heartbeat.ts';
import { groupErrorOf } from './group-errors.ts';
import { handler } from './handler.ts';

/** ConsumerGroupHeartbeat. */
export const consumerGroupHeartbeat = handler<typeof CONSUMER_GROUP_HEARTBEAT>({
  schema: CONSUMER_GROUP_HEARTBEAT,
  handle: async ({ broker, clientId, clientHost }, request) => {
    const { groupId, memberId, memberEpoch, rebalanceTimeoutMs } = request;
    try {
      const answer = await broker.groups.consumerGroupHeartbeat({
        ...{ groupId, memberId, memberEpoch, clientId, clientHost },
        ...(rebalanceTimeoutMs >= 0 && { rebalanceTimeoutMs }),
        ...given('groupInstanceId', request.instanceId),
        ...given('rackId', request.rackId),
        ...given('subscribedTopicNames', request.subscribedTopicNames),
        ...given('subscribedTopicRegex', request.subscribedTopicRegex),
        ...given('serverAssignor', request.serverAssignor),
        ...given('ownedPartitions', request.topicPartitions),
      });
      const { assignment } = answer;
      return {
        ...{ errorCode: 0, memberId: answer.memberId, memberEpoch: answer.memberEpoch },
        heartbeatIntervalMs: answer.heartbeatIntervalMs,
        assignment: assignment ? { topicPartitions: assignment } : null,
      };
    } catch (error) {
      return {
        ...groupErrorOf(error),
        memberId: null,
        memberEpoch: 0,
        heartbeatIntervalMs: 0,
        assignment: null,
      };
    }
  },
});

const given = <Name extends string, T>(name: Name, value: T | null): { readonly [N in Name]?: T } =>
  value === null ? {} : ({ [name]: value } as { readonly [N in Name]?: T });
