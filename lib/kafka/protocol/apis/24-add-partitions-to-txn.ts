// AddPartitionsToTxn, key 24, versions 0 to 3, flexible from 3 on: partitions that a transaction is about to write to.
//
// AddPartitionsToTxn Request => v3_and_below_transactional_id v3_and_below_producer_id
//     v3_and_below_producer_epoch [v3_and_below_topics]
//   v3_and_below_transactional_id => STRING
//   v3_and_below_producer_id => INT64
//   v3_and_below_producer_epoch => INT16
//   v3_and_below_topics => name [partitions]
//     name => STRING
//     partitions => INT32
// AddPartitionsToTxn Response => throttle_time_ms [results_by_topic_v3_and_below]
//   throttle_time_ms => INT32
//   results_by_topic_v3_and_below => name [results_by_partition]
//     name => STRING
//     results_by_partition => partition_index partition_error_code
//       partition_index => INT32
//       partition_error_code => INT16
import { api, array, bigInt64, field, int16, int32, string, struct } from '../schema.ts';

const addPartitionsToTxnTopic = struct({ name: string, partitions: array(int32) });

const addPartitionsToTxnPartitionResult = struct({ partitionIndex: int32, partitionErrorCode: int16 });

const addPartitionsToTxnTopicResult = struct({
  name: string,
  resultsByPartition: array(addPartitionsToTxnPartitionResult),
});

/** The schema of AddPartitionsToTxn: partitions that a transaction is about to write to. */
export const ADD_PARTITIONS_TO_TXN = api({
  apiKey: 24,
  name: 'AddPartitionsToTxn',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  request: struct({
    v3AndBelowTransactionalId: string,
    v3AndBelowProducerId: bigInt64,
    v3AndBelowProducerEpoch: int16,
    v3AndBelowTopics: array(addPartitionsToTxnTopic),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    resultsByTopicV3AndBelow: array(addPartitionsToTxnTopicResult),
  }),
});
