// CreateTopics, key 19, versions 0 to 7, flexible from 5 on: topics to create.
//
// CreateTopics Request => [topics] timeout_ms validate_only(1+)
//   topics => name num_partitions replication_factor [assignments] [configs]
//     name => STRING
//     num_partitions => INT32
//     replication_factor => INT16
//     assignments => partition_index [broker_ids]
//       partition_index => INT32
//       broker_ids => INT32
//     configs => name value
//       name => STRING
//       value => NULLABLE_STRING
//   timeout_ms => INT32
//   validate_only => BOOLEAN
// CreateTopics Response => throttle_time_ms(2+) [topics]
//   throttle_time_ms => INT32
//   topics => name topic_id(7+) error_code error_message(1+) <topic_config_error_code>(5+)
//       num_partitions(5+) replication_factor(5+) [configs](5+)
//     name => STRING
//     topic_id => UUID
//     error_code => INT16
//     error_message => NULLABLE_STRING
//     topic_config_error_code => INT16
//     num_partitions => INT32
//     replication_factor => INT16
//     configs (may be null) => name value read_only config_source is_sensitive
//       name => STRING
//       value => NULLABLE_STRING
//       read_only => BOOLEAN
//       config_source => INT8
//       is_sensitive => BOOLEAN
import { api, array, bool, field, int16, int32, int8, string, struct, uuid } from '../schema.ts';

/** The schema of CreateTopics: topics to create. */
export const CREATE_TOPICS = api({
  apiKey: 19,
  name: 'CreateTopics',
  minVersion: 0,
  maxVersion: 7,
  flexibleFrom: 5,
  request: struct({
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(struct({ partitionIndex: int32, brokerIds: array(int32) })),
        configs: array(struct({ name: string, value: field(string, { nullable: '0+' }) })),
      }),
    ),
    timeoutMs: field(int32, { defaultValue: 60000 }),
    validateOnly: field(bool, { versions: '1+', defaultValue: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '2+', defaultValue: 0 }),
    topics: array(
      struct({
        name: string,
        topicId: field(uuid, { versions: '7+' }),
        errorCode: int16,
        errorMessage: field(string, { versions: '1+', nullable: '1+' }),
        topicConfigErrorCode: field(int16, { versions: '5+', tag: 0 }),
        numPartitions: field(int32, { versions: '5+', defaultValue: -1 }),
        replicationFactor: field(int16, { versions: '5+', defaultValue: -1 }),
        configs: field(
          array(
            struct({
              name: string,
              value: field(string, { nullable: '5+' }),
              readOnly: bool,
              configSource: field(int8, { defaultValue: -1 }),
              isSensitive: bool,
            }),
          ),
          { versions: '5+', nullable: '5+' },
        ),
      }),
    ),
  }),
});
