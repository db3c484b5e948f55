// AddOffsetsToTxn, key 25, versions 0 to 4, flexible from 3 on: a group whose offsets a transaction is about to commit.
//
// AddOffsetsToTxn Request => transactional_id producer_id producer_epoch group_id
//   transactional_id => STRING
//   producer_id => INT64
//   producer_epoch => INT16
//   group_id => STRING
// AddOffsetsToTxn Response => throttle_time_ms error_code
//   throttle_time_ms => INT32
//   error_code => INT16
import { api, bigInt64, field, int16, int32, string, struct } from '../schema.ts';

/** The schema of AddOffsetsToTxn: a group whose offsets a transaction is about to commit. */
export const ADD_OFFSETS_TO_TXN = api({
  apiKey: 25,
  name: 'AddOffsetsToTxn',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: bigInt64, producerEpoch: int16, groupId: string }),
  response: struct({ throttleTimeMs: field(int32, { defaultValue: 0 }), errorCode: int16 }),
});
