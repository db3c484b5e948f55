// DescribeTopicPartitions, key 75, version 0, always flexible: topics and their partitions, a page at a time.
//
// DescribeTopicPartitions Request => [topics] response_partition_limit cursor
//   topics => name
//     name => STRING
//   response_partition_limit => INT32
//   cursor (may be null) => topic_name partition_index
//     topic_name => STRING
//     partition_index => INT32
// DescribeTopicPartitions Response => throttle_time_ms [topics] next_cursor
//   throttle_time_ms => INT32
//   topics => error_code name topic_id is_internal [partitions] topic_authorized_operations
//     error_code => INT16
//     name => NULLABLE_STRING
//     topic_id => UUID
//     is_internal => BOOLEAN
//     partitions => error_code partition_index leader_id leader_epoch [replica_nodes] [isr_nodes]
//         [eligible_leader_replicas] [last_known_elr] [offline_replicas]
//       error_code => INT16
//       partition_index => INT32
//       leader_id => INT32
//       leader_epoch => INT32
//       replica_nodes => INT32
//       isr_nodes => INT32
//       eligible_leader_replicas => INT32, the array may be null
//       last_known_elr => INT32, the array may be null
//       offline_replicas => INT32
//     topic_authorized_operations => INT32
//   next_cursor (may be null) => topic_name partition_index
//     topic_name => STRING
//     partition_index => INT32
import { api, array, bool, field, int16, int32, string, struct, uuid } from '../schema.ts';

/** The schema of DescribeTopicPartitions: topics and their partitions, a page at a time. */
export const DESCRIBE_TOPIC_PARTITIONS = api({
  apiKey: 75,
  name: 'DescribeTopicPartitions',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({
    topics: array(struct({ name: string })),
    responsePartitionLimit: field(int32, { defaultValue: 2000 }),
    cursor: field(struct({ topicName: string, partitionIndex: int32 }), {
      nullable: '0+',
      defaultValue: null,
    }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    topics: array(
      struct({
        errorCode: int16,
        name: field(string, { nullable: '0+' }),
        topicId: uuid,
        isInternal: field(bool, { defaultValue: false }),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: field(int32, { defaultValue: -1 }),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            eligibleLeaderReplicas: field(array(int32), { nullable: '0+', defaultValue: null }),
            lastKnownElr: field(array(int32), { nullable: '0+', defaultValue: null }),
            offlineReplicas: array(int32),
          }),
        ),
        topicAuthorizedOperations: field(int32, { defaultValue: -2147483648 }),
      }),
    ),
    nextCursor: field(struct({ topicName: string, partitionIndex: int32 }), {
      nullable: '0+',
      defaultValue: null,
    }),
  }),
});
