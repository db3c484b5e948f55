// More partitions for a topic: first the heads of the new ones, then both its rows in one transaction; so no partition that
// anybody knows lacks a head. Partitions never become fewer.
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { openPartitions } from '../log/partitions.ts';
import { changeTopic } from './change-topic.ts';
import { retirePartitions } from './retire-partitions.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';

export interface NewPartitions {
  readonly name: string;
  /** How many the topic is to have in all. */
  readonly count: number;
  /** Check everything, make nothing. */
  readonly validateOnly?: boolean;
}

/**
 * Gives a topic more partitions and answers it; with `validateOnly`, as it would be. Throws UNKNOWN_TOPIC_OR_PARTITION,
 * INVALID_PARTITIONS unless they become more and stay within the limit, and storage errors: with outcome `unknown` the
 * partitions may be there or come yet, and asking again is safe.
 */
export async function createPartitions(deps: TopicDeps, request: NewPartitions): Promise<Topic> {
  const { name, count, validateOnly = false } = request;
  let opened: string | undefined;
  return changeTopic(deps, name, {
    validateOnly,
    decide: (topic, mayBeDone) => {
      if (mayBeDone && topic.partitions >= count) return topic;
      checkCount(topic, count, deps.limits.partitionsMax);
      return { ...topic, partitions: count };
    },
    // Heads that a failure leaves behind are empty, and serve the next who asks.
    prepare: async ({ topicId, partitions }) => {
      await openPartitions(deps.items, topicId, partitions, count);
      opened = topicId;
    },
  }).catch(async (error: unknown) => {
    const isGone = toBrokerError(error).code === 'UNKNOWN_TOPIC_OR_PARTITION';
    // The topic was deleted meanwhile, and its deletion knows nothing of these heads.
    if (isGone && opened !== undefined) {
      // Empty heads of an id that nobody uses any more: left behind they only take room.
      await retirePartitions(deps.items, opened, count).catch(() => undefined);
    }
    throw error;
  });
}

function checkCount({ name, partitions }: Topic, count: number, partitionsMax: number): void {
  if (Number.isInteger(count) && count > partitions && count <= partitionsMax) return;
  const message = `topic ${name} has ${partitions} partitions and may have up to ${partitionsMax}, got ${count}`;
  throw new BrokerError('INVALID_PARTITIONS', message, { field: 'count' });
}
