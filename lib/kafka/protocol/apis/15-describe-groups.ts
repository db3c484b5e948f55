// DescribeGroups, key 15, versions 0 to 6, flexible from 5 on: the state and members of classic groups.
//
// DescribeGroups Request => [groups] include_authorized_operations(3+)
//   groups => STRING
//   include_authorized_operations => BOOLEAN
// DescribeGroups Response => throttle_time_ms(1+) [groups]
//   throttle_time_ms => INT32
//   groups => error_code error_message(6+) group_id group_state protocol_type protocol_data [members]
//       authorized_operations(3+)
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     group_id => STRING
//     group_state => STRING
//     protocol_type => STRING
//     protocol_data => STRING
//     members => member_id group_instance_id(4+) client_id client_host member_metadata member_assignment
//       member_id => STRING
//       group_instance_id => NULLABLE_STRING
//       client_id => STRING
//       client_host => STRING
//       member_metadata => BYTES
//       member_assignment => BYTES
//     authorized_operations => INT32
import { api, array, bool, bytes, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of DescribeGroups: the state and members of classic groups. */
export const DESCRIBE_GROUPS = api({
  apiKey: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 5,
  request: struct({ groups: array(string), includeAuthorizedOperations: field(bool, { versions: '3+' }) }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: field(string, { versions: '6+', nullable: '6+', defaultValue: null }),
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolData: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: field(string, { versions: '4+', nullable: '4+', defaultValue: null }),
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: field(int32, { versions: '3+', defaultValue: -2147483648 }),
      }),
    ),
  }),
});
