// DeleteRecords, key 21, versions 0 to 2, flexible from 2 on: partitions whose records before an offset are to go.
//
// DeleteRecords Request => [topics] timeout_ms
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index offset
//       partition_index => INT32
//       offset => INT64
//   timeout_ms => INT32
// DeleteRecords Response => throttle_time_ms [topics]
//   throttle_time_ms => INT32
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index low_watermark error_code
//       partition_index => INT32
//       low_watermark => INT64
//       error_code => INT16
import { api, array, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of DeleteRecords: partitions whose records before an offset are to go. */
export const DELETE_RECORDS = api({
  apiKey: 21,
  name: 'DeleteRecords',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({
    topics: array(
      struct({ name: string, partitions: array(struct({ partitionIndex: int32, offset: int64 })) }),
    ),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partitionIndex: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
});
