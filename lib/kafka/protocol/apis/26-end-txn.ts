// EndTxn, key 26, versions 0 to 5, flexible from 3 on: a transaction is to commit or to abort.
//
// EndTxn Request => transactional_id producer_id producer_epoch committed
//   transactional_id => STRING
//   producer_id => INT64
//   producer_epoch => INT16
//   committed => BOOLEAN
// EndTxn Response => throttle_time_ms error_code producer_id(5+) producer_epoch(5+)
//   throttle_time_ms => INT32
//   error_code => INT16
//   producer_id => INT64
//   producer_epoch => INT16
import { api, bigInt64, bool, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of EndTxn: a transaction is to commit or to abort. */
export const END_TXN = api({
  apiKey: 26,
  name: 'EndTxn',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: bigInt64, producerEpoch: int16, committed: bool }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    producerId: field(bigInt64, { versions: '5+', defaultValue: -1n }),
    producerEpoch: field(int16, { versions: '5+', defaultValue: -1 }),
  }),
});
