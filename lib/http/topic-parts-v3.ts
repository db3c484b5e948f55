// Configs and partitions of a topic as Kafka REST v3 shows them.
import type { Context } from 'hono';
import type { TopicConfig } from '../topics/topic.ts';
import { answerV3 } from './answer.ts';
import { HttpError } from './errors.ts';
import { pathParameter } from './request.ts';
import { answerList, linkTo, ListQuery, metadataOf, requireCluster } from './resources-v3.ts';
import type { Route } from './route.ts';
import { PartitionData, PartitionList, TopicConfigData, TopicConfigList } from './schemas-v3.ts';
import { v3Answer } from './schemas.ts';
import { BROKER_ID, requirePartition } from './topics.ts';

interface TopicPlace {
  readonly clusterId: string;
  readonly topic: string;
}

function configData(c: Context, { clusterId, topic }: TopicPlace, config: TopicConfig): TopicConfigData {
  const { name, value, isDefault, isReadOnly, isSensitive } = config;
  const source = isDefault ? 'DEFAULT_CONFIG' : 'DYNAMIC_TOPIC_CONFIG';
  return {
    kind: 'KafkaTopicConfig',
    metadata: metadataOf(c, {
      path: [clusterId, 'topics', topic, 'configs', name],
      name: [
        ['kafka', clusterId],
        ['topic', topic],
        ['config', name],
      ],
    }),
    cluster_id: clusterId,
    topic_name: topic,
    name,
    value: isSensitive ? null : value,
    is_default: isDefault,
    is_read_only: isReadOnly,
    is_sensitive: isSensitive,
    source,
    synonyms: [{ name, value: isSensitive ? null : value, source }],
  };
}

function partitionData(c: Context, { clusterId, topic }: TopicPlace, partition: number): PartitionData {
  const path = [clusterId, 'topics', topic, 'partitions', partition] as const;
  return {
    kind: 'KafkaPartition',
    metadata: metadataOf(c, {
      path,
      name: [
        ['kafka', clusterId],
        ['topic', topic],
        ['partition', partition],
      ],
    }),
    cluster_id: clusterId,
    topic_name: topic,
    partition_id: partition,
    leader: { related: linkTo(c, ...path, 'replicas', BROKER_ID) },
    replicas: { related: linkTo(c, ...path, 'replicas') },
    reassignment: { related: linkTo(c, ...path, 'reassignment') },
  };
}

/** Sorts as the numbers do. */
const partitionKey = (partition: number): string => String(partition).padStart(10, '0');

const PATH = '/v3/clusters/{cluster_id}/topics/{topic_name}';

/** The routes of what a topic has. */
export const TOPIC_PARTS_V3_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${PATH}/configs`,
    group: 'admin',
    operationId: 'listTopicConfigsV3',
    summary: 'List the configs of a topic',
    query: ListQuery,
    answers: { 200: v3Answer('All configs, by name, as they are in force', TopicConfigList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const topic = pathParameter(c, 'topic_name');
      return answerList(c, 'KafkaTopicConfigList', await broker.describeConfigs(topic), {
        keyOf: ({ name }) => name,
        render: (config) => configData(c, { clusterId, topic }, config),
      });
    },
  },
  {
    method: 'GET',
    path: `${PATH}/configs/{name}`,
    group: 'admin',
    operationId: 'getTopicConfigV3',
    summary: 'Get a config of a topic',
    answers: { 200: v3Answer('The config as it is in force', TopicConfigData) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const topic = pathParameter(c, 'topic_name');
      const name = pathParameter(c, 'name');
      const config = (await broker.describeConfigs(topic)).find((candidate) => candidate.name === name);
      if (config === undefined) {
        throw new HttpError({
          status: 404,
          errorCode: 404,
          message: `Config ${name} cannot be found: it is none of Kafka's topic configs`,
          details: { field: 'name' },
        });
      }
      return answerV3(c, configData(c, { clusterId, topic }, config));
    },
  },
  {
    method: 'GET',
    path: `${PATH}/partitions`,
    group: 'admin',
    operationId: 'listPartitionsV3',
    summary: 'List the partitions of a topic',
    query: ListQuery,
    answers: { 200: v3Answer('The partitions, from 0', PartitionList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const topic = await broker.describeTopic(pathParameter(c, 'topic_name'));
      const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition);
      return answerList(c, 'KafkaPartitionList', partitions, {
        keyOf: partitionKey,
        render: (partition) => partitionData(c, { clusterId, topic: topic.name }, partition),
      });
    },
  },
  {
    method: 'GET',
    path: `${PATH}/partitions/{partition_id}`,
    group: 'admin',
    operationId: 'getPartitionV3',
    summary: 'Get a partition of a topic',
    answers: { 200: v3Answer('The partition', PartitionData) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const topic = await broker.describeTopic(pathParameter(c, 'topic_name'));
      const partition = requirePartition(topic, pathParameter(c, 'partition_id'));
      return answerV3(c, partitionData(c, { clusterId, topic: topic.name }, partition));
    },
  },
];
