// OffsetDelete, key 47, version 0, never flexible: committed offsets to delete.
//
// OffsetDelete Request => group_id [topics]
//   group_id => STRING
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index
//       partition_index => INT32
// OffsetDelete Response => error_code throttle_time_ms [topics]
//   error_code => INT16
//   throttle_time_ms => INT32
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index error_code
//       partition_index => INT32
//       error_code => INT16
import { api, array, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of OffsetDelete: committed offsets to delete. */
export const OFFSET_DELETE = api({
  apiKey: 47,
  name: 'OffsetDelete',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: null,
  request: struct({
    groupId: string,
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32 })) })),
  }),
  response: struct({
    errorCode: int16,
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    topics: array(
      struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) }),
    ),
  }),
});
