// DescribeTopicPartitions: topics and their partitions in the order of their names, a page at a time (KIP-966).
import { BrokerError } from '../../base/errors.ts';
import { DESCRIBE_TOPIC_PARTITIONS } from '../protocol/apis/75-describe-topic-partitions.ts';
import { ZERO_UUID } from '../protocol/layout.ts';
import { errorOf, handler, LEADER_EPOCH, type RequestContext } from './handler.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';
import type { Topic } from '../../topics/topic.ts';

type Request = RequestOf<typeof DESCRIBE_TOPIC_PARTITIONS>;
type Response = ResponseOf<typeof DESCRIBE_TOPIC_PARTITIONS>;
type Answer = Response['topics'][number];

/** Partitions of one answer: Kafka's max.request.partition.size.limit. */
const PARTITIONS_MAX = 2_000;

/** DescribeTopicPartitions. */
export const describeTopicPartitions = handler<typeof DESCRIBE_TOPIC_PARTITIONS>({
  schema: DESCRIBE_TOPIC_PARTITIONS,
  handle: async (context, request) => {
    try {
      return await page(context, check(request));
    } catch (error) {
      // Only topics can carry an error.
      if (request.topics.length === 0) throw error;
      return { topics: request.topics.map(({ name }) => failed(name, errorOf(error).errorCode)) };
    }
  },
});

function check(request: Request): Request {
  const { responsePartitionLimit, cursor } = request;
  if (responsePartitionLimit < 1) {
    const message = `the limit of partitions must be at least 1, got ${responsePartitionLimit}`;
    throw new BrokerError('INVALID_REQUEST', message);
  }
  if (cursor && cursor.partitionIndex < 0) {
    const message = `the cursor's partition must be at least 0, got ${cursor.partitionIndex}`;
    throw new BrokerError('INVALID_REQUEST', message);
  }
  return request;
}

async function page(context: RequestContext, request: Request): Promise<Response> {
  const { cursor } = request;
  const asked = (await topicsOf(context, request)).filter(({ name }) => !cursor || name >= cursor.topicName);
  let room = Math.min(request.responsePartitionLimit, PARTITIONS_MAX);
  const topics: Answer[] = [];
  for (const { name, topic, errorCode } of asked) {
    if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } };
    if (!topic) {
      topics.push(failed(name, errorCode));
      continue;
    }
    const from = cursor?.topicName === name ? cursor.partitionIndex : 0;
    const to = Math.min(topic.partitions, from + room);
    topics.push(answerOf(context, topic, { from, to }));
    if (to < topic.partitions) return { topics, nextCursor: { topicName: name, partitionIndex: to } };
    room -= Math.max(0, to - from);
  }
  return { topics, nextCursor: null };
}

interface Found {
  readonly name: string;
  readonly topic: Topic | undefined;
  readonly errorCode: number;
}

/** No topics mean all of them. */
async function topicsOf({ broker }: RequestContext, { topics }: Request): Promise<readonly Found[]> {
  const asked = topics.map(({ name }) => name);
  if (asked.length === 0) {
    return (await broker.listTopics()).map((topic) => ({ name: topic.name, topic, errorCode: 0 }));
  }
  const names = [...new Set(asked)].sort();
  return Promise.all(
    names.map((name) =>
      broker.describeTopic(name).then(
        (topic) => ({ name, topic, errorCode: 0 }),
        (error: unknown) => ({ name, topic: undefined, errorCode: errorOf(error).errorCode }),
      ),
    ),
  );
}

const failed = (name: string, errorCode: number): Answer => ({
  ...{ name, errorCode, topicId: ZERO_UUID, partitions: [] },
});

function answerOf(
  { node: { nodeId } }: RequestContext,
  { name, topicId }: Topic,
  { from, to }: { readonly from: number; readonly to: number },
): Answer {
  const partitions = Array.from({ length: Math.max(0, to - from) }, (_, i) => ({
    ...{ errorCode: 0, partitionIndex: from + i, leaderId: nodeId, leaderEpoch: LEADER_EPOCH },
    ...{ replicaNodes: [nodeId], isrNodes: [nodeId], offlineReplicas: [] },
    ...{ eligibleLeaderReplicas: [], lastKnownElr: [] },
  }));
  return { errorCode: 0, name, topicId, partitions };
}
