// A coordinator over the stores that a log has: it sees topics by a cache of its own.
import { findTopic, listTopics } from '../topics/find-topics.ts';
import { TopicCache } from '../topics/topic-cache.ts';
import { Coordinator } from './coordinator.ts';
import { GROUP_LIMITS } from './limits.ts';
import type { GroupDeps, TopicSource } from './group-deps.ts';
import type { TopicDeps } from '../topics/topic-deps.ts';

/** Each member asks for its topics with each heartbeat; a target may be that much behind them. */
const TOPICS_KEPT_MS = 30_000;

/** A new topic changes what all members match at once: they share one list of topics. */
const NAMES_SHARED_MS = 1_000;

/** Owns nothing that must be closed. Any number of them may serve the same groups. */
export function createCoordinator(
  topicDeps: TopicDeps,
  {
    limits = GROUP_LIMITS,
    ...polls
  }: Partial<Pick<GroupDeps, 'limits' | 'matchTopics'>> & Pick<GroupDeps, 'pollMsMin' | 'pollMsMax'>,
): Coordinator {
  const { items, clock, dice } = topicDeps;
  return new Coordinator({ items, clock, dice, limits, topics: createTopicSource(topicDeps), ...polls });
}

function createTopicSource(deps: TopicDeps): TopicSource {
  const topicCacheMs = Math.max(TOPICS_KEPT_MS, deps.limits.topicCacheMs);
  const cache = new TopicCache({ ...deps, limits: { ...deps.limits, topicCacheMs } });
  let listed: { readonly atMs: number; readonly names: Promise<readonly string[]> } | undefined;
  const namesWithin = (ageMsMax: number): Promise<readonly string[]> => {
    if (listed && deps.clock.now() - listed.atMs < ageMsMax) return listed.names;
    const names = listTopics(deps.items).then((topics) => topics.map(({ name }) => name));
    const mine = { atMs: deps.clock.now(), names };
    listed = mine;
    names.catch(() => {
      if (listed === mine) listed = undefined;
    });
    return names;
  };
  return {
    find: (name) => cache.find(name),
    findNow: (name) => findTopic(deps.items, name),
    names: () => namesWithin(topicCacheMs),
    namesNow: () => namesWithin(NAMES_SHARED_MS),
  };
}
