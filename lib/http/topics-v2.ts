// GET /topics and below: topics, partitions and their offsets as Kafka REST v2 gives them.
import * as Type from 'typebox';
import { answerV2 } from './answer.ts';
import { pathParameter, readQuery } from './request.ts';
import type { RecordRoute, Route } from './route.ts';
import { OffsetsAnswer, PartitionAnswer, TopicAnswer } from './schemas-v2.ts';
import { v2Answer } from './schemas.ts';
import { BROKER_ID, requirePartition } from './topics.ts';

function partitionAnswer(partition: number): PartitionAnswer {
  return { partition, leader: BROKER_ID, replicas: [{ broker: BROKER_ID, leader: true, in_sync: true }] };
}

const partitionsOf = (count: number): PartitionAnswer[] =>
  Array.from({ length: count }, (_, at) => partitionAnswer(at));

// Kafka differs: its proxy has no lookup by time.
const OffsetsQuery = Type.Object(
  {
    timestamp: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Milliseconds: answers the first record at this time or later, too',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The routes that tell of topics, partitions and offsets. */
export const TOPICS_V2_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/topics',
    group: 'admin',
    operationId: 'listTopics',
    summary: 'List the names of all topics',
    answers: { 200: v2Answer('The names, in order', Type.Array(Type.String())) },
    errors: [406],
    handle: async (c, { broker }) =>
      answerV2(
        c,
        (await broker.listTopics()).map(({ name }) => name),
      ),
  },
  {
    method: 'GET',
    path: '/topics/{topic}',
    group: 'admin',
    operationId: 'getTopic',
    summary: 'Get a topic with its configs and partitions',
    answers: { 200: v2Answer('The topic; configs are those in force', TopicAnswer) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const topic = await broker.describeTopic(pathParameter(c, 'topic'));
      const configs = await broker.describeConfigs(topic.name);
      const answer: TopicAnswer = {
        name: topic.name,
        configs: Object.fromEntries(configs.map(({ name, value }) => [name, value])),
        partitions: partitionsOf(topic.partitions),
      };
      return answerV2(c, answer);
    },
  },
  {
    method: 'GET',
    path: '/topics/{topic}/partitions',
    group: 'admin',
    operationId: 'listPartitions',
    summary: 'List the partitions of a topic',
    answers: { 200: v2Answer('The partitions, from 0', Type.Array(PartitionAnswer)) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const topic = await broker.describeTopic(pathParameter(c, 'topic'));
      return answerV2(c, partitionsOf(topic.partitions));
    },
  },
  {
    method: 'GET',
    path: '/topics/{topic}/partitions/{partition}',
    group: 'admin',
    operationId: 'getPartition',
    summary: 'Get a partition of a topic',
    answers: { 200: v2Answer('The partition', PartitionAnswer) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const topic = await broker.describeTopic(pathParameter(c, 'topic'));
      return answerV2(c, partitionAnswer(requirePartition(topic, pathParameter(c, 'partition'))));
    },
  },
];

/** The route that tells where a partition begins and ends: consumers ask for it. */
export const TOPIC_OFFSETS_V2_ROUTES: readonly RecordRoute[] = [
  {
    method: 'GET',
    path: '/topics/{topic}/partitions/{partition}/offsets',
    group: 'consume',
    operationId: 'getPartitionOffsets',
    summary: 'Get the offsets of a partition',
    query: OffsetsQuery,
    answers: { 200: v2Answer('Where the partition begins and ends', OffsetsAnswer) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const topic = await broker.describeTopic(pathParameter(c, 'topic'));
      const partition = requirePartition(topic, pathParameter(c, 'partition'));
      const { timestamp } = readQuery(c, OffsetsQuery);
      const [earliest, latest, found] = await Promise.all([
        broker.listOffset(topic.name, partition, 'earliest'),
        broker.listOffset(topic.name, partition, 'latest'),
        timestamp === undefined ? undefined : broker.listOffset(topic.name, partition, timestamp),
      ]);
      const answer: OffsetsAnswer = {
        ...{ beginning_offset: earliest.offset, end_offset: latest.offset },
        ...(found && { offset: found.offset, timestamp: found.timestampMs }),
      };
      return answerV2(c, answer);
    },
  },
];
