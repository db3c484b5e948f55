// `wadi topics`: makes, lists, shows and deletes topics.
import {
  clusterIdOf,
  ConfigsAnswer,
  get,
  Nothing,
  OffsetsAnswer,
  TopicAnswer,
  TopicsAnswer,
  type Offsets,
} from './api-answers.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { usageError } from './exit.ts';
import { countOf } from './format-text.ts';
import { withoutEffect } from '../topics/config-state.ts';

export interface CreateTopicOptions {
  readonly partitions?: number;
  /** As `name=value`. */
  readonly config?: readonly string[];
  readonly ifNotExists?: boolean;
}

/** Makes a topic and answers the lines to print. */
export async function createTopic(
  api: ApiClient,
  name: string,
  options: CreateTopicOptions,
): Promise<readonly string[]> {
  const configs = (options.config ?? []).map(parseConfig);
  const clusterId = await clusterIdOf(api);
  if (options.ifNotExists && (await hasTopic(api, clusterId, name))) return [`${name} exists already`];
  const body = {
    topic_name: name,
    ...(options.partitions === undefined ? {} : { partitions_count: options.partitions }),
    ...(configs.length === 0 ? {} : { configs }),
  };
  const path = ['v3', 'clusters', clusterId, 'topics'];
  const made = await api.call({ method: 'POST', path, body, answer: TopicAnswer, isRepeatable: false });
  return [
    `${made.topic_name} created with ${countOf(made.partitions_count, 'partition')}`,
    ...withoutEffect(configs.map((config) => config.name)).map(
      (config) => `  ${config} is kept, and changes nothing in this version of Wadi`,
    ),
  ];
}

async function hasTopic(api: ApiClient, clusterId: string, name: string): Promise<boolean> {
  try {
    await get(api, ['v3', 'clusters', clusterId, 'topics', name], TopicAnswer);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

function parseConfig(text: string): { name: string; value: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`--config must be NAME=VALUE, got "${text}"`);
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** One line for each topic: its name, or all that is known as JSON. */
export async function listTopics(
  api: ApiClient,
  options: { readonly json?: boolean },
): Promise<readonly string[]> {
  const path = ['v3', 'clusters', await clusterIdOf(api), 'topics'];
  const { data } = await get(api, path, TopicsAnswer);
  return data.map((topic) =>
    options.json
      ? JSON.stringify({ name: topic.topic_name, partitions: topic.partitions_count })
      : topic.topic_name,
  );
}

interface TopicDescription {
  readonly name: string;
  readonly partitions: readonly (Offsets & { readonly partition: number })[];
  /** Only what differs from the defaults. */
  readonly configs: Readonly<Record<string, string | null>>;
}

async function readDescription(api: ApiClient, name: string): Promise<TopicDescription> {
  const path = ['v3', 'clusters', await clusterIdOf(api), 'topics', name];
  const [topic, configs] = await Promise.all([
    get(api, path, TopicAnswer),
    get(api, [...path, 'configs'], ConfigsAnswer),
  ]);
  const partitions = [];
  for (let partition = 0; partition < topic.partitions_count; partition++) {
    const offsets = await get(
      api,
      ['topics', name, 'partitions', String(partition), 'offsets'],
      OffsetsAnswer,
    );
    partitions.push({
      partition,
      beginning_offset: offsets.beginning_offset,
      end_offset: offsets.end_offset,
    });
  }
  const own = configs.data.filter((config) => !config.is_default);
  return {
    name,
    partitions,
    configs: Object.fromEntries(own.map(({ name: config, value }) => [config, value])),
  };
}

/** A topic's partitions with their offsets, and its configs that are not the default; or the same as one line of JSON. */
export async function describeTopic(
  api: ApiClient,
  name: string,
  options: { readonly json?: boolean },
): Promise<readonly string[]> {
  const topic = await readDescription(api, name);
  if (options.json) return [JSON.stringify(topic)];
  return [
    `${name}: ${countOf(topic.partitions.length, 'partition')}`,
    ...Object.entries(topic.configs).map(
      ([config, value]) =>
        `  ${config}=${value ?? ''}${withoutEffect([config]).length > 0 ? '  (kept, changes nothing)' : ''}`,
    ),
    'PARTITION  BEGINNING-OFFSET  END-OFFSET',
    ...topic.partitions.map(({ partition, beginning_offset, end_offset }) =>
      [String(partition).padEnd(9), String(beginning_offset).padEnd(16), String(end_offset)].join('  '),
    ),
  ];
}

/** Deletes a topic and answers the line to print. */
export async function deleteTopic(api: ApiClient, name: string): Promise<string> {
  const path = ['v3', 'clusters', await clusterIdOf(api), 'topics', name];
  await api.call({ method: 'DELETE', path, answer: Nothing, isRepeatable: false });
  return `${name} deleted`;
}
