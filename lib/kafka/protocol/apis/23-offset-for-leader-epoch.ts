// OffsetForLeaderEpoch, key 23, versions 2 to 4, flexible from 4 on: where the epochs of partitions' leaders end.
//
// OffsetForLeaderEpoch Request => replica_id(3+) [topics]
//   replica_id => INT32
//   topics => topic [partitions]
//     topic => STRING
//     partitions => partition current_leader_epoch leader_epoch
//       partition => INT32
//       current_leader_epoch => INT32
//       leader_epoch => INT32
// OffsetForLeaderEpoch Response => throttle_time_ms [topics]
//   throttle_time_ms => INT32
//   topics => topic [partitions]
//     topic => STRING
//     partitions => error_code partition leader_epoch end_offset
//       error_code => INT16
//       partition => INT32
//       leader_epoch => INT32
//       end_offset => INT64
import { api, array, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of OffsetForLeaderEpoch: where the epochs of partitions' leaders end. */
export const OFFSET_FOR_LEADER_EPOCH = api({
  apiKey: 23,
  name: 'OffsetForLeaderEpoch',
  minVersion: 2,
  maxVersion: 4,
  flexibleFrom: 4,
  request: struct({
    replicaId: field(int32, { versions: '3+', defaultValue: -2 }),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: field(int32, { defaultValue: -1 }),
            leaderEpoch: int32,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderEpoch: field(int32, { defaultValue: -1 }),
            endOffset: field(int64, { defaultValue: -1 }),
          }),
        ),
      }),
    ),
  }),
});
