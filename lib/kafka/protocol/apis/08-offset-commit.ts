// OffsetCommit, key 8, versions 2 to 10, flexible from 8 on: a group's offsets to keep.
//
// OffsetCommit Request => group_id generation_id_or_member_epoch member_id group_instance_id(7+)
//     retention_time_ms(2-4) [topics]
//   group_id => STRING
//   generation_id_or_member_epoch => INT32
//   member_id => STRING
//   group_instance_id => NULLABLE_STRING
//   retention_time_ms => INT64
//   topics => name(2-9) topic_id(10+) [partitions]
//     name => STRING
//     topic_id => UUID
//     partitions => partition_index committed_offset committed_leader_epoch(6+) committed_metadata
//       partition_index => INT32
//       committed_offset => INT64
//       committed_leader_epoch => INT32
//       committed_metadata => NULLABLE_STRING
// OffsetCommit Response => throttle_time_ms(3+) [topics]
//   throttle_time_ms => INT32
//   topics => name(2-9) topic_id(10+) [partitions]
//     name => STRING
//     topic_id => UUID
//     partitions => partition_index error_code
//       partition_index => INT32
//       error_code => INT16
import { api, array, field, int16, int32, int64, string, struct, uuid } from '../schema.ts';

/** The schema of OffsetCommit: a group's offsets to keep. */
export const OFFSET_COMMIT = api({
  apiKey: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 10,
  flexibleFrom: 8,
  request: struct({
    groupId: string,
    generationIdOrMemberEpoch: field(int32, { defaultValue: -1 }),
    memberId: string,
    groupInstanceId: field(string, { versions: '7+', nullable: '7+', defaultValue: null }),
    retentionTimeMs: field(int64, { versions: '2-4', defaultValue: -1 }),
    topics: array(
      struct({
        name: field(string, { versions: '2-9' }),
        topicId: field(uuid, { versions: '10+' }),
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: field(int32, { versions: '6+', defaultValue: -1 }),
            committedMetadata: field(string, { nullable: '2+' }),
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '3+', defaultValue: 0 }),
    topics: array(
      struct({
        name: field(string, { versions: '2-9' }),
        topicId: field(uuid, { versions: '10+' }),
        partitions: array(struct({ partitionIndex: int32, errorCode: int16 })),
      }),
    ),
  }),
});
