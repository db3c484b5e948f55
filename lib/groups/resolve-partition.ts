// From a topic's name and a partition to the topic id that committed offsets are kept under.
import { BrokerError } from '../base/errors.ts';
import type { TopicSource } from './group-deps.ts';

export interface ResolvedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** `error`: UNKNOWN_TOPIC_OR_PARTITION, and UNKNOWN_TOPIC_ID where the topic is not the one of `topicId` any more. */
export async function resolvePartition(
  topics: TopicSource,
  { topic: name, topicId, partition }: { topic: string; topicId?: string; partition: number },
): Promise<ResolvedPartition | { readonly error: BrokerError }> {
  const topic = await topics.findNow(name);
  if (!topic) {
    const message = `topic ${name.slice(0, 249)} does not exist`;
    return { error: new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', message, { field: 'topic' }) };
  }
  if (topicId !== undefined && topicId !== topic.topicId) {
    const message = `topic ${name} was made anew: its id is ${topic.topicId}, not ${topicId}`;
    return { error: new BrokerError('UNKNOWN_TOPIC_ID', message, { field: 'topic_id' }) };
  }
  if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
    const message = `topic ${name} has partitions 0 to ${topic.partitions - 1}, got ${partition}`;
    return { error: new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', message, { field: 'partition' }) };
  }
  return { topic: name, topicId: topic.topicId, partition };
}
