// From what a request calls a topic, by name or by id, to its name.
import { BrokerError } from '../../base/errors.ts';
import type { Broker } from '../../broker/broker.ts';

/** Versions that name topics by id have an empty name. */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
}

/** Throws UNKNOWN_TOPIC_ID where there is no topic of that id. */
export async function nameOfTopic(broker: Broker, { name, topicId }: TopicReference): Promise<string> {
  if (name !== '') return name;
  const topic = await broker.findTopicById(topicId);
  if (topic) return topic.name;
  throw new BrokerError('UNKNOWN_TOPIC_ID', `no topic has the id ${topicId}`, { field: 'topic_id' });
}
