// ConsumerGroupHeartbeat, key 68, versions 0 to 1, always flexible:
// a member of a consumer group joins, stays, or leaves, and gets its assignment (KIP-848).
//
// ConsumerGroupHeartbeat Request => group_id member_id member_epoch instance_id rack_id rebalance_timeout_ms
//     [subscribed_topic_names] subscribed_topic_regex(1+) server_assignor [topic_partitions]
//   group_id => STRING
//   member_id => STRING
//   member_epoch => INT32
//   instance_id => NULLABLE_STRING
//   rack_id => NULLABLE_STRING
//   rebalance_timeout_ms => INT32
//   subscribed_topic_names => STRING, the array may be null
//   subscribed_topic_regex => NULLABLE_STRING
//   server_assignor => NULLABLE_STRING
//   topic_partitions (may be null) => topic_id [partitions]
//     topic_id => UUID
//     partitions => INT32
// ConsumerGroupHeartbeat Response => throttle_time_ms error_code error_message member_id member_epoch
//     heartbeat_interval_ms assignment
//   throttle_time_ms => INT32
//   error_code => INT16
//   error_message => NULLABLE_STRING
//   member_id => NULLABLE_STRING
//   member_epoch => INT32
//   heartbeat_interval_ms => INT32
//   assignment (may be null) => [topic_partitions]
//     topic_partitions => topic_id [partitions]
//       topic_id => UUID
//       partitions => INT32
import { api, array, field, int16, int32, string, struct, uuid } from '../schema.ts';

const topicPartitions = struct({ topicId: uuid, partitions: array(int32) });

/** The schema of ConsumerGroupHeartbeat: a member joins, stays, or leaves, and gets its assignment (KIP-848). */
export const CONSUMER_GROUP_HEARTBEAT = api({
  apiKey: 68,
  name: 'ConsumerGroupHeartbeat',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: struct({
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: field(string, { nullable: '0+', defaultValue: null }),
    rackId: field(string, { nullable: '0+', defaultValue: null }),
    rebalanceTimeoutMs: field(int32, { defaultValue: -1 }),
    subscribedTopicNames: field(array(string), { nullable: '0+', defaultValue: null }),
    subscribedTopicRegex: field(string, { versions: '1+', nullable: '1+', defaultValue: null }),
    serverAssignor: field(string, { nullable: '0+', defaultValue: null }),
    topicPartitions: field(array(struct({ topicId: uuid, partitions: array(int32) })), {
      nullable: '0+',
      defaultValue: null,
    }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    errorMessage: field(string, { nullable: '0+', defaultValue: null }),
    memberId: field(string, { nullable: '0+', defaultValue: null }),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: field(struct({ topicPartitions: array(topicPartitions) }), {
      nullable: '0+',
      defaultValue: null,
    }),
  }),
});
