// What becomes of a topic's configs when somebody alters them. Pure.
import { BrokerError } from '../base/errors.ts';
import { describeConfigs, validateConfigs, type Configs } from './config-state.ts';
import type { TopicConfig } from './topic.ts';

/** `delete`: the default is in force again. `append` and `subtract`: elements of a list, separated by commas. */
export type ConfigChange =
  | { readonly name: string; readonly operation: 'set' | 'append' | 'subtract'; readonly value: string }
  | { readonly name: string; readonly operation: 'delete' };

/**
 * `configs` after `changes`, checked as a whole. Elements are appended to the list that is in force, the default too, and
 * those that are there already stay as they are, as with Kafka; so the same changes twice make what they make once. Throws
 * INVALID_CONFIG, and INVALID_REQUEST where a config is named twice.
 */
export function alteredConfigs(configs: Configs, changes: readonly ConfigChange[]): Configs {
  const inForce = new Map(describeConfigs(configs).map((config) => [config.name, config]));
  const altered = new Map(Object.entries(configs));
  const seen = new Set<string>();
  for (const change of changes) {
    const { name } = change;
    const config = inForce.get(name);
    if (!config) throw invalid('INVALID_CONFIG', name, 'is no topic config');
    if (seen.has(name)) throw invalid('INVALID_REQUEST', name, 'is changed twice in one request');
    seen.add(name);
    if (change.operation === 'delete') altered.delete(name);
    else altered.set(name, change.operation === 'set' ? change.value : changedList(config, change));
  }
  return validateConfigs(Object.fromEntries(altered));
}

const elementsOf = (list: string): readonly string[] =>
  list.split(',').flatMap((element) => (element.trim() === '' ? [] : [element.trim()]));

function changedList(
  { name, type, value }: TopicConfig,
  change: Extract<ConfigChange, { readonly value: string }>,
): string {
  if (type !== 'list') {
    throw invalid(
      'INVALID_CONFIG',
      name,
      `is no list but of type ${type}: nothing can be ${change.operation}ed`,
    );
  }
  const [elements, changed] = [elementsOf(value), elementsOf(change.value)];
  const kept =
    change.operation === 'append'
      ? [...elements, ...changed.filter((element) => !elements.includes(element))]
      : elements.filter((element) => !changed.includes(element));
  return kept.join(',');
}

const invalid = (code: 'INVALID_CONFIG' | 'INVALID_REQUEST', name: string, what: string): BrokerError =>
  new BrokerError(code, `${JSON.stringify(name.slice(0, 100))} ${what}`, {
    field: `configs.${name.slice(0, 100)}`,
  });
