// InitProducerId, key 22, versions 0 to 5, flexible from 2 on: a producer id and epoch for idempotence or transactions.
//
// InitProducerId Request => transactional_id transaction_timeout_ms producer_id(3+) producer_epoch(3+)
//   transactional_id => NULLABLE_STRING
//   transaction_timeout_ms => INT32
//   producer_id => INT64
//   producer_epoch => INT16
// InitProducerId Response => throttle_time_ms error_code producer_id producer_epoch
//   throttle_time_ms => INT32
//   error_code => INT16
//   producer_id => INT64
//   producer_epoch => INT16
import { api, bigInt64, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of InitProducerId: a producer id and epoch for idempotence or transactions. */
export const INIT_PRODUCER_ID = api({
  apiKey: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 2,
  request: struct({
    transactionalId: field(string, { nullable: '0+' }),
    transactionTimeoutMs: int32,
    producerId: field(bigInt64, { versions: '3+', defaultValue: -1n }),
    producerEpoch: field(int16, { versions: '3+', defaultValue: -1 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    producerId: field(bigInt64, { defaultValue: -1n }),
    producerEpoch: int16,
  }),
});
