// Requests as no client library lets one send them: by hand, over a socket, to the server as a process.
import { encodeBatch, type EncodeOptions } from '../../../../lib/record/record-batch.ts';
import { FETCH } from '../../../../lib/kafka/protocol/apis/01-fetch.ts';
import { LIST_OFFSETS } from '../../../../lib/kafka/protocol/apis/02-list-offsets.ts';
import { METADATA } from '../../../../lib/kafka/protocol/apis/03-metadata.ts';
import { PRODUCE } from '../../../../lib/kafka/protocol/apis/00-produce.ts';
import { CREATE_TOPICS } from '../../../../lib/kafka/protocol/apis/19-create-topics.ts';
import { ZERO_UUID } from '../../../../lib/kafka/protocol/layout.ts';
import { TestClient } from '../../../kafka/support/test-client.ts';
import type { KafkaServer } from './server.ts';

/** A connection to a server. */
export function connect({ kafka }: KafkaServer): Promise<TestClient> {
  const [host = '', port] = kafka.split(':');
  return TestClient.open({ host, port: Number(port) });
}

/** A batch of records with these values. The first has this time, each other a second more. */
export const batchOf = (
  values: readonly string[],
  { firstTimestampMs = 1_000, ...options }: EncodeOptions & { readonly firstTimestampMs?: number } = {},
): Uint8Array =>
  encodeBatch(
    values.map((value, at) => ({
      ...{ timestampMs: firstTimestampMs + at * 1_000, key: null, value: Buffer.from(value), headers: [] },
    })),
    options,
  );

/** Makes a topic; answers its id. */
export async function createTopic(client: TestClient, name: string, numPartitions = 1): Promise<string> {
  const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
  const { topics } = await client.send(CREATE_TOPICS, 7, {
    topics: [topic],
    timeoutMs: 5_000,
    validateOnly: false,
  });
  return topics[0]?.topicId ?? ZERO_UUID;
}

/** Produces to partition 0, by name. */
export async function produce(client: TestClient, name: string, records: Uint8Array, version = 9) {
  const topicData = [{ name, topicId: ZERO_UUID, partitionData: [{ index: 0, records }] }];
  const answer = await client.send(PRODUCE, version, { acks: -1, timeoutMs: 5_000, topicData });
  return answer.responses[0]?.partitionResponses[0];
}

export interface FetchOptions {
  readonly version?: number;
  readonly topicId?: string;
  readonly partitions?: readonly (readonly [partition: number, offset: number])[];
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly sessionId?: number;
  readonly sessionEpoch?: number;
}

/** Fetches from one topic, by name up to version 12. Default: partition 0 from its beginning, at once. */
export function fetchFrom(
  client: TestClient,
  topic: string,
  {
    version = 11,
    topicId = ZERO_UUID,
    partitions = [[0, 0]],
    maxWaitMs = 0,
    minBytes = 1,
    maxBytes = 1_000_000,
    sessionId = 0,
    sessionEpoch = -1,
  }: FetchOptions = {},
) {
  return client.send(FETCH, version, {
    ...{ maxWaitMs, minBytes, maxBytes, sessionId, sessionEpoch, forgottenTopicsData: [] },
    topics: [
      {
        ...{ topic, topicId },
        partitions: partitions.map(([partition, fetchOffset]) => ({
          ...{ partition, fetchOffset, partitionMaxBytes: maxBytes, replicaDirectoryId: ZERO_UUID },
        })),
      },
    ],
  });
}

/** The offset of a time, or of what a special time stands for, in partition 0. */
export async function offsetOf(client: TestClient, name: string, timestamp: number, version = 11) {
  const partitions = [{ partitionIndex: 0, timestamp }];
  const answer = await client.send(LIST_OFFSETS, version, {
    ...{ replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }], timeoutMs: 1_000 },
  });
  return answer.topics[0]?.partitions[0];
}

/** Metadata of one topic, by name or by id. */
export async function describeTopic(
  client: TestClient,
  { name = null, topicId = ZERO_UUID }: { readonly name?: string | null; readonly topicId?: string },
  { version = 12, allowAutoTopicCreation = false } = {},
) {
  return client.send(METADATA, version, {
    ...{ topics: [{ topicId, name }], allowAutoTopicCreation },
    ...{ includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
  });
}
