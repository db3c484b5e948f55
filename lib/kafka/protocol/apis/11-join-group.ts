// JoinGroup, key 11, versions 0 to 9, flexible from 6 on: a member joins a classic group and waits for its generation.
//
// JoinGroup Request => group_id session_timeout_ms rebalance_timeout_ms(1+) member_id group_instance_id(5+)
//     protocol_type [protocols] reason(8+)
//   group_id => STRING
//   session_timeout_ms => INT32
//   rebalance_timeout_ms => INT32
//   member_id => STRING
//   group_instance_id => NULLABLE_STRING
//   protocol_type => STRING
//   protocols => name metadata
//     name => STRING
//     metadata => BYTES
//   reason => NULLABLE_STRING
// JoinGroup Response => throttle_time_ms(2+) error_code generation_id protocol_type(7+) protocol_name leader
//     skip_assignment(9+) member_id [members]
//   throttle_time_ms => INT32
//   error_code => INT16
//   generation_id => INT32
//   protocol_type => NULLABLE_STRING
//   protocol_name => NULLABLE_STRING, null in 7+
//   leader => STRING
//   skip_assignment => BOOLEAN
//   member_id => STRING
//   members => member_id group_instance_id(5+) metadata
//     member_id => STRING
//     group_instance_id => NULLABLE_STRING
//     metadata => BYTES
import { api, array, bool, bytes, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of JoinGroup: a member joins a classic group and waits for its generation. */
export const JOIN_GROUP = api({
  apiKey: 11,
  name: 'JoinGroup',
  minVersion: 0,
  maxVersion: 9,
  flexibleFrom: 6,
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: field(int32, { versions: '1+', defaultValue: -1 }),
    memberId: string,
    groupInstanceId: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
    reason: field(string, { versions: '8+', nullable: '8+', defaultValue: null }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '2+', defaultValue: 0 }),
    errorCode: int16,
    generationId: field(int32, { defaultValue: -1 }),
    protocolType: field(string, { versions: '7+', nullable: '7+', defaultValue: null }),
    protocolName: field(string, { nullable: '7+' }),
    leader: string,
    skipAssignment: field(bool, { versions: '9+', defaultValue: false }),
    memberId: string,
    members: array(
      struct({
        memberId: string,
        groupInstanceId: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
        metadata: bytes,
      }),
    ),
  }),
});
