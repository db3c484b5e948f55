// Fetch: without sessions, so that any gateway can answer the next one. Waits for the first records, or for as many bytes as
// asked, and answers at once where a partition has an error.
import { FETCH } from '../protocol/apis/01-fetch.ts';
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import { codeOf, handler, type RequestContext } from './handler.ts';
import { nameOfTopic } from './topic-names.ts';
import type { FetchedBatches, PartitionFetch } from '../../broker/broker.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';

type Request = RequestOf<typeof FETCH>;
type Response = ResponseOf<typeof FETCH>;
type TopicRequest = Request['topics'][number];
type PartitionAnswer = Response['responses'][number]['partitions'][number];

/** Kafka's fetch.max.bytes: more is not answered at once, whatever is asked. */
const FETCH_BYTES_MAX = 57_671_680;

/** There are no sessions to go on with: the client sends everything again (KIP-227). */
const FETCH_SESSION_ID_NOT_FOUND = 70;
const EMPTY = { errorCode: 0, sessionId: 0, responses: [] };

/** Fetch. */
export const fetch = handler<typeof FETCH>({
  schema: FETCH,
  handle: async (context, request) => {
    if (request.sessionId !== 0) return { ...EMPTY, errorCode: FETCH_SESSION_ID_NOT_FOUND };
    const grantedBytes = context.answerBytes.takeShare(
      Math.min(request.maxBytes, FETCH_BYTES_MAX),
      context.limits.answerBytesMin,
    );
    let heldBytes = grantedBytes;
    context.onAnswered(() => {
      context.answerBytes.giveBack(heldBytes);
    });
    const responses = await answersOf(context, request, grantedBytes);
    // Mostly less, but a first batch may be larger than what was granted.
    heldBytes = bytesOf(responses);
    context.answerBytes.take(heldBytes - grantedBytes);
    return { ...EMPTY, responses };
  },
});

const bytesOf = (responses: Response['responses']): number =>
  responses
    .flatMap(({ partitions }) => partitions)
    .reduce((sum, { records }) => sum + (records?.length ?? 0), 0);

async function answersOf(
  context: RequestContext,
  request: Request,
  maxBytes: number,
): Promise<Response['responses']> {
  const topics = await Promise.all(request.topics.map((topic) => placesOf(context, topic)));
  const places = topics.flatMap((topic) => topic.places);
  const isAnyUnknown = topics.some(({ error }) => error !== undefined);
  const { minBytes, maxWaitMs } = request;
  const { broker, clock, signal } = context;
  // Who fetches nothing asks again at once, and is to wait between two requests.
  if (request.topics.length === 0) await clock.sleep(maxWaitMs, signal);
  const options = { minBytes, maxBytes, maxWaitMs: isAnyUnknown ? 0 : maxWaitMs, signal };
  const results = [...(await broker.fetchMany(places, options))];
  return topics.map(({ topic, error }) => ({
    ...{ topic: topic.topic, topicId: topic.topicId },
    partitions: topic.partitions.map(({ partition }) =>
      answerOf(partition, error ?? results.shift() ?? new BrokerError('UNKNOWN_SERVER_ERROR', 'no result')),
    ),
  }));
}

interface TopicPlaces {
  readonly topic: TopicRequest;
  readonly places: readonly PartitionFetch[];
  /** Of a topic that is not there: it has no places. */
  readonly error?: BrokerError;
}

async function placesOf({ broker }: RequestContext, topic: TopicRequest): Promise<TopicPlaces> {
  const isById = topic.topic === '';
  try {
    const name = await nameOfTopic(broker, { name: topic.topic, topicId: topic.topicId });
    const places = topic.partitions.map(
      ({ partition, fetchOffset: offset, partitionMaxBytes: maxBytes }) => ({
        ...{ topic: name, partition, offset, maxBytes },
        ...(isById && { topicId: topic.topicId }),
      }),
    );
    return { topic, places };
  } catch (error) {
    return { topic, places: [], error: toBrokerError(error) };
  }
}

function answerOf(partitionIndex: number, result: FetchedBatches | BrokerError): PartitionAnswer {
  if (result instanceof BrokerError)
    return {
      ...{ ...NO_DETAILS, partitionIndex, errorCode: codeOf(result.code) },
      ...{ highWatermark: -1, records: new Uint8Array() },
    };
  const { batches, highWatermark, logStartOffset } = result;
  return {
    ...{ ...NO_DETAILS, partitionIndex, errorCode: 0, highWatermark, logStartOffset, records: batches },
    lastStableOffset: highWatermark,
  };
}

const NO_DETAILS = {
  divergingEpoch: { epoch: -1, endOffset: -1 },
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
  snapshotId: { endOffset: -1, epoch: -1 },
  abortedTransactions: [],
};
