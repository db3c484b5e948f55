// DescribeProducers, key 61, version 0, always flexible: the producers that partitions know.
//
// DescribeProducers Request => [topics]
//   topics => name [partition_indexes]
//     name => STRING
//     partition_indexes => INT32
// DescribeProducers Response => throttle_time_ms [topics]
//   throttle_time_ms => INT32
//   topics => name [partitions]
//     name => STRING
//     partitions => partition_index error_code error_message [active_producers]
//       partition_index => INT32
//       error_code => INT16
//       error_message => NULLABLE_STRING
//       active_producers => producer_id producer_epoch last_sequence last_timestamp coordinator_epoch
//           current_txn_start_offset
//         producer_id => INT64
//         producer_epoch => INT32
//         last_sequence => INT32
//         last_timestamp => INT64
//         coordinator_epoch => INT32
//         current_txn_start_offset => INT64
import { api, array, bigInt64, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of DescribeProducers: the producers that partitions know. */
export const DESCRIBE_PRODUCERS = api({
  apiKey: 61,
  name: 'DescribeProducers',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({ topics: array(struct({ name: string, partitionIndexes: array(int32) })) }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            errorMessage: field(string, { nullable: '0+', defaultValue: null }),
            activeProducers: array(
              struct({
                producerId: bigInt64,
                producerEpoch: int32,
                lastSequence: field(int32, { defaultValue: -1 }),
                lastTimestamp: field(int64, { defaultValue: -1 }),
                coordinatorEpoch: int32,
                currentTxnStartOffset: field(int64, { defaultValue: -1 }),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
