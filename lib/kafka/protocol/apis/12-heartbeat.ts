// Heartbeat, key 12, versions 0 to 4, flexible from 4 on: a member of a classic group is still there.
//
// Heartbeat Request => group_id generation_id member_id group_instance_id(3+)
//   group_id => STRING
//   generation_id => INT32
//   member_id => STRING
//   group_instance_id => NULLABLE_STRING
// Heartbeat Response => throttle_time_ms(1+) error_code
//   throttle_time_ms => INT32
//   error_code => INT16
import { api, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of Heartbeat: a member of a classic group is still there. */
export const HEARTBEAT = api({
  apiKey: 12,
  name: 'Heartbeat',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: field(string, { versions: '3+', nullable: '3+', defaultValue: null }),
  }),
  response: struct({ throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }), errorCode: int16 }),
});
