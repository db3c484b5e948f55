// ListConfigResources, key 74, versions 0 to 1, always flexible: the resources that have configs, by type.
//
// ListConfigResources Request => [resource_types](1+)
//   resource_types => INT8
// ListConfigResources Response => throttle_time_ms error_code [config_resources]
//   throttle_time_ms => INT32
//   error_code => INT16
//   config_resources => resource_name resource_type(1+)
//     resource_name => STRING
//     resource_type => INT8
import { api, array, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of ListConfigResources: the resources that have configs, by type. */
export const LIST_CONFIG_RESOURCES = api({
  apiKey: 74,
  name: 'ListConfigResources',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: struct({ resourceTypes: field(array(int8), { versions: '1+' }) }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    configResources: array(
      struct({ resourceName: string, resourceType: field(int8, { versions: '1+', defaultValue: 16 }) }),
    ),
  }),
});
