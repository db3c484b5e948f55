// Changing a topic: it is read, somebody decides what it becomes, and both its rows change in one transaction, on condition
// that it is still as it was read; else again from the top.
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { formatUuid } from '../base/dice.ts';
import { changeTopicWrites } from '../storage/schema/topic.ts';
import { findTopic, unknownTopic } from './find-topics.ts';
import type { TransactResult } from '../storage/ports/item-store.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';

/** A topic that others change at the same time is looked at so often. */
const TRIES = 5;
/** A transaction without an answer is sent so often: under one request id, so that it has one effect. */
const SENDS = 3;

export interface TopicChange {
  /**
   * What the topic becomes; the same topic: there is nothing to do. Throws what refuses the change. `mayBeDone`: an earlier
   * try may have made this change already.
   */
  readonly decide: (topic: Topic, mayBeDone: boolean) => Topic;
  /** Makes what the changed topic must have before anybody can see it so. Safe to repeat. */
  readonly prepare?: (before: Topic, after: Topic) => Promise<void>;
  /** Check everything, change nothing. */
  readonly validateOnly?: boolean;
}

/**
 * Changes a topic and answers what it is then. Throws UNKNOWN_TOPIC_OR_PARTITION, what `decide` throws, and storage errors:
 * with outcome `unknown` the change may be made yet, and asking again is safe.
 */
export async function changeTopic(deps: TopicDeps, name: string, change: TopicChange): Promise<Topic> {
  let unanswered: BrokerError | undefined;
  let topicId: string | undefined;
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const before = await findAgain(deps, name, topicId);
      topicId = before.topicId;
      const after = change.decide(before, unanswered !== undefined);
      if (after === before || change.validateOnly === true) return after;
      await change.prepare?.(before, after);
      const result = await send(deps, before, after, (error) => (unanswered ??= error));
      if (result.applied) return after;
    } catch (error) {
      throw notChanged(name, error, unanswered);
    }
  }
  const message = `topic ${name} was changed by others ${TRIES} times meanwhile`;
  throw notChanged(name, new BrokerError('KAFKA_STORAGE_ERROR', message), unanswered);
}

/** One that was made anew under the name meanwhile is not the one that was to be changed. */
async function findAgain({ items }: TopicDeps, name: string, topicId: string | undefined): Promise<Topic> {
  const topic = await findTopic(items, name);
  if (!topic || (topicId !== undefined && topicId !== topic.topicId)) throw unknownTopic(name);
  return topic;
}

async function send(
  { items, dice }: TopicDeps,
  before: Topic,
  after: Topic,
  onUnanswered: (error: BrokerError) => void,
): Promise<TransactResult> {
  const writes = changeTopicWrites(before, after);
  const requestId = formatUuid(dice.bytes(16));
  for (let sends = 1; ; sends++) {
    const result = await items.transact(writes, requestId).catch((error: unknown) => toBrokerError(error));
    if (!(result instanceof BrokerError)) return result;
    if (result.outcome === 'unknown') onUnanswered(result);
    if (result.outcome !== 'unknown' || sends === SENDS) throw result;
  }
}

/** What was refused may still have been made by a try that got no answer; unless the topic is gone, and all with it. */
function notChanged(name: string, thrown: unknown, unanswered: BrokerError | undefined): BrokerError {
  const error = toBrokerError(thrown);
  if (!unanswered || error.code === 'UNKNOWN_TOPIC_OR_PARTITION') return error;
  return unanswered.restated({ message: `topic ${name} may have been changed: ${unanswered.message}` });
}
