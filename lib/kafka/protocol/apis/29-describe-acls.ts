// DescribeAcls, key 29, versions 1 to 3, flexible from 2 on: the ACLs that a filter matches.
//
// DescribeAcls Request => resource_type_filter resource_name_filter pattern_type_filter principal_filter host_filter
//     operation permission_type
//   resource_type_filter => INT8
//   resource_name_filter => NULLABLE_STRING
//   pattern_type_filter => INT8
//   principal_filter => NULLABLE_STRING
//   host_filter => NULLABLE_STRING
//   operation => INT8
//   permission_type => INT8
// DescribeAcls Response => throttle_time_ms error_code error_message [resources]
//   throttle_time_ms => INT32
//   error_code => INT16
//   error_message => NULLABLE_STRING
//   resources => resource_type resource_name pattern_type [acls]
//     resource_type => INT8
//     resource_name => STRING
//     pattern_type => INT8
//     acls => principal host operation permission_type
//       principal => STRING
//       host => STRING
//       operation => INT8
//       permission_type => INT8
import { ACL_FILTER, nullableString } from '../acl-filter.ts';
import { api, array, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of DescribeAcls: the ACLs that a filter matches. */
export const DESCRIBE_ACLS = api({
  apiKey: 29,
  name: 'DescribeAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({
    ...ACL_FILTER,
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    errorMessage: nullableString,
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        patternType: int8,
        acls: array(struct({ principal: string, host: string, operation: int8, permissionType: int8 })),
      }),
    ),
  }),
});
