// Metadata, key 3, versions 0 to 13, flexible from 9 on: the brokers, and the topics with their partitions and leaders.
//
// Metadata Request => [topics] allow_auto_topic_creation(4+) include_cluster_authorized_operations(8-10)
//     include_topic_authorized_operations(8+)
//   topics (may be null in 1+) => topic_id(10+) name
//     topic_id => UUID
//     name => NULLABLE_STRING, null in 10+
//   allow_auto_topic_creation => BOOLEAN
//   include_cluster_authorized_operations => BOOLEAN
//   include_topic_authorized_operations => BOOLEAN
// Metadata Response => throttle_time_ms(3+) [brokers] cluster_id(2+) controller_id(1+) [topics]
//     cluster_authorized_operations(8-10) error_code(13+)
//   throttle_time_ms => INT32
//   brokers => node_id host port rack(1+)
//     node_id => INT32
//     host => STRING
//     port => INT32
//     rack => NULLABLE_STRING
//   cluster_id => NULLABLE_STRING
//   controller_id => INT32
//   topics => error_code name topic_id(10+) is_internal(1+) [partitions] topic_authorized_operations(8+)
//     error_code => INT16
//     name => NULLABLE_STRING, null in 12+
//     topic_id => UUID
//     is_internal => BOOLEAN
//     partitions => error_code partition_index leader_id leader_epoch(7+) [replica_nodes] [isr_nodes]
//         [offline_replicas](5+)
//       error_code => INT16
//       partition_index => INT32
//       leader_id => INT32
//       leader_epoch => INT32
//       replica_nodes => INT32
//       isr_nodes => INT32
//       offline_replicas => INT32
//     topic_authorized_operations => INT32
//   cluster_authorized_operations => INT32
//   error_code => INT16
import { api, array, bool, field, int16, int32, string, struct, uuid } from '../schema.ts';

/** The schema of Metadata: the brokers, and the topics with their partitions and leaders. */
export const METADATA = api({
  apiKey: 3,
  name: 'Metadata',
  minVersion: 0,
  maxVersion: 13,
  flexibleFrom: 9,
  request: struct({
    topics: field(
      array(struct({ topicId: field(uuid, { versions: '10+' }), name: field(string, { nullable: '10+' }) })),
      { nullable: '1+' },
    ),
    allowAutoTopicCreation: field(bool, { versions: '4+', defaultValue: true }),
    includeClusterAuthorizedOperations: field(bool, { versions: '8-10' }),
    includeTopicAuthorizedOperations: field(bool, { versions: '8+' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '3+', defaultValue: 0 }),
    brokers: array(
      struct({
        nodeId: int32,
        host: string,
        port: int32,
        rack: field(string, { versions: '1+', nullable: '1+', defaultValue: null }),
      }),
    ),
    clusterId: field(string, { versions: '2+', nullable: '2+', defaultValue: null }),
    controllerId: field(int32, { versions: '1+', defaultValue: -1 }),
    topics: array(
      struct({
        errorCode: int16,
        name: field(string, { nullable: '12+' }),
        topicId: field(uuid, { versions: '10+' }),
        isInternal: field(bool, { versions: '1+', defaultValue: false }),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: field(int32, { versions: '7+', defaultValue: -1 }),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: field(array(int32), { versions: '5+' }),
          }),
        ),
        topicAuthorizedOperations: field(int32, { versions: '8+', defaultValue: -2147483648 }),
      }),
    ),
    clusterAuthorizedOperations: field(int32, { versions: '8-10', defaultValue: -2147483648 }),
    errorCode: field(int16, { versions: '13+' }),
  }),
});
