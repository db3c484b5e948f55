// Automatic creation: the topic of a name, made with all defaults where there is none.
import { toBrokerError } from '../base/errors.ts';
import { createTopic } from './create-topic.ts';
import { findTopic, getTopic } from './find-topics.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';

/** Safe to race: all callers get one topic. Throws what `createTopic` throws but TOPIC_ALREADY_EXISTS. */
export async function getOrCreateTopic(deps: TopicDeps, name: string): Promise<Topic> {
  const known = await findTopic(deps.items, name);
  if (known) return known;
  return createTopic(deps, { name }).catch((error: unknown) => {
    if (toBrokerError(error).code !== 'TOPIC_ALREADY_EXISTS') throw error;
    return getTopic(deps.items, name);
  });
}
