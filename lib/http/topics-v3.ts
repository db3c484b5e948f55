// /v3/clusters/{cluster_id}/topics: create, list, describe and delete topics as Kafka REST v3 does.
import type { Context } from 'hono';
import { BrokerError } from '../base/errors.ts';
import type { CreateTopicRequest } from '../broker/broker.ts';
import type { Topic } from '../topics/topic.ts';
import { answerV3 } from './answer.ts';
import { invalidBody } from './errors.ts';
import { parseJson } from './json-text.ts';
import { PLAIN_JSON } from './media-types.ts';
import { pathParameter, readBodyText, requireContentType } from './request.ts';
import { answerList, linkTo, ListQuery, metadataOf, requireCluster } from './resources-v3.ts';
import type { HttpDeps, Route } from './route.ts';
import { CreateTopicBody, TopicData, TopicList } from './schemas-v3.ts';
import { v3Answer } from './schemas.ts';
import { checkAgainst } from './validation.ts';

const INTERNAL_TOPICS = ['__consumer_offsets', '__transaction_state'];

/** What clients are told where they ask how often a record is stored: the storage replicates, and they cannot choose. */
const REPLICATION_FACTOR = 1;

function topicData(c: Context, clusterId: string, topic: Topic): TopicData {
  const related = (...path: string[]): { related: string } => ({
    related: linkTo(c, clusterId, 'topics', topic.name, ...path),
  });
  return {
    kind: 'KafkaTopic',
    metadata: metadataOf(c, {
      path: [clusterId, 'topics', topic.name],
      name: [
        ['kafka', clusterId],
        ['topic', topic.name],
      ],
    }),
    cluster_id: clusterId,
    topic_name: topic.name,
    topic_id: topic.topicId,
    is_internal: INTERNAL_TOPICS.includes(topic.name),
    replication_factor: REPLICATION_FACTOR,
    partitions_count: topic.partitions,
    partitions: related('partitions'),
    configs: related('configs'),
    partition_reassignments: related('partitions', '-', 'reassignment'),
  };
}

async function createTopic(c: Context, { broker }: HttpDeps): Promise<Response> {
  requireContentType(c, [PLAIN_JSON]);
  const body = checkAgainst(CreateTopicBody, parseJson(await readBodyText(c)), ({ field, message }) =>
    invalidBody(`${field === '' ? 'The body' : field} ${message}`, field),
  );
  const clusterId = await requireCluster(c, broker);
  const topic = await broker.createTopic(createRequest(body));
  const data = topicData(c, clusterId, topic);
  return body.validate_only === true
    ? answerV3(c, data)
    : answerV3(c, data, { status: 201, headers: { location: data.metadata.self } });
}

function createRequest(body: CreateTopicBody): CreateTopicRequest {
  if (body.replication_factor === 0) {
    throw new BrokerError('INVALID_REPLICATION_FACTOR', 'replication_factor must be above 0, or -1, got 0', {
      field: 'replication_factor',
    });
  }
  // -1 asks for the cluster's default, as in Kafka's CreateTopics.
  const partitions = body.partitions_count === -1 ? undefined : (body.partitions_count ?? undefined);
  return {
    name: body.topic_name,
    ...(partitions === undefined ? {} : { partitions }),
    configs: configsOf(body),
    validateOnly: body.validate_only === true,
  };
}

function configsOf(body: CreateTopicBody): Record<string, string> {
  const configs = new Map<string, string>();
  (body.configs ?? []).forEach(({ name, value }, index) => {
    if (configs.has(name))
      throw invalidBody(`configs[${index}].name gives ${name} twice`, `configs[${index}].name`);
    if (value === undefined || value === null) {
      // Kafka's CreateTopics refuses these too: a config is left out, not set to nothing.
      throw new BrokerError(
        'INVALID_CONFIG',
        `configs[${index}].value of ${name} must be a string, got null`,
        {
          field: `configs[${index}].value`,
        },
      );
    }
    configs.set(name, value);
  });
  return Object.fromEntries(configs);
}

const PATH = '/v3/clusters/{cluster_id}/topics';

/** The routes of topics; those of their configs and partitions are in topic-parts-v3.ts. */
export const TOPICS_V3_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: PATH,
    group: 'admin',
    operationId: 'listTopicsV3',
    summary: 'List the topics',
    query: ListQuery,
    answers: { 200: v3Answer('The topics, by name', TopicList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      return answerList(c, 'KafkaTopicList', await broker.listTopics(), {
        keyOf: ({ name }) => name,
        render: (topic) => topicData(c, clusterId, topic),
      });
    },
  },
  {
    method: 'POST',
    path: PATH,
    group: 'admin',
    operationId: 'createTopicV3',
    summary: 'Create a topic',
    body: { required: true, content: { [PLAIN_JSON]: CreateTopicBody } },
    answers: {
      200: v3Answer('With validate_only: the topic as it would be', TopicData),
      201: v3Answer('The topic', TopicData),
    },
    errors: [404, 406, 413, 415, 422],
    handle: createTopic,
  },
  {
    method: 'GET',
    path: `${PATH}/{topic_name}`,
    group: 'admin',
    operationId: 'getTopicV3',
    summary: 'Get a topic',
    answers: { 200: v3Answer('The topic', TopicData) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      return answerV3(c, topicData(c, clusterId, await broker.describeTopic(pathParameter(c, 'topic_name'))));
    },
  },
  {
    method: 'DELETE',
    path: `${PATH}/{topic_name}`,
    group: 'admin',
    operationId: 'deleteTopicV3',
    summary: 'Delete a topic with all of its records',
    answers: { 204: { description: 'The topic is gone' } },
    errors: [404],
    handle: async (c, { broker }) => {
      await requireCluster(c, broker);
      await broker.deleteTopic(pathParameter(c, 'topic_name'));
      return new Response(null, { status: 204 });
    },
  },
];
