// What the parts of one broker share: the log, and what is known of topics.
import { TopicLookup } from './topic-lookup.ts';
import type { KeyWatch } from '../base/key-watch.ts';
import type { Log } from '../log/log.ts';
import type { TopicDeps } from '../topics/topic-deps.ts';
import type { TopicLimits } from '../topics/limits.ts';

export interface BrokerSettings {
  /** Kafka's auto.create.topics.enable. */
  readonly autoCreateTopics: boolean;
  /** How long a waiting fetch sleeps before it looks for the appends of other processes, at first and at most. */
  readonly pollMsMin: number;
  readonly pollMsMax: number;
}

export interface BrokerCoreDeps {
  readonly log: Log;
  /** Told of this process's own appends by the log's events. */
  readonly watch: KeyWatch;
  readonly topicLimits: TopicLimits;
  readonly settings: BrokerSettings;
}

export interface BrokerCore extends Omit<BrokerCoreDeps, 'topicLimits'> {
  readonly topicDeps: TopicDeps;
  /** A part that changes a topic drops it here, so that the others look again. */
  readonly lookup: TopicLookup;
}

/** A core over a log whose stores it shares. Owns nothing that must be closed. */
export function createBrokerCore({ topicLimits, ...deps }: BrokerCoreDeps): BrokerCore {
  const { items, clock, dice } = deps.log.deps;
  const topicDeps = { items, clock, dice, limits: topicLimits };
  return { ...deps, topicDeps, lookup: new TopicLookup(topicDeps, deps.settings) };
}
