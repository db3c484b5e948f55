// Subscriptions by a regular expression in RE2's syntax: linear in time whatever the pattern, as in Kafka.
import { RE2JS } from 're2js';
import { BrokerError } from '../base/errors.ts';

/** Kafka takes longer ones; compiling takes time and memory in proportion. */
const PATTERN_LENGTH_MAX = 1_000;

/** Throws INVALID_REGULAR_EXPRESSION. */
export function compilePattern(pattern: string): (topicName: string) => boolean {
  if (pattern.length > PATTERN_LENGTH_MAX) {
    const message = `a topic pattern must have at most ${PATTERN_LENGTH_MAX} characters, got ${pattern.length}`;
    throw new BrokerError('INVALID_REGULAR_EXPRESSION', message, { field: 'subscribedTopicRegex' });
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return (topicName) => compiled.matches(topicName);
  } catch (error) {
    const message = `"${pattern}" is no regular expression of RE2: ${(error as Error).message}`;
    throw new BrokerError('INVALID_REGULAR_EXPRESSION', message, {
      ...{ field: 'subscribedTopicRegex', cause: error },
    });
  }
}

/** Topics of the cluster's own are not anybody's by a pattern. */
const isInternal = (topicName: string): boolean => topicName.startsWith('__');

/** Those whose whole name the pattern matches, in their order. Throws INVALID_REGULAR_EXPRESSION. */
export function matchTopics(pattern: string, topicNames: readonly string[]): readonly string[] {
  if (pattern === '') return [];
  const matches = compilePattern(pattern);
  return topicNames.filter((name) => !isInternal(name) && matches(name));
}
