// ListOffsets, key 2, versions 1 to 11, flexible from 6 on: the offset of a time, or the first or last one.
//
// ListOffsets Request => replica_id isolation_level(2+) [topics] timeout_ms(10+)
//   replica_id => INT32
//   isolation_level => INT8
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index current_leader_epoch(4+) timestamp
//       partition_index => INT32
//       current_leader_epoch => INT32
//       timestamp => INT64
//   timeout_ms => INT32
// ListOffsets Response => throttle_time_ms(2+) [topics]
//   throttle_time_ms => INT32
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index error_code timestamp offset leader_epoch(4+)
//       partition_index => INT32
//       error_code => INT16
//       timestamp => INT64
//       offset => INT64
//       leader_epoch => INT32
import { api, array, field, int16, int32, int64, int8, string, struct } from '../schema.ts';

/** The schema of ListOffsets: the offset of a time, or the first or last one. */
export const LIST_OFFSETS = api({
  apiKey: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 11,
  flexibleFrom: 6,
  request: struct({
    replicaId: int32,
    isolationLevel: field(int8, { versions: '2+' }),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            currentLeaderEpoch: field(int32, { versions: '4+', defaultValue: -1 }),
            timestamp: int64,
          }),
        ),
      }),
    ),
    timeoutMs: field(int32, { versions: '10+' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '2+', defaultValue: 0 }),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            timestamp: field(int64, { defaultValue: -1 }),
            offset: field(int64, { defaultValue: -1 }),
            leaderEpoch: field(int32, { versions: '4+', defaultValue: -1 }),
          }),
        ),
      }),
    ),
  }),
});
