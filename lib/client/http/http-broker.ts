// The broker of a server, over its HTTP API.
import type { Static, TSchema } from 'typebox';
import { present } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import type { FetchRequest, OffsetSpec, ProducedBatch, ProduceRequest } from '../../broker/broker.ts';
import type { ClientBroker, TopicSummary } from '../client-deps.ts';
import * as answers from './http-answers.ts';
import { type HttpCall, httpCall, type HttpCallDeps } from './http-call.ts';
import { errorOfBody } from './http-error.ts';
import { createHttpGroups } from './http-groups.ts';
import { batchesOf, produceBodyOf } from './http-records.ts';

const BINARY_TYPE = 'application/vnd.kafka.binary.v2+json';

/** The server waits no longer than this (25 s are what API Gateway leaves of its 30). */
const WAIT_MS_MAX = 25_000;

/**
 * Sends each call once: who calls repeats it where that is right. Beside what Broker throws, POLICY_VIOLATION where the
 * caller has no right to the route, and REQUEST_TIMED_OUT where no answer came.
 */
// Kafka differs: records travel one by one in JSON, so that a batch's compression ends here and is the topic's to choose; a
// batch above the topic's max.message.bytes is cut by the server; topics are not made by their first record.
export function createHttpBroker(deps: HttpCallDeps): ClientBroker {
  const ask = async <T extends TSchema>(call: HttpCall<T>): Promise<Static<T>> =>
    (await httpCall(deps, call)).value;
  let cluster: Promise<string> | undefined;
  const clusterId = async (): Promise<string> => {
    cluster ??= readClusterId(deps);
    try {
      return await cluster;
    } catch (error) {
      cluster = undefined;
      throw error;
    }
  };
  const topicsPath = async (...rest: string[]) => ['v3', 'clusters', await clusterId(), 'topics', ...rest];
  return {
    groups: createHttpGroups(deps),
    clusterId,
    createTopic: async ({ name, partitions, configs = {}, validateOnly = false }) => {
      const body = {
        ...{ topic_name: name, validate_only: validateOnly },
        ...(partitions !== undefined && { partitions_count: partitions }),
        configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
      };
      const path = await topicsPath();
      return topicOf(await ask({ method: 'POST', path, body, answer: answers.TopicAnswer }));
    },
    describeTopic: async (name) =>
      topicOf(await ask({ method: 'GET', path: await topicsPath(name), answer: answers.TopicAnswer })),
    listTopics: async () => listTopics(deps, await topicsPath()),
    deleteTopic: async (name) => {
      await ask({ method: 'DELETE', path: await topicsPath(name), answer: answers.Nothing });
    },
    produce: (request) => produce(deps, request),
    fetch: (request) => fetchBatches(deps, request),
    listOffset: (topic, partition, at) => listOffset(deps, topic, { partition, at }),
    initProducerId: async () => {
      const path = ['v3', 'clusters', await clusterId(), 'producers'];
      const { producer_id, producer_epoch } = await ask({
        method: 'POST',
        path,
        answer: answers.ProducerAnswer,
      });
      return { producerId: BigInt(producer_id), producerEpoch: producer_epoch };
    },
  };
}

async function readClusterId(deps: HttpCallDeps): Promise<string> {
  const { value } = await httpCall(deps, {
    method: 'GET',
    path: ['v3', 'clusters'],
    answer: answers.ClustersAnswer,
  });
  return present(value.data[0], `the cluster of ${deps.url.origin}`).cluster_id;
}

const topicOf = (answer: answers.TopicAnswer): TopicSummary => ({
  name: answer.topic_name,
  topicId: answer.topic_id,
  partitions: answer.partitions_count,
});

/** Page by page. */
async function listTopics(deps: HttpCallDeps, path: readonly string[]): Promise<readonly TopicSummary[]> {
  const topics: TopicSummary[] = [];
  let token: string | null = '';
  while (token !== null) {
    const query: Record<string, string> = token === '' ? {} : { page_token: token };
    const { value } = await httpCall(deps, { method: 'GET', path, query, answer: answers.TopicsAnswer });
    topics.push(...value.data.map(topicOf));
    token = value.metadata.next === null ? null : new URL(value.metadata.next).searchParams.get('page_token');
  }
  return topics;
}

/** `isDuplicate` and `logAppendTimeMs` are not told over HTTP: false and -1. */
async function produce(
  deps: HttpCallDeps,
  { topic, partition, batch }: ProduceRequest,
): Promise<ProducedBatch> {
  const { value } = await httpCall(deps, {
    method: 'POST',
    path: ['topics', topic, 'partitions', String(partition)],
    body: produceBodyOf(partition, batch),
    contentType: BINARY_TYPE,
    answer: answers.ProduceAnswer,
  });
  const failed = value.offsets.find(({ error_code }) => error_code !== null);
  if (failed !== undefined) throw partlyStored(value.offsets, failed);
  const baseOffset = value.offsets[0]?.offset;
  return {
    baseOffset: present(baseOffset, `the offset of a record of ${topic}-${partition}`),
    recordCount: value.offsets.length,
    logAppendTimeMs: -1,
    isDuplicate: false,
  };
}

/** The server may have cut the batch, and stored a part of it. */
function partlyStored(all: readonly answers.ProducedOffset[], failed: answers.ProducedOffset): BrokerError {
  const error = errorOfBody({ ...failed, message: failed.error ?? `error ${failed.error_code ?? 0}` });
  const stored = all.filter(({ error_code }) => error_code === null).length;
  if (stored === 0) return error;
  const message = `${error.message}; ${stored} of the batch's ${all.length} records are stored`;
  return error.restated({ message, outcome: 'unknown' });
}

async function fetchBatches(
  deps: HttpCallDeps,
  { topic, partition, offset, maxBytes, maxWaitMs, signal, topicId }: FetchRequest,
) {
  const { value, headers } = await httpCall(deps, {
    method: 'GET',
    path: ['topics', topic, 'partitions', String(partition), 'records'],
    query: {
      ...{ offset, max_bytes: maxBytes, timeout: Math.min(maxWaitMs, WAIT_MS_MAX) },
      ...(topicId !== undefined && { topic_id: topicId }),
    },
    accept: BINARY_TYPE,
    answer: answers.RecordsAnswer,
    ...(signal !== undefined && { signal }),
  });
  const highWatermark = Number(headers.get('wadi-end-offset') ?? NaN);
  if (!Number.isSafeInteger(highWatermark)) {
    throw new BrokerError(
      'UNKNOWN_SERVER_ERROR',
      `${deps.url.origin} did not say where ${topic}-${partition} ends`,
    );
  }
  return { batches: batchesOf(value), highWatermark };
}

async function listOffset(
  deps: HttpCallDeps,
  topic: string,
  { partition, at }: { readonly partition: number; readonly at: OffsetSpec },
) {
  if (at === 'maxTimestamp') {
    throw new BrokerError(
      'UNSUPPORTED_VERSION',
      `the latest timestamp of ${topic}-${partition} is not served over HTTP: a client in the account has it`,
    );
  }
  const { value } = await httpCall(deps, {
    method: 'GET',
    path: ['topics', topic, 'partitions', String(partition), 'offsets'],
    ...(typeof at === 'number' && { query: { timestamp: at } }),
    answer: answers.OffsetsAnswer,
  });
  if (typeof at === 'number') return { offset: value.offset ?? -1, timestampMs: value.timestamp ?? -1 };
  return { offset: at === 'earliest' ? value.beginning_offset : value.end_offset, timestampMs: -1 };
}
