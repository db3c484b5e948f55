// AlterConfigs, key 33, versions 0 to 2, flexible from 2 on: all configs of a resource, replaced.
//
// AlterConfigs Request => [resources] validate_only
//   resources => resource_type resource_name [configs]
//     resource_type => INT8
//     resource_name => STRING
//     configs => name value
//       name => STRING
//       value => NULLABLE_STRING
//   validate_only => BOOLEAN
// AlterConfigs Response => throttle_time_ms [responses]
//   throttle_time_ms => INT32
//   responses => error_code error_message resource_type resource_name
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     resource_type => INT8
//     resource_name => STRING
import { api, array, bool, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of AlterConfigs: all configs of a resource, replaced. */
export const ALTER_CONFIGS = api({
  apiKey: 33,
  name: 'AlterConfigs',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, value: field(string, { nullable: '0+' }) })),
      }),
    ),
    validateOnly: bool,
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    responses: array(
      struct({
        errorCode: int16,
        errorMessage: field(string, { nullable: '0+' }),
        resourceType: int8,
        resourceName: string,
      }),
    ),
  }),
});
