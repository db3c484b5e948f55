// Finding topics: by name, by id, all of them. Reading only.
import { BrokerError } from '../base/errors.ts';
import {
  readTopicById,
  readTopicByName,
  TOPIC_NAMES_PK,
  topicIdKey,
  topicNameKey,
} from '../storage/schema/topic.ts';
import { queryPages } from '../storage/query-pages.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { Topic } from './topic.ts';

const PAGE_TOPICS = 1000;

/** A character below and one above all that a topic name holds, in the order of bytes. */
const [BELOW_NAMES, ABOVE_NAMES] = ['!', '~'] as const;

/** The topic of that name as it is now, or undefined. A name that no topic can have is no topic's. */
export async function findTopic(items: ItemStore, name: string): Promise<Topic | undefined> {
  if (name === '') return undefined;
  const item = await items.get('topics', topicNameKey(name));
  return item && readTopicByName(item);
}

/** Throws UNKNOWN_TOPIC_OR_PARTITION where there is no topic of that name. */
export async function getTopic(items: ItemStore, name: string): Promise<Topic> {
  const topic = await findTopic(items, name);
  if (!topic) throw unknownTopic(name);
  return topic;
}

/** The error of a name that no topic has. */
export const unknownTopic = (name: string): BrokerError =>
  new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${name.slice(0, 249)} does not exist`);

/** The topic of that id, or undefined: there never was one, or it was deleted. */
export async function findTopicById(items: ItemStore, topicId: string): Promise<Topic | undefined> {
  if (topicId === '') return undefined;
  const item = await items.get('topics', topicIdKey(topicId));
  return item && readTopicById(item).topic;
}

export interface TopicPageOptions {
  /** Only topics whose names come after this one. */
  readonly after?: string;
  /** At least 1. Default: 1,000. */
  readonly limit?: number;
}

/** Some topics in the order of their names; as many as `limit` unless there are no more. */
export async function listTopicPage(
  items: ItemStore,
  { after = '', limit = PAGE_TOPICS }: TopicPageOptions = {},
): Promise<readonly Topic[]> {
  const between = [`${after}${BELOW_NAMES}`, ABOVE_NAMES] as const;
  const rows = await items.query('topics', TOPIC_NAMES_PK, { between, limit });
  return rows.map(readTopicByName);
}

/** All topics in the order of their names, page by page: one that is made or deleted meanwhile may be there or not. */
export async function* eachTopic(items: ItemStore): AsyncGenerator<Topic, void, undefined> {
  const between = [BELOW_NAMES, ABOVE_NAMES] as const;
  for await (const rows of queryPages(items, 'topics', TOPIC_NAMES_PK, { between, limit: PAGE_TOPICS }))
    yield* rows.map(readTopicByName);
}

/** As `eachTopic`, at once. */
export async function listTopics(items: ItemStore): Promise<readonly Topic[]> {
  const topics: Topic[] = [];
  for await (const topic of eachTopic(items)) topics.push(topic);
  return topics;
}
