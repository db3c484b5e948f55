// SyncGroup, key 14, versions 0 to 5, flexible from 4 on:
// the leader of a classic group hands out assignments, every member gets its own.
//
// SyncGroup Request => group_id generation_id member_id group_instance_id(3+) protocol_type(5+)
//     protocol_name(5+) [assignments]
//   group_id => STRING
//   generation_id => INT32
//   member_id => STRING
//   group_instance_id => NULLABLE_STRING
//   protocol_type => NULLABLE_STRING
//   protocol_name => NULLABLE_STRING
//   assignments => member_id assignment
//     member_id => STRING
//     assignment => BYTES
// SyncGroup Response => throttle_time_ms(1+) error_code protocol_type(5+) protocol_name(5+) assignment
//   throttle_time_ms => INT32
//   error_code => INT16
//   protocol_type => NULLABLE_STRING
//   protocol_name => NULLABLE_STRING
//   assignment => BYTES
import { api, array, bytes, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of SyncGroup: the leader of a classic group hands out assignments, every member gets its own. */
export const SYNC_GROUP = api({
  apiKey: 14,
  name: 'SyncGroup',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: field(string, { versions: '3+', nullable: '3+', defaultValue: null }),
    protocolType: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
    protocolName: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    errorCode: int16,
    protocolType: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
    protocolName: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
    assignment: bytes,
  }),
});
