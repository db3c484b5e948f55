// Partitions as calls for consumers name them, checked against the topics there are.
import { requirePartition } from '../topics.ts';
import type { ConsumerDeps } from './session.ts';
import type { InstancePartition } from '../../groups/instances.ts';
import type { Place } from './instance-state.ts';
import type { Topic } from '../../topics/topic.ts';

/** The partitions in their order, each once. Throws 40401, 40402. */
export async function resolvePlaces(
  { broker }: Pick<ConsumerDeps, 'broker'>,
  places: readonly Place[],
): Promise<readonly InstancePartition[]> {
  const names = [...new Set(places.map(({ topic }) => topic))];
  const topics = new Map<string, Topic>(
    await Promise.all(names.map(async (name) => [name, await broker.describeTopic(name)] as const)),
  );
  const resolved = new Map<string, InstancePartition>();
  for (const { topic: name, partition } of places) {
    const topic = topics.get(name);
    if (!topic) continue;
    requirePartition(topic, String(partition));
    resolved.set(`${name}\0${partition}`, { topic: name, topicId: topic.topicId, partition });
  }
  return [...resolved.values()];
}

/** In the order of topics and partitions. */
export const sortedPlaces = (places: readonly Place[]): Place[] =>
  places
    .map(({ topic, partition }) => ({ topic, partition }))
    .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
