// OffsetFetch, key 9, versions 1 to 10, flexible from 6 on: the offsets that groups have committed.
//
// OffsetFetch Request => group_id(1-7) [topics](1-7) [groups](8+) require_stable(7+)
//   group_id => STRING
//   topics (may be null in 2-7) => name [partition_indexes]
//     name => STRING
//     partition_indexes => INT32
//   groups => group_id member_id(9+) member_epoch(9+) [topics]
//     group_id => STRING
//     member_id => NULLABLE_STRING
//     member_epoch => INT32
//     topics (may be null) => name(8-9) topic_id(10+) [partition_indexes]
//       name => STRING
//       topic_id => UUID
//       partition_indexes => INT32
//   require_stable => BOOLEAN
// OffsetFetch Response => throttle_time_ms(3+) [topics](1-7) error_code(2-7) [groups](8+)
//   throttle_time_ms => INT32
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index committed_offset committed_leader_epoch(5-7) metadata error_code
//       partition_index => INT32
//       committed_offset => INT64
//       committed_leader_epoch => INT32
//       metadata => NULLABLE_STRING
//       error_code => INT16
//   error_code => INT16
//   groups => group_id [topics] error_code
//     group_id => STRING
//     topics => name(8-9) topic_id(10+) [partitions]
//       name => STRING
//       topic_id => UUID
//       partitions => partition_index committed_offset committed_leader_epoch metadata error_code
//         partition_index => INT32
//         committed_offset => INT64
//         committed_leader_epoch => INT32
//         metadata => NULLABLE_STRING
//         error_code => INT16
//     error_code => INT16
import { api, array, bool, field, int16, int32, int64, string, struct, uuid } from '../schema.ts';

/** The schema of OffsetFetch: the offsets that groups have committed. */
export const OFFSET_FETCH = api({
  apiKey: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 10,
  flexibleFrom: 6,
  request: struct({
    groupId: field(string, { versions: '1-7' }),
    topics: field(array(struct({ name: string, partitionIndexes: array(int32) })), {
      versions: '1-7',
      nullable: '2-7',
    }),
    groups: field(
      array(
        struct({
          groupId: string,
          memberId: field(string, { versions: '9+', nullable: '9+', defaultValue: null }),
          memberEpoch: field(int32, { versions: '9+', defaultValue: -1 }),
          topics: field(
            array(
              struct({
                name: field(string, { versions: '8-9' }),
                topicId: field(uuid, { versions: '10+' }),
                partitionIndexes: array(int32),
              }),
            ),
            { nullable: '8+' },
          ),
        }),
      ),
      { versions: '8+' },
    ),
    requireStable: field(bool, { versions: '7+', defaultValue: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '3+', defaultValue: 0 }),
    topics: field(
      array(
        struct({
          name: string,
          partitions: array(
            struct({
              partitionIndex: int32,
              committedOffset: int64,
              committedLeaderEpoch: field(int32, { versions: '5-7', defaultValue: -1 }),
              metadata: field(string, { nullable: '1-7' }),
              errorCode: int16,
            }),
          ),
        }),
      ),
      { versions: '1-7' },
    ),
    errorCode: field(int16, { versions: '2-7', defaultValue: 0 }),
    groups: field(
      array(
        struct({
          groupId: string,
          topics: array(
            struct({
              name: field(string, { versions: '8-9' }),
              topicId: field(uuid, { versions: '10+' }),
              partitions: array(
                struct({
                  partitionIndex: int32,
                  committedOffset: int64,
                  committedLeaderEpoch: field(int32, { defaultValue: -1 }),
                  metadata: field(string, { nullable: '8+' }),
                  errorCode: int16,
                }),
              ),
            }),
          ),
          errorCode: field(int16, { defaultValue: 0 }),
        }),
      ),
      { versions: '8+' },
    ),
  }),
});
