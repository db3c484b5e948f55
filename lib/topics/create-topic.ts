// Making a topic: first the heads of all its partitions, then both rows in one transaction; so no topic lacks a head.
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { formatUuid } from '../base/dice.ts';
import { randomKafkaUuid } from '../base/kafka-uuid.ts';
import { openPartitions } from '../log/partitions.ts';
import { absent } from '../storage/ports/condition.ts';
import {
  abandonedTopicItem,
  CREATE_WRITES,
  createTopicWrites,
  readTopicById,
  readTopicByName,
} from '../storage/schema/topic.ts';
import { validateConfigs, type Configs } from './config-state.ts';
import { findTopic } from './find-topics.ts';
import { retirePartitions } from './retire-partitions.ts';
import { checkTopicName } from './topic-name.ts';
import type { Item, TransactResult } from '../storage/ports/item-store.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';
import type { TopicLimits } from './limits.ts';

export interface NewTopic {
  readonly name: string;
  /** Default: `partitionsDefault`. */
  readonly partitions?: number;
  readonly configs?: Configs;
  /** Check everything, make nothing. */
  readonly validateOnly?: boolean;
}

/**
 * Makes a topic and answers it; with `validateOnly`, what would be made. Throws INVALID_TOPIC_EXCEPTION,
 * INVALID_PARTITIONS, INVALID_CONFIG, TOPIC_ALREADY_EXISTS, and storage errors whose outcome holds for the topic. Where
 * the answer of the store was lost it finds out what happened, so `unknown` remains only while the store cannot be asked.
 */
export async function createTopic(deps: TopicDeps, request: NewTopic): Promise<Topic> {
  const topic = newTopic(deps, request);
  if (await findTopic(deps.items, topic.name)) throw alreadyExists(topic.name);
  if (request.validateOnly === true) return topic;
  // Heads that a failure leaves behind belong to an id that nobody will ever use.
  await openPartitions(deps.items, topic.topicId, 0, topic.partitions).catch((error: unknown) => {
    throw notCreated(topic, error);
  });
  const requestId = formatUuid(deps.dice.bytes(16));
  const result = await deps.items
    .transact(createTopicWrites(topic), requestId)
    .catch((error: unknown) => toBrokerError(error));
  if (result instanceof BrokerError) return settleError(deps, topic, result);
  if (result.applied || isOurs(result, topic)) return topic;
  // An earlier attempt of the same transaction may still be on its way, and the other topic may go before it arrives.
  if (await abandon(deps, topic)) throw alreadyExists(topic.name);
  return topic;
}

function newTopic({ limits, clock, dice }: TopicDeps, request: NewTopic): Topic {
  const { name, partitions = limits.partitionsDefault, configs = {} } = request;
  checkTopicName(name);
  checkPartitions(partitions, limits);
  return {
    name,
    topicId: randomKafkaUuid(dice),
    partitions,
    configs: validateConfigs(configs),
    createdAtMs: clock.now(),
  };
}

function checkPartitions(partitions: number, { partitionsMax }: TopicLimits): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= partitionsMax) return;
  throw new BrokerError(
    'INVALID_PARTITIONS',
    `the number of partitions must be from 1 to ${partitionsMax}, got ${partitions}`,
    { field: 'partitions' },
  );
}

/** A repeated transaction finds what its first attempt made. */
function isOurs(result: Extract<TransactResult, { applied: false }>, { topicId }: Topic): boolean {
  return result.failed.some(({ index, current }) => {
    if (!current) return false;
    if (index === CREATE_WRITES.byId) return readTopicById(current).topic !== undefined;
    return readTopicByName(current).topicId === topicId;
  });
}

async function settleError(deps: TopicDeps, topic: Topic, error: BrokerError): Promise<Topic> {
  if (error.outcome === 'not-applied') throw notCreated(topic, error);
  const isAbandoned = await abandon(deps, topic).catch(() => undefined);
  if (isAbandoned === undefined) throw error;
  if (isAbandoned) throw notCreated(topic, error);
  return topic;
}

/**
 * Makes sure that no late request makes the topic any more, and retires its heads. Answers false where it is too late:
 * the topic was made.
 */
async function abandon({ items }: TopicDeps, { topicId, name, partitions }: Topic): Promise<boolean> {
  const result = await items.put('topics', abandonedTopicItem(topicId, name), absent('pk'));
  if (!result.applied && wasMade(result.current)) return false;
  await retirePartitions(items, topicId, partitions);
  return true;
}

/** An item that stands in the way of `abandonedTopicItem`: the topic itself, or that it was given up before. */
const wasMade = (item: Item | undefined): boolean =>
  item !== undefined && readTopicById(item).state !== 'deleted';

const alreadyExists = (name: string): BrokerError =>
  new BrokerError('TOPIC_ALREADY_EXISTS', `topic ${name} already exists`, { field: 'name' });

/** The same error, about the topic: nobody will ever see anything of it. */
function notCreated({ name }: Topic, error: unknown): BrokerError {
  const known = toBrokerError(error);
  const message = `topic ${name} was not created: ${known.message}`;
  return known.restated({ message, outcome: 'not-applied', field: undefined });
}
