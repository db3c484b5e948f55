// DeleteGroups, key 42, versions 0 to 2, flexible from 2 on: groups to delete.
//
// DeleteGroups Request => [groups_names]
//   groups_names => STRING
// DeleteGroups Response => throttle_time_ms [results]
//   throttle_time_ms => INT32
//   results => group_id error_code
//     group_id => STRING
//     error_code => INT16
import { api, array, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of DeleteGroups: groups to delete. */
export const DELETE_GROUPS = api({
  apiKey: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({ groupsNames: array(string) }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    results: array(struct({ groupId: string, errorCode: int16 })),
  }),
});
