// What a topic may be called.
import { BrokerError } from '../base/errors.ts';

const NAME_CHARS_MAX = 249;

/**
 * Throws INVALID_TOPIC_EXCEPTION unless Kafka accepts the name (its class `Topic`): 1 to 249 of a-z, A-Z, 0-9, `.`, `_`
 * and `-`, and neither `.` nor `..`. Names that differ only in `.` and `_`, which Kafka warns of because of its metrics,
 * are different topics.
 */
export function checkTopicName(name: string): void {
  if (name.length === 0) throw invalid('a topic name must not be empty');
  if (name.length > NAME_CHARS_MAX) {
    throw invalid(`a topic name has at most ${NAME_CHARS_MAX} characters, got ${name.length}`);
  }
  if (name === '.' || name === '..') throw invalid(`a topic name cannot be "${name}"`);
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    throw invalid(`a topic name holds only a-z, A-Z, 0-9, ".", "_" and "-", got ${JSON.stringify(name)}`);
  }
}

const invalid = (message: string): BrokerError =>
  new BrokerError('INVALID_TOPIC_EXCEPTION', message, { field: 'name' });
