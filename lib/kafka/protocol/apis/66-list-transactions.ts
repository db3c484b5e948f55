// ListTransactions, key 66, versions 0 to 2, always flexible: all transactions.
//
// ListTransactions Request => [state_filters] [producer_id_filters] duration_filter(1+)
//     transactional_id_pattern(2+)
//   state_filters => STRING
//   producer_id_filters => INT64
//   duration_filter => INT64
//   transactional_id_pattern => NULLABLE_STRING
// ListTransactions Response => throttle_time_ms error_code [unknown_state_filters] [transaction_states]
//   throttle_time_ms => INT32
//   error_code => INT16
//   unknown_state_filters => STRING
//   transaction_states => transactional_id producer_id transaction_state
//     transactional_id => STRING
//     producer_id => INT64
//     transaction_state => STRING
import { api, array, bigInt64, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of ListTransactions: all transactions. */
export const LIST_TRANSACTIONS = api({
  apiKey: 66,
  name: 'ListTransactions',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  request: struct({
    stateFilters: array(string),
    producerIdFilters: array(bigInt64),
    durationFilter: field(int64, { versions: '1+', defaultValue: -1 }),
    transactionalIdPattern: field(string, { versions: '2+', nullable: '2+', defaultValue: null }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array(
      struct({ transactionalId: string, producerId: bigInt64, transactionState: string }),
    ),
  }),
});
