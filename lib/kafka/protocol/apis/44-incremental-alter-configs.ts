// IncrementalAlterConfigs, key 44, versions 0 to 1, flexible from 1 on: configs of a resource, one operation each.
//
// IncrementalAlterConfigs Request => [resources] validate_only
//   resources => resource_type resource_name [configs]
//     resource_type => INT8
//     resource_name => STRING
//     configs => name config_operation value
//       name => STRING
//       config_operation => INT8
//       value => NULLABLE_STRING
//   validate_only => BOOLEAN
// IncrementalAlterConfigs Response => throttle_time_ms [responses]
//   throttle_time_ms => INT32
//   responses => error_code error_message resource_type resource_name
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     resource_type => INT8
//     resource_name => STRING
import { api, array, bool, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of IncrementalAlterConfigs: configs of a resource, one operation each. */
export const INCREMENTAL_ALTER_CONFIGS = api({
  apiKey: 44,
  name: 'IncrementalAlterConfigs',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({ name: string, configOperation: int8, value: field(string, { nullable: '0+' }) }),
        ),
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
