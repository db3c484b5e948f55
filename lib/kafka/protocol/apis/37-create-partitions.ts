// CreatePartitions, key 37, versions 0 to 3, flexible from 2 on: more partitions for topics.
//
// CreatePartitions Request => [topics] timeout_ms validate_only
//   topics => name count [assignments]
//     name => STRING
//     count => INT32
//     assignments (may be null) => [broker_ids]
//       broker_ids => INT32
//   timeout_ms => INT32
//   validate_only => BOOLEAN
// CreatePartitions Response => throttle_time_ms [results]
//   throttle_time_ms => INT32
//   results => name error_code error_message
//     name => STRING
//     error_code => INT16
//     error_message => NULLABLE_STRING
import { api, array, bool, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of CreatePartitions: more partitions for topics. */
export const CREATE_PARTITIONS = api({
  apiKey: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({
    topics: array(
      struct({
        name: string,
        count: int32,
        assignments: field(array(struct({ brokerIds: array(int32) })), { nullable: '0+' }),
      }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    results: array(
      struct({
        name: string,
        errorCode: int16,
        errorMessage: field(string, { nullable: '0+', defaultValue: null }),
      }),
    ),
  }),
});
