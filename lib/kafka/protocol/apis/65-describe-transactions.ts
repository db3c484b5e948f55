// DescribeTransactions, key 65, version 0, always flexible: the state of transactional ids.
//
// DescribeTransactions Request => [transactional_ids]
//   transactional_ids => STRING
// DescribeTransactions Response => throttle_time_ms [transaction_states]
//   throttle_time_ms => INT32
//   transaction_states => error_code transactional_id transaction_state transaction_timeout_ms
//       transaction_start_time_ms producer_id producer_epoch [topics]
//     error_code => INT16
//     transactional_id => STRING
//     transaction_state => STRING
//     transaction_timeout_ms => INT32
//     transaction_start_time_ms => INT64
//     producer_id => INT64
//     producer_epoch => INT16
//     topics => topic [partitions]
//       topic => STRING
//       partitions => INT32
import { api, array, bigInt64, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of DescribeTransactions: the state of transactional ids. */
export const DESCRIBE_TRANSACTIONS = api({
  apiKey: 65,
  name: 'DescribeTransactions',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({ transactionalIds: array(string) }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    transactionStates: array(
      struct({
        errorCode: int16,
        transactionalId: string,
        transactionState: string,
        transactionTimeoutMs: int32,
        transactionStartTimeMs: int64,
        producerId: bigInt64,
        producerEpoch: int16,
        topics: array(struct({ topic: string, partitions: array(int32) })),
      }),
    ),
  }),
});
