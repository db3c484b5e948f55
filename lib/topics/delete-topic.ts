// Deleting a topic: its name is freed and the deletion noted by one transaction, then its heads are retired and its data
// is collected. Whoever finds the note carries the deletion on.
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { formatUuid } from '../base/dice.ts';
import { collectPartition } from '../log/collect.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import {
  DELETIONS_PK,
  deletionKey,
  deleteTopicWrites,
  readDeletion,
  readTopicById,
  TO_DELETED,
  topicIdKey,
  type Deletion,
} from '../storage/schema/topic.ts';
import { getTopic, unknownTopic } from './find-topics.ts';
import { retirePartitions } from './retire-partitions.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { LogDeps } from '../log/log-deps.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';

/** A topic that changes under the deletion is looked at so often. */
const TRIES = 5;

/** Deletions that one step looks at. */
const DELETIONS_AT_ONCE = 20;

/**
 * Frees the topic's name and refuses all appends to it from then on, late ones too; its data is collected later
 * (`resumeDeletions`). With `topicId` only the topic of that id is deleted. Throws UNKNOWN_TOPIC_OR_PARTITION, and storage
 * errors: with outcome `applied` the topic is gone and only the refusal of late appends waits for the next step; with
 * `unknown` asking again is safe.
 */
export async function deleteTopic(
  deps: Omit<TopicDeps, 'limits'>,
  name: string,
  topicId?: string,
): Promise<void> {
  const topic = await noteDeletion(deps, name, topicId);
  await retire(deps.items, topic).catch((error: unknown) => {
    const { code, message, retriable } = toBrokerError(error);
    const what = `topic ${name} is deleted, and the sweep carries the rest on: ${message}`;
    throw new BrokerError(code, what, { outcome: 'applied', retriable, cause: error });
  });
}

async function noteDeletion(
  { items, dice }: Omit<TopicDeps, 'limits'>,
  name: string,
  topicId: string | undefined,
): Promise<Topic> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const topic = await getTopic(items, name);
    if (topicId !== undefined && topicId !== topic.topicId) throw unknownTopic(name);
    const requestId = formatUuid(dice.bytes(16));
    const written = await items
      .transact(deleteTopicWrites(topic), requestId)
      .catch((error: unknown) => toBrokerError(error));
    if (written instanceof BrokerError) {
      // Where the answer was lost, the row by id tells what happened.
      if (written.outcome !== 'unknown' || (await isLive(items, topic, written))) throw written;
      return topic;
    }
    if (written.applied || !(await isLive(items, topic))) return topic;
  }
  throw new BrokerError('KAFKA_STORAGE_ERROR', `topic ${name} changed ${TRIES} times while it was deleted`);
}

async function isLive(items: ItemStore, { topicId }: Topic, instead?: BrokerError): Promise<boolean> {
  const item = await items.get('topics', topicIdKey(topicId)).catch((error: unknown) => {
    throw instead ?? error;
  });
  return item !== undefined && readTopicById(item).state === 'live';
}

async function retire(items: ItemStore, { topicId, partitions }: Omit<Deletion, 'name'>): Promise<void> {
  await retirePartitions(items, topicId, partitions);
  await items.update('topics', topicIdKey(topicId), TO_DELETED.actions, TO_DELETED.condition);
}

/** Work of a step of deleting. */
export interface DeletionStep {
  /** Deletions whose data is gone. */
  readonly finished: number;
  /** Deletions that the step left for the next one. */
  readonly remaining: number;
}

/**
 * Carries all deletions one step on: retires what is not retired yet, then removes rows and objects. Bounded, safe to
 * repeat and to race. The note of a deletion goes last, when nothing of the topic is left but its fences.
 */
export async function resumeDeletions(deps: LogDeps): Promise<DeletionStep> {
  const rows = await deps.items.query('topics', DELETIONS_PK, { limit: DELETIONS_AT_ONCE });
  let finished = 0;
  for (const row of rows) if (await resume(deps, readDeletion(row))) finished++;
  const mayBeMore = rows.length === DELETIONS_AT_ONCE ? 1 : 0;
  return { finished, remaining: rows.length - finished + mayBeMore };
}

async function resume(deps: LogDeps, deletion: Deletion): Promise<boolean> {
  const { topicId, partitions } = deletion;
  await retire(deps.items, deletion);
  let isGone = true;
  for (let partition = 0; partition < partitions; partition++) {
    isGone = (await collectPartition(deps, partitionIdOf(topicId, partition))) && isGone;
  }
  if (isGone) await deps.items.delete('topics', deletionKey(topicId));
  return isGone;
}
