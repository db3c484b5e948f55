// TxnOffsetCommit, key 28, versions 0 to 5, flexible from 3 on: a group's offsets to keep if the transaction commits.
//
// TxnOffsetCommit Request => transactional_id group_id producer_id producer_epoch generation_id(3+)
//     member_id(3+) group_instance_id(3+) [topics]
//   transactional_id => STRING
//   group_id => STRING
//   producer_id => INT64
//   producer_epoch => INT16
//   generation_id => INT32
//   member_id => STRING
//   group_instance_id => NULLABLE_STRING
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index committed_offset committed_leader_epoch(2+) committed_metadata
//       partition_index => INT32
//       committed_offset => INT64
//       committed_leader_epoch => INT32
//       committed_metadata => NULLABLE_STRING
// TxnOffsetCommit Response => throttle_time_ms [topics]
//   throttle_time_ms => INT32
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index error_code
//       partition_index => INT32
//       error_code => INT16
import { api, array, bigInt64, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of TxnOffsetCommit: a group's offsets to keep if the transaction commits. */
export const TXN_OFFSET_COMMIT = api({
  apiKey: 28,
  name: 'TxnOffsetCommit',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: bigInt64,
    producerEpoch: int16,
    generationId: field(int32, { versions: '3+', defaultValue: -1 }),
    memberId: field(string, { versions: '3+', defaultValue: '' }),
    groupInstanceId: field(string, { versions: '3+', nullable: '3+', defaultValue: null }),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: field(int32, { versions: '2+', defaultValue: -1 }),
            committedMetadata: field(string, { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    topics: array(
      struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) }),
    ),
  }),
});
