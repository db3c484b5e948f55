// Produce, key 0, versions 3 to 13, flexible from 9 on: records to append, a topic and partition at a time.
//
// Produce Request => transactional_id acks timeout_ms [topic_data]
//   transactional_id => NULLABLE_STRING
//   acks => INT16
//   timeout_ms => INT32
//   topic_data => name(3-12) topic_id(13+) [partition_data]
//     name => STRING
//     topic_id => UUID
//     partition_data => index records
//       index => INT32
//       records => NULLABLE_RECORDS
// Produce Response => [responses] throttle_time_ms <[node_endpoints]>(10+)
//   responses => name(3-12) topic_id(13+) [partition_responses]
//     name => STRING
//     topic_id => UUID
//     partition_responses => index error_code base_offset log_append_time_ms log_start_offset(5+)
//         [record_errors](8+) error_message(8+) <current_leader>(10+)
//       index => INT32
//       error_code => INT16
//       base_offset => INT64
//       log_append_time_ms => INT64
//       log_start_offset => INT64
//       record_errors => batch_index batch_index_error_message
//         batch_index => INT32
//         batch_index_error_message => NULLABLE_STRING
//       error_message => NULLABLE_STRING
//       current_leader => leader_id leader_epoch
//         leader_id => INT32
//         leader_epoch => INT32
//   throttle_time_ms => INT32
//   node_endpoints => node_id host port rack
//     node_id => INT32
//     host => STRING
//     port => INT32
//     rack => NULLABLE_STRING
import { api, array, field, int16, int32, int64, records, string, struct, uuid } from '../schema.ts';

/** The schema of Produce: records to append, a topic and partition at a time. */
export const PRODUCE = api({
  apiKey: 0,
  name: 'Produce',
  minVersion: 3,
  maxVersion: 13,
  flexibleFrom: 9,
  request: struct({
    transactionalId: field(string, { nullable: '3+', defaultValue: null }),
    acks: int16,
    timeoutMs: int32,
    topicData: array(
      struct({
        name: field(string, { versions: '3-12' }),
        topicId: field(uuid, { versions: '13+' }),
        partitionData: array(struct({ index: int32, records: field(records, { nullable: '3+' }) })),
      }),
    ),
  }),
  response: struct({
    responses: array(
      struct({
        name: field(string, { versions: '3-12' }),
        topicId: field(uuid, { versions: '13+' }),
        partitionResponses: array(
          struct({
            index: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: field(int64, { defaultValue: -1 }),
            logStartOffset: field(int64, { versions: '5+', defaultValue: -1 }),
            recordErrors: field(
              array(
                struct({
                  batchIndex: int32,
                  batchIndexErrorMessage: field(string, { nullable: '8+', defaultValue: null }),
                }),
              ),
              { versions: '8+' },
            ),
            errorMessage: field(string, { versions: '8+', nullable: '8+', defaultValue: null }),
            currentLeader: field(
              struct({
                leaderId: field(int32, { defaultValue: -1 }),
                leaderEpoch: field(int32, { defaultValue: -1 }),
              }),
              { versions: '10+', tag: 0 },
            ),
          }),
        ),
      }),
    ),
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    nodeEndpoints: field(
      array(
        struct({
          nodeId: int32,
          host: string,
          port: int32,
          rack: field(string, { nullable: '10+', defaultValue: null }),
        }),
      ),
      { versions: '10+', tag: 0 },
    ),
  }),
});
