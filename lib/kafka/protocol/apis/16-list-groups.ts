// ListGroups, key 16, versions 0 to 5, flexible from 3 on: all groups.
//
// ListGroups Request => [states_filter](4+) [types_filter](5+)
//   states_filter => STRING
//   types_filter => STRING
// ListGroups Response => throttle_time_ms(1+) error_code [groups]
//   throttle_time_ms => INT32
//   error_code => INT16
//   groups => group_id protocol_type group_state(4+) group_type(5+)
//     group_id => STRING
//     protocol_type => STRING
//     group_state => STRING
//     group_type => STRING
import { api, array, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of ListGroups: all groups. */
export const LIST_GROUPS = api({
  apiKey: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: struct({
    statesFilter: field(array(string), { versions: '4+' }),
    typesFilter: field(array(string), { versions: '5+' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    errorCode: int16,
    groups: array(
      struct({
        groupId: string,
        protocolType: string,
        groupState: field(string, { versions: '4+' }),
        groupType: field(string, { versions: '5+' }),
      }),
    ),
  }),
});
