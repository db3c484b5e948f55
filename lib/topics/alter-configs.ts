// Altering the configs of a topic: what the changes make of them is checked as at creation, then stored in one transaction.
import { alteredConfigs, type ConfigChange } from './config-changes-state.ts';
import { changeTopic } from './change-topic.ts';
import type { Topic } from './topic.ts';
import type { TopicDeps } from './topic-deps.ts';

export interface AlterConfigsOptions {
  /** The changes are made to the configs that are set; else they are all that will be set. */
  readonly isIncremental: boolean;
  /** Check everything, change nothing. */
  readonly validateOnly?: boolean;
}

/**
 * Changes the configs of a topic and answers it. Other processes work with the old ones for a few seconds
 * (`topicCacheMs`). Throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG, INVALID_REQUEST for a config that is named twice, and
 * storage errors: with outcome `unknown` the change may be made yet, and asking again is safe.
 */
export function alterConfigs(
  deps: TopicDeps,
  name: string,
  changes: readonly ConfigChange[],
  { isIncremental, validateOnly = false }: AlterConfigsOptions,
): Promise<Topic> {
  return changeTopic(deps, name, {
    validateOnly,
    decide: (topic) => {
      const configs = alteredConfigs(isIncremental ? topic.configs : {}, changes);
      return isSame(configs, topic.configs) ? topic : { ...topic, configs };
    },
  });
}

function isSame(some: Topic['configs'], others: Topic['configs']): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(others).length && names.every((name) => some[name] === others[name]);
}
