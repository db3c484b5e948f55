// Metadata: one node, and the topics that were asked for. A topic that is absent is made where the cluster and the client
// both allow that.
import { BrokerError } from '../../base/errors.ts';
import { METADATA } from '../protocol/apis/03-metadata.ts';
import { ZERO_UUID } from '../protocol/layout.ts';
import { CLUSTER_OPERATIONS, TOPIC_OPERATIONS } from './authorized-operations.ts';
import { errorOf, handler, LEADER_EPOCH, type RequestContext } from './handler.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';
import type { Topic } from '../../topics/topic.ts';

type Request = RequestOf<typeof METADATA>;
type Answer = ResponseOf<typeof METADATA>['topics'][number];

/** Metadata. */
export const metadata = handler<typeof METADATA>({
  schema: METADATA,
  handle: async (context, request) => {
    const { node, broker } = context;
    const [clusterId, topics] = await Promise.all([broker.clusterId(), topicsOf(context, request)]);
    return {
      brokers: [{ nodeId: node.nodeId, host: node.host, port: node.port, rack: null }],
      controllerId: node.nodeId,
      ...(request.includeClusterAuthorizedOperations && { clusterAuthorizedOperations: CLUSTER_OPERATIONS }),
      clusterId,
      topics,
      errorCode: 0,
    };
  },
});

/** No topics mean all in version 0; later they mean none, and null means all. */
async function topicsOf(context: RequestContext, request: Request): Promise<readonly Answer[]> {
  const { topics } = request;
  const wantsAll = topics === null || (context.apiVersion === 0 && topics.length === 0);
  const answers = wantsAll
    ? (await context.broker.listTopics()).map((topic) => answerOf(context, topic))
    : await Promise.all(distinct(topics).map((topic) => findTopic(context, request, topic)));
  if (!request.includeTopicAuthorizedOperations) return answers;
  return answers.map((topic) =>
    topic.errorCode === 0 ? { ...topic, topicAuthorizedOperations: TOPIC_OPERATIONS } : topic,
  );
}

/** As in Kafka, a topic is answered once however often it is asked for: else a short request has an answer of gigabytes. */
const distinct = (topics: NonNullable<Request['topics']>): NonNullable<Request['topics']> => [
  ...new Map(topics.map((topic) => [`${topic.topicId} ${topic.name ?? ''}`, topic])).values(),
];

async function findTopic(
  context: RequestContext,
  { allowAutoTopicCreation }: Request,
  { name, topicId }: NonNullable<Request['topics']>[number],
): Promise<Answer> {
  try {
    if (name !== null)
      return answerOf(context, await context.broker.describeTopic(name, { allowAutoTopicCreation }));
    // Never made by id: whoever knows the id knows a topic that was there.
    const topic = await context.broker.findTopicById(topicId);
    if (topic) return answerOf(context, topic);
    throw new BrokerError('UNKNOWN_TOPIC_ID', `no topic has the id ${topicId}`);
  } catch (error) {
    return {
      ...NOTHING,
      name,
      topicId: name === null ? topicId : ZERO_UUID,
      errorCode: errorOf(error).errorCode,
    };
  }
}

/** Nobody asked for them. */
const OPERATIONS_NOT_ASKED = -2_147_483_648;

const NOTHING = { isInternal: false, partitions: [], topicAuthorizedOperations: OPERATIONS_NOT_ASKED };

function answerOf({ node: { nodeId } }: RequestContext, topic: Topic): Answer {
  const partitions = Array.from({ length: topic.partitions }, (_, partitionIndex) => ({
    ...{ errorCode: 0, partitionIndex, leaderId: nodeId, leaderEpoch: LEADER_EPOCH },
    ...{ replicaNodes: [nodeId], isrNodes: [nodeId], offlineReplicas: [] },
  }));
  return { ...NOTHING, errorCode: 0, name: topic.name, topicId: topic.topicId, partitions };
}
