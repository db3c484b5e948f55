// Fetch: without sessions, so that any gateway can answer the next one. Waits for the first records, or for as many bytes as
// asked, and answers at once where a partition has an error.
import { FETCH } from '../protocol/apis/01-fetch.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import { nameOfTopic } from './topic-names.ts';
import type { FetchedBatches } from '../../broker/broker.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';

type Request = RequestOf<typeof FETCH>;
type Response = ResponseOf<typeof FETCH>;

/** Kafka's fetch.max.bytes: more is not answered at once, whatever is asked. */
const FETCH_BYTES_MAX = 57_671_680;

/** One partition of a request, and what is known of it so far. */
interface Wanted {
  readonly naming: Promise<string>;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
  result: FetchedBatches | { readonly errorCode: number } | undefined;
}

/** Fetch. */
export const fetch = handler<typeof FETCH>({
  schema: FETCH,
  handle: async (context, request) => {
    if (request.sessionId !== 0) return { ...EMPTY, errorCode: FETCH_SESSION_ID_NOT_FOUND };
    const wanted = request.topics.map((topic) => {
      const naming = nameOfTopic(context.broker, { name: topic.topic, topicId: topic.topicId });
      naming.catch(() => undefined);
      return topic.partitions.map((one) => wantedOf(naming, one));
    });
    const grantedBytes = context.answerBytes.takeShare(
      Math.min(request.maxBytes, FETCH_BYTES_MAX),
      context.limits.answerBytesMin,
    );
    let isKept = false;
    try {
      await collect(context, request, wanted.flat(), grantedBytes);
      isKept = true;
      return { ...EMPTY, responses: request.topics.map((topic, at) => answerOf(topic, wanted[at] ?? [])) };
    } finally {
      const release = () => {
        context.answerBytes.giveBack(grantedBytes);
      };
      if (isKept) context.onAnswered(release);
      else release();
    }
  },
});

/** There are no sessions to go on with: the client sends everything again (KIP-227). */
const FETCH_SESSION_ID_NOT_FOUND = 70;
const EMPTY = { errorCode: 0, sessionId: 0, responses: [] };

const wantedOf = (naming: Promise<string>, one: Request['topics'][number]['partitions'][number]): Wanted => ({
  naming,
  partition: one.partition,
  offset: one.fetchOffset,
  maxBytes: one.partitionMaxBytes,
  result: undefined,
});

/** Fills in the results: until there are enough bytes, an error, or the time is over. */
async function collect(
  context: RequestContext,
  request: Request,
  wanted: readonly Wanted[],
  bytesMax: number,
): Promise<void> {
  const deadlineMs = context.clock.now() + request.maxWaitMs;
  await lookAt(context, wanted, bytesMax);
  for (;;) {
    const leftMs = deadlineMs - context.clock.now();
    const isDone = wanted.some(isFailed) || bytesOf(wanted) >= request.minBytes;
    if (isDone || leftMs <= 0 || context.signal.aborted || wanted.length === 0) break;
    await waitForAny(context, wanted.filter(isAtEnd), leftMs);
    await lookAt(context, wanted, bytesMax);
  }
  if (wanted.length === 0) await context.clock.sleep(deadlineMs - context.clock.now(), context.signal);
}

const isFailed = ({ result }: Wanted): boolean => result !== undefined && 'errorCode' in result;
const isAtEnd = ({ result }: Wanted): boolean =>
  result !== undefined && !('errorCode' in result) && result.batches.length === 0;
const bytesOf = (wanted: readonly Wanted[]): number =>
  wanted.reduce((sum, { result }) => sum + (result && 'batches' in result ? result.batches.length : 0), 0);

/** Reads the partitions in their order until the bytes are used up; of those that are left over, only the ends are told. */
async function lookAt(context: RequestContext, wanted: readonly Wanted[], bytesMax: number): Promise<void> {
  let leftBytes = bytesMax;
  for (const one of wanted) {
    const isFirst = leftBytes === bytesMax;
    if (isAtEnd(one) || one.result === undefined)
      one.result = await read(context, one, leftBytes, isFirst).catch(errorOf);
    if ('batches' in one.result) leftBytes = Math.max(0, leftBytes - one.result.batches.length);
  }
}

/** Kafka differs only for the first partition with records, whose first batch is answered whatever its size (KIP-74). */
async function read(
  { broker }: RequestContext,
  { naming, partition, offset, maxBytes }: Wanted,
  leftBytes: number,
  isFirst: boolean,
): Promise<FetchedBatches> {
  const topic = await naming;
  const bytes = Math.max(1, Math.min(maxBytes, leftBytes));
  const fetched = await broker.fetch({ topic, partition, offset, maxBytes: bytes, maxWaitMs: 0 });
  if (isFirst || fetched.batches.length <= leftBytes) return fetched;
  return { ...fetched, batches: new Uint8Array() };
}

/** Resolves as soon as one of the partitions has records, or fails. */
async function waitForAny(
  { broker, signal }: RequestContext,
  wanted: readonly Wanted[],
  maxWaitMs: number,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const waits = wanted.map(async ({ naming, partition, offset }) => {
    const topic = await naming;
    return broker.fetch({ topic, partition, offset, maxBytes: 1, maxWaitMs, signal: either });
  });
  await Promise.race(waits).catch(() => undefined);
  over.abort();
  await Promise.allSettled(waits);
}

function answerOf(
  topic: Request['topics'][number],
  wanted: readonly Wanted[],
): Response['responses'][number] {
  const partitions = wanted.map(({ partition, result }) => {
    if (result === undefined || 'errorCode' in result)
      return {
        ...NO_DETAILS,
        partitionIndex: partition,
        errorCode: result?.errorCode ?? -1,
        highWatermark: -1,
        records: new Uint8Array(),
      };
    const { batches, highWatermark, logStartOffset } = result;
    return {
      ...NO_DETAILS,
      ...{ partitionIndex: partition, errorCode: 0, highWatermark, logStartOffset, records: batches },
      lastStableOffset: highWatermark,
    };
  });
  return { topic: topic.topic, topicId: topic.topicId, partitions };
}

const NO_DETAILS = {
  divergingEpoch: { epoch: -1, endOffset: -1 },
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
  snapshotId: { endOffset: -1, epoch: -1 },
  abortedTransactions: [],
};
