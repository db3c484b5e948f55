// DeleteAcls, key 31, versions 1 to 3, flexible from 2 on: the ACLs that filters match are to go.
//
// DeleteAcls Request => [filters]
//   filters => resource_type_filter resource_name_filter pattern_type_filter principal_filter host_filter operation
//       permission_type
//     resource_type_filter => INT8
//     resource_name_filter => NULLABLE_STRING
//     pattern_type_filter => INT8
//     principal_filter => NULLABLE_STRING
//     host_filter => NULLABLE_STRING
//     operation => INT8
//     permission_type => INT8
// DeleteAcls Response => throttle_time_ms [filter_results]
//   throttle_time_ms => INT32
//   filter_results => error_code error_message [matching_acls]
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     matching_acls => error_code error_message resource_type resource_name pattern_type principal host operation
//         permission_type
//       error_code => INT16
//       error_message => NULLABLE_STRING
//       resource_type => INT8
//       resource_name => STRING
//       pattern_type => INT8
//       principal => STRING
//       host => STRING
//       operation => INT8
//       permission_type => INT8
import { ACL_FILTER, nullableString } from '../acl-filter.ts';
import { api, array, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of DeleteAcls: the ACLs that filters match are to go. */
export const DELETE_ACLS = api({
  apiKey: 31,
  name: 'DeleteAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({
    filters: array(
      struct({
        ...ACL_FILTER,
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    filterResults: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        matchingAcls: array(
          struct({
            errorCode: int16,
            errorMessage: nullableString,
            resourceType: int8,
            resourceName: string,
            patternType: int8,
            principal: string,
            host: string,
            operation: int8,
            permissionType: int8,
          }),
        ),
      }),
    ),
  }),
});
