// DeleteTopics, key 20, versions 0 to 6, flexible from 4 on: topics to delete, by name or by id.
//
// DeleteTopics Request => [topics](6+) [topic_names](0-5) timeout_ms
//   topics => name topic_id
//     name => NULLABLE_STRING
//     topic_id => UUID
//   topic_names => STRING
//   timeout_ms => INT32
// DeleteTopics Response => throttle_time_ms(1+) [responses]
//   throttle_time_ms => INT32
//   responses => name topic_id(6+) error_code error_message(5+)
//     name => NULLABLE_STRING, null in 6+
//     topic_id => UUID
//     error_code => INT16
//     error_message => NULLABLE_STRING
import { api, array, field, int16, int32, string, struct, uuid } from '../schema.ts';

/** The schema of DeleteTopics: topics to delete, by name or by id. */
export const DELETE_TOPICS = api({
  apiKey: 20,
  name: 'DeleteTopics',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 4,
  request: struct({
    topics: field(
      array(struct({ name: field(string, { nullable: '6+', defaultValue: null }), topicId: uuid })),
      { versions: '6+' },
    ),
    topicNames: field(array(string), { versions: '0-5' }),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: field(int32, { versions: '1+', defaultValue: 0 }),
    responses: array(
      struct({
        name: field(string, { nullable: '6+' }),
        topicId: field(uuid, { versions: '6+' }),
        errorCode: int16,
        errorMessage: field(string, { versions: '5+', nullable: '5+', defaultValue: null }),
      }),
    ),
  }),
});
