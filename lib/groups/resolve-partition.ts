// From a topic's name and a partition to the topic id that committed offsets are kept under.
import { BrokerError } from '../base/errors.ts';
import type { Topic } from '../topics/topic.ts';
import type { TopicSource } from './group-deps.ts';

export interface ResolvedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

export interface PartitionToResolve {
  readonly topic: string;
  readonly topicId?: string;
  readonly partition: number;
}

/** `error`: UNKNOWN_TOPIC_OR_PARTITION, and UNKNOWN_TOPIC_ID where the topic is not the one of `topicId` any more. */
export type Resolution = ResolvedPartition | { readonly error: BrokerError };

/** For partitions of these topics, each of which is looked up once. */
export async function partitionResolver(
  topics: TopicSource,
  places: readonly { readonly topic: string }[],
): Promise<(place: PartitionToResolve) => Resolution> {
  const found = await topicsNow(topics, places);
  return (place) => resolve(found.get(place.topic), place);
}

/** Where a request names a partition twice, what it says last: a transaction has each row once. */
export const lastOfEach = <T extends Pick<ResolvedPartition, 'topicId' | 'partition'>>(
  rows: readonly T[],
): readonly T[] => [...new Map(rows.map((row) => [`${row.topicId}:${row.partition}`, row])).values()];

/** The topics of these names as they are, each looked up once; undefined: there is none. */
export async function topicsNow(
  topics: TopicSource,
  places: readonly { readonly topic: string }[],
): Promise<ReadonlyMap<string, Topic | undefined>> {
  const names = [...new Set(places.map(({ topic }) => topic))];
  return new Map(await Promise.all(names.map(async (name) => [name, await topics.findNow(name)] as const)));
}

function resolve(
  topic: Topic | undefined,
  { topic: name, topicId, partition }: PartitionToResolve,
): Resolution {
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
