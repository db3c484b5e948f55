// DescribeConfigs, key 32, versions 0 to 4, flexible from 4 on: the configs of topics, brokers and groups.
//
// DescribeConfigs Request => [resources] include_synonyms(1+) include_documentation(3+)
//   resources => resource_type resource_name [configuration_keys]
//     resource_type => INT8
//     resource_name => STRING
//     configuration_keys => STRING, the array may be null
//   include_synonyms => BOOLEAN
//   include_documentation => BOOLEAN
// DescribeConfigs Response => throttle_time_ms [results]
//   throttle_time_ms => INT32
//   results => error_code error_message resource_type resource_name [configs]
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     resource_type => INT8
//     resource_name => STRING
//     configs => name value read_only is_default(0) config_source(1+) is_sensitive [synonyms](1+)
//         config_type(3+) documentation(3+)
//       name => STRING
//       value => NULLABLE_STRING
//       read_only => BOOLEAN
//       is_default => BOOLEAN
//       config_source => INT8
//       is_sensitive => BOOLEAN
//       synonyms => name value source
//         name => STRING
//         value => NULLABLE_STRING
//         source => INT8
//       config_type => INT8
//       documentation => NULLABLE_STRING
import { api, array, bool, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of DescribeConfigs: the configs of topics, brokers and groups. */
export const DESCRIBE_CONFIGS = api({
  apiKey: 32,
  name: 'DescribeConfigs',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configurationKeys: field(array(string), { nullable: '0+' }),
      }),
    ),
    includeSynonyms: field(bool, { versions: '1+', defaultValue: false }),
    includeDocumentation: field(bool, { versions: '3+', defaultValue: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    results: array(
      struct({
        errorCode: int16,
        errorMessage: field(string, { nullable: '0+' }),
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: field(string, { nullable: '0+' }),
            readOnly: bool,
            isDefault: field(bool, { versions: '0' }),
            configSource: field(int8, { versions: '1+', defaultValue: -1 }),
            isSensitive: bool,
            synonyms: field(
              array(struct({ name: string, value: field(string, { nullable: '1+' }), source: int8 })),
              { versions: '1+' },
            ),
            configType: field(int8, { versions: '3+', defaultValue: 0 }),
            documentation: field(string, { versions: '3+', nullable: '3+' }),
          }),
        ),
      }),
    ),
  }),
});
