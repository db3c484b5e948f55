// FindCoordinator, key 10, versions 0 to 6, flexible from 3 on: the broker that keeps a group or a transactional id.
//
// FindCoordinator Request => key(0-3) key_type(1+) [coordinator_keys](4+)
//   key => STRING
//   key_type => INT8
//   coordinator_keys => STRING
// FindCoordinator Response => throttle_time_ms(1+) error_code(0-3) error_message(1-3) node_id(0-3) host(0-3)
//     port(0-3) [coordinators](4+)
//   throttle_time_ms => INT32
//   error_code => INT16
//   error_message => NULLABLE_STRING
//   node_id => INT32
//   host => STRING
//   port => INT32
//   coordinators => key node_id host port error_code error_message
//     key => STRING
//     node_id => INT32
//     host => STRING
//     port => INT32
//     error_code => INT16
//     error_message => NULLABLE_STRING
import { api, array, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of FindCoordinator: the broker that keeps a group or a transactional id. */
export const FIND_COORDINATOR = api({
  apiKey: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 3,
  request: struct({
    key: field(string, { versions: '0-3' }),
    keyType: field(int8, { versions: '1+', defaultValue: 0 }),
    coordinatorKeys: field(array(string), { versions: '4+' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    errorCode: field(int16, { versions: '0-3' }),
    errorMessage: field(string, { versions: '1-3', nullable: '1-3' }),
    nodeId: field(int32, { versions: '0-3' }),
    host: field(string, { versions: '0-3' }),
    port: field(int32, { versions: '0-3' }),
    coordinators: field(
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: field(string, { nullable: '4+' }),
        }),
      ),
      { versions: '4+' },
    ),
  }),
});
