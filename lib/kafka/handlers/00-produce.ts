// Produce: batches as the client sent them, each partition by itself; all of one partition are committed together with what
// other connections send.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import { PRODUCE } from '../protocol/apis/00-produce.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import { nameOfTopic } from './topic-names.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';

type Request = RequestOf<typeof PRODUCE>;
type TopicData = Request['topicData'][number];
type PartitionData = TopicData['partitionData'][number];
type Response = ResponseOf<typeof PRODUCE>;
type PartitionAnswer = Response['responses'][number]['partitionResponses'][number];

/** Produce. */
export const produce = handler<typeof PRODUCE>({
  schema: PRODUCE,
  // Older librdkafka derives features from versions 0 to 2 (KAFKA-18659), which nobody sends.
  advertisedMin: 0,
  mayOverlap: true,
  handle: async (context, request) => {
    checkAcks(request);
    const responses = await Promise.all(request.topicData.map((topic) => produceTopic(context, topic)));
    if (request.acks !== 0) return { responses };
    const failed = responses
      .flatMap((topic) => topic.partitionResponses)
      .find(({ errorCode }) => errorCode !== 0);
    // A client that wants no answer learns of a failure by the end of its connection, as with Kafka.
    if (failed) throw new BrokerError('INVALID_REQUEST', `acks=0: ${failed.errorMessage ?? 'not stored'}`);
    return undefined;
  },
});

function checkAcks({ acks, transactionalId }: Request): void {
  if (acks < -1 || acks > 1)
    throw new BrokerError('INVALID_REQUEST', `acks must be -1, 0 or 1, got ${acks}`, { field: 'acks' });
  if (transactionalId !== null)
    throw new BrokerError('INVALID_REQUEST', 'transactions are not served', { field: 'transactional_id' });
}

async function produceTopic(
  context: RequestContext,
  topic: TopicData,
): Promise<Response['responses'][number]> {
  const naming = nameOfTopic(context.broker, topic);
  // Its failure is told by its partitions, and there may be none.
  naming.catch(() => undefined);
  const partitionResponses = await Promise.all(
    topic.partitionData.map((data) => producePartition(context, naming, data)),
  );
  return { name: topic.name, topicId: topic.topicId, partitionResponses };
}

async function producePartition(
  { broker, apiVersion }: RequestContext,
  naming: Promise<string>,
  { index, records }: PartitionData,
): Promise<PartitionAnswer> {
  try {
    const topic = await naming;
    const batch = records ?? new Uint8Array();
    checkZstd(apiVersion, batch);
    const { baseOffset, logAppendTimeMs } = await broker.produce({ topic, partition: index, batch });
    return { index, errorCode: 0, baseOffset, logAppendTimeMs, ...NO_DETAILS };
  } catch (error) {
    return { index, ...errorOf(error), ...NOT_STORED, ...NO_DETAILS, recordErrors: recordErrorsOf(error) };
  }
}

/** From this version on clients know zstd (KIP-110). */
const ZSTD_SINCE = 7;
const ZSTD = 4;
/** Of a batch: the byte of its attributes that ends with its compression. */
const COMPRESSION_AT = 22;

function checkZstd(apiVersion: number, batch: Uint8Array): void {
  if (apiVersion >= ZSTD_SINCE || ((batch[COMPRESSION_AT] ?? 0) & 7) !== ZSTD) return;
  const message = `zstd needs Produce of version ${ZSTD_SINCE} or later, got version ${apiVersion}`;
  throw new BrokerError('UNSUPPORTED_COMPRESSION_TYPE', message);
}

/** Clients tell the senders of all other records that they only were in the same batch. */
const recordErrorsOf = (error: unknown): PartitionAnswer['recordErrors'] =>
  toBrokerError(error).recordErrors.map(({ index, message }) => ({
    ...{ batchIndex: index, batchIndexErrorMessage: message },
  }));

const NOT_STORED = { baseOffset: -1, logAppendTimeMs: -1 };

const NO_DETAILS = {
  logStartOffset: -1,
  recordErrors: [],
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
};
