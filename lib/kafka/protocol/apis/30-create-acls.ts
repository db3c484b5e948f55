// CreateAcls, key 30, versions 1 to 3, flexible from 2 on: ACLs to make.
//
// CreateAcls Request => [creations]
//   creations => resource_type resource_name resource_pattern_type principal host operation permission_type
//     resource_type => INT8
//     resource_name => STRING
//     resource_pattern_type => INT8
//     principal => STRING
//     host => STRING
//     operation => INT8
//     permission_type => INT8
// CreateAcls Response => throttle_time_ms [results]
//   throttle_time_ms => INT32
//   results => error_code error_message
//     error_code => INT16
//     error_message => NULLABLE_STRING
import { api, array, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of CreateAcls: ACLs to make. */
export const CREATE_ACLS = api({
  apiKey: 30,
  name: 'CreateAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({
    creations: array(
      struct({
        resourceType: int8,
        resourceName: string,
        resourcePatternType: int8,
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    results: array(struct({ errorCode: int16, errorMessage: field(string, { nullable: '0+' }) })),
  }),
});
