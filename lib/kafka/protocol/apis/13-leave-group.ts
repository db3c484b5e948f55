// LeaveGroup, key 13, versions 0 to 5, flexible from 4 on: members leave a classic group.
//
// LeaveGroup Request => group_id member_id(0-2) [members](3+)
//   group_id => STRING
//   member_id => STRING
//   members => member_id group_instance_id reason(5+)
//     member_id => STRING
//     group_instance_id => NULLABLE_STRING
//     reason => NULLABLE_STRING
// LeaveGroup Response => throttle_time_ms(1+) error_code [members](3+)
//   throttle_time_ms => INT32
//   error_code => INT16
//   members => member_id group_instance_id error_code
//     member_id => STRING
//     group_instance_id => NULLABLE_STRING
//     error_code => INT16
import { api, array, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of LeaveGroup: members leave a classic group. */
export const LEAVE_GROUP = api({
  apiKey: 13,
  name: 'LeaveGroup',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    memberId: field(string, { versions: '0-2' }),
    members: field(
      array(
        struct({
          memberId: string,
          groupInstanceId: field(string, { nullable: '3+', defaultValue: null }),
          reason: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
        }),
      ),
      { versions: '3+' },
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    errorCode: int16,
    members: field(
      array(
        struct({ memberId: string, groupInstanceId: field(string, { nullable: '3+' }), errorCode: int16 }),
      ),
      { versions: '3+' },
    ),
  }),
});
