// From a topic's name to what it is now: remembered for a while, made where that is asked for, looked up again where it changed.
import { LRUCache } from 'lru-cache';
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { findTopicById, getTopic } from '../topics/find-topics.ts';
import { getOrCreateTopic } from '../topics/get-or-create-topic.ts';
import { TopicCache } from '../topics/topic-cache.ts';
import type { DescribeTopicOptions } from './broker.ts';
import type { Topic } from '../topics/topic.ts';
import type { TopicDeps } from '../topics/topic-deps.ts';

/** Owned by one broker. */
export class TopicLookup {
  readonly #deps: TopicDeps;
  readonly #autoCreateTopics: boolean;
  readonly #topics: TopicCache;
  readonly #names: LRUCache<string, string>;

  constructor(deps: TopicDeps, { autoCreateTopics }: { readonly autoCreateTopics: boolean }) {
    this.#deps = deps;
    this.#autoCreateTopics = autoCreateTopics;
    this.#topics = new TopicCache(deps);
    this.#names = new LRUCache({ max: deps.limits.topicsCached });
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION where there is none and none is to be made. */
  async find(name: string, { allowAutoTopicCreation }: DescribeTopicOptions = {}): Promise<Topic> {
    const known = await this.#topics.find(name);
    if (known) return known;
    if (!allowAutoTopicCreation || !this.#autoCreateTopics) return getTopic(this.#deps.items, name);
    return this.#topics.remember(await getOrCreateTopic(this.#deps, name));
  }

  /** The topic of that id, or undefined. A name that was found by its id is remembered: ids never change their topic. */
  async findById(topicId: string): Promise<Topic | undefined> {
    const name = this.#names.get(topicId);
    const known = name === undefined ? undefined : await this.#topics.find(name);
    if (known?.topicId === topicId) return known;
    const found = await findTopicById(this.#deps.items, topicId);
    if (found) this.#names.set(topicId, found.name);
    return found;
  }

  /** Forgets what is known of a name. */
  drop(name: string): void {
    this.#topics.drop(name);
  }

  /** Runs `operation`, once more with what the topic is now if it turns out to have been deleted or recreated. */
  async withPartition<T>(
    name: string,
    partition: number,
    operation: (topic: Topic) => Promise<T>,
    options?: DescribeTopicOptions,
  ): Promise<T> {
    const attempt = (topic: Topic) =>
      operation(checkPartition(topic, partition)).catch((error: unknown) => {
        throw inTermsOf(partitionIdOf(topic.topicId, partition), `${name}-${partition}`, error);
      });
    const topic = await this.find(name, options);
    try {
      return await attempt(topic);
    } catch (error) {
      if (!isStale(error)) throw error;
      this.drop(name);
      return await attempt(await this.find(name, options));
    }
  }
}

/** The log's errors name partitions by topic id; clients know topics by name: `place` is name-partition. */
export function inTermsOf(partitionId: string | undefined, place: string, error: unknown): unknown {
  if (!(error instanceof BrokerError) || !partitionId || !error.message.includes(partitionId)) return error;
  return error.restated({ message: error.message.replaceAll(partitionId, place) });
}

/** Whether an error tells that a topic is not what it was when it was looked up. */
export const isStale = (error: unknown): boolean => {
  const { code, outcome } = toBrokerError(error);
  return code === 'UNKNOWN_TOPIC_ID' && outcome === 'not-applied';
};

/** Answers the topic. Throws UNKNOWN_TOPIC_OR_PARTITION unless it has the partition. */
export function checkPartition(topic: Topic, partition: number): Topic {
  if (Number.isInteger(partition) && partition >= 0 && partition < topic.partitions) return topic;
  const message = `topic ${topic.name} has partitions 0 to ${topic.partitions - 1}, got ${partition}`;
  throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', message, { field: 'partition' });
}

/** Throws UNKNOWN_TOPIC_ID where an id is expected that is not the topic's. */
export function checkTopicId({ name, topicId }: Topic, expected: string | undefined): void {
  if (expected === undefined || expected === topicId) return;
  const message = `topic ${name} was deleted and made anew: its id is ${topicId}, not ${expected}`;
  throw new BrokerError('UNKNOWN_TOPIC_ID', message, { field: 'topic_id' });
}
