// ConsumerGroupDescribe, key 69, versions 0 to 1, always flexible: the state and members of consumer groups (KIP-848).
//
// ConsumerGroupDescribe Request => [group_ids] include_authorized_operations
//   group_ids => STRING
//   include_authorized_operations => BOOLEAN
// ConsumerGroupDescribe Response => throttle_time_ms [groups]
//   throttle_time_ms => INT32
//   groups => error_code error_message group_id group_state group_epoch assignment_epoch assignor_name
//       [members] authorized_operations
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     group_id => STRING
//     group_state => STRING
//     group_epoch => INT32
//     assignment_epoch => INT32
//     assignor_name => STRING
//     members => member_id instance_id rack_id member_epoch client_id client_host [subscribed_topic_names]
//         subscribed_topic_regex assignment target_assignment member_type(1+)
//       member_id => STRING
//       instance_id => NULLABLE_STRING
//       rack_id => NULLABLE_STRING
//       member_epoch => INT32
//       client_id => STRING
//       client_host => STRING
//       subscribed_topic_names => STRING
//       subscribed_topic_regex => NULLABLE_STRING
//       assignment => [topic_partitions]
//         topic_partitions => topic_id topic_name [partitions]
//           topic_id => UUID
//           topic_name => STRING
//           partitions => INT32
//       target_assignment => [topic_partitions]
//         topic_partitions => topic_id topic_name [partitions]
//           topic_id => UUID
//           topic_name => STRING
//           partitions => INT32
//       member_type => INT8
//     authorized_operations => INT32
import { api, array, bool, field, int16, int32, int8, string, struct, uuid } from '../schema.ts';

const topicPartitions = struct({ topicId: uuid, topicName: string, partitions: array(int32) });

const assignment = struct({ topicPartitions: array(topicPartitions) });

/** The schema of ConsumerGroupDescribe: the state and members of consumer groups (KIP-848). */
export const CONSUMER_GROUP_DESCRIBE = api({
  apiKey: 69,
  name: 'ConsumerGroupDescribe',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: struct({ groupIds: array(string), includeAuthorizedOperations: bool }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: field(string, { nullable: '0+', defaultValue: null }),
        groupId: string,
        groupState: string,
        groupEpoch: int32,
        assignmentEpoch: int32,
        assignorName: string,
        members: array(
          struct({
            memberId: string,
            instanceId: field(string, { nullable: '0+', defaultValue: null }),
            rackId: field(string, { nullable: '0+', defaultValue: null }),
            memberEpoch: int32,
            clientId: string,
            clientHost: string,
            subscribedTopicNames: array(string),
            subscribedTopicRegex: field(string, { nullable: '0+', defaultValue: null }),
            assignment,
            targetAssignment: assignment,
            memberType: field(int8, { versions: '1+', defaultValue: -1 }),
          }),
        ),
        authorizedOperations: field(int32, { defaultValue: -2147483648 }),
      }),
    ),
  }),
});
