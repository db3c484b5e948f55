// DeleteRecords: partitions start at the asked offset in every answer that tells it, and what cannot be is told partition by
// partition.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FETCH } from '../../../lib/kafka/protocol/apis/01-fetch.ts';
import { LIST_OFFSETS } from '../../../lib/kafka/protocol/apis/02-list-offsets.ts';
import { DELETE_RECORDS } from '../../../lib/kafka/protocol/apis/21-delete-records.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { encodeBatch } from '../../../lib/record/record-batch.ts';
import { kafkaJs } from '../support/clients.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { TestClient } from '../support/test-client.ts';

let under: GatewayUnderTest;
let client: TestClient;
beforeAll(async () => {
  under = await startTestGateway();
  client = await under.connect();
});
afterAll(() => under.stop());

const RECORDS = 10;

/** A topic of two partitions with ten records in each. */
async function filled(topic: string): Promise<void> {
  await under.broker.createTopic({ name: topic, partitions: 2 });
  const record = { key: null, headers: [], timestampMs: 1_700_000_000_000, value: Buffer.from('v') };
  for (const partition of [0, 1]) {
    const batch = encodeBatch(Array.from({ length: RECORDS }, () => record));
    await under.broker.produce({ topic, partition, batch });
  }
}

const deleteBefore = async (
  version: number,
  topic: string,
  offsets: readonly (readonly [number, number])[],
) => {
  const partitions = offsets.map(([partitionIndex, offset]) => ({ partitionIndex, offset }));
  const request = { topics: [{ name: topic, partitions }], timeoutMs: 1000 };
  const { topics } = await client.send(DELETE_RECORDS, version, request);
  return topics[0]?.partitions.map((answer) => [
    answer.partitionIndex,
    answer.lowWatermark,
    answer.errorCode,
  ]);
};

async function earliest(topic: string, partitionIndex: number): Promise<number | undefined> {
  const { topics } = await client.send(LIST_OFFSETS, 7, {
    ...{ replicaId: -1, isolationLevel: 0, timeoutMs: 1000 },
    topics: [{ name: topic, partitions: [{ partitionIndex, currentLeaderEpoch: -1, timestamp: -2 }] }],
  });
  return topics[0]?.partitions[0]?.offset;
}

async function fetchFrom(topic: string, fetchOffset: number) {
  const { responses } = await client.send(FETCH, 12, {
    ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1e6, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
    topics: [
      {
        ...{ topic, topicId: ZERO_UUID },
        partitions: [
          {
            ...{ partition: 0, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1 },
            ...{ logStartOffset: -1, partitionMaxBytes: 1e6 },
          },
        ],
      },
    ],
    ...{ forgottenTopicsData: [], rackId: '' },
  });
  return responses[0]?.partitions[0];
}

it.each([0, 1, 2])('version %i raises the start of each partition', async (version) => {
  const topic = `raised-${version}`;
  await filled(topic);
  expect(
    await deleteBefore(version, topic, [
      [0, 4],
      [1, -1],
    ]),
  ).toEqual([
    [0, 4, 0],
    [1, RECORDS, 0],
  ]);
  expect([await earliest(topic, 0), await earliest(topic, 1)]).toEqual([4, RECORDS]);
  expect(await fetchFrom(topic, 3)).toMatchObject({ errorCode: 1 });
  expect(await fetchFrom(topic, 4)).toMatchObject({
    errorCode: 0,
    logStartOffset: 4,
    highWatermark: RECORDS,
  });
  // It never goes back.
  expect(await deleteBefore(version, topic, [[0, 2]])).toEqual([[0, 4, 0]]);
});

it('answers each partition by itself', async () => {
  await filled('each');
  const asked = [
    [0, RECORDS + 1],
    [1, 1],
    [2, 0],
  ] as const;
  expect(await deleteBefore(2, 'each', asked)).toEqual([
    [0, -1, 1],
    [1, 1, 0],
    [2, -1, 3],
  ]);
  expect(await deleteBefore(2, 'each', [[0, -2]])).toEqual([[0, -1, 1]]);
  expect(await deleteBefore(2, 'nowhere', [[0, 0]])).toEqual([[0, -1, 3]]);
});

it('serves kafkajs, which then reads from the new start', async () => {
  await filled('js');
  const kafka = kafkaJs({ broker: under.address });
  const admin = kafka.admin();
  await admin.connect();
  // Without this it does not know the topic's leaders, and refuses.
  await admin.fetchTopicOffsets('js');
  await admin.deleteTopicRecords({ topic: 'js', partitions: [{ partition: 0, offset: '7' }] });
  const offsets = await admin.fetchTopicOffsets('js');
  expect(offsets.find(({ partition }) => partition === 0)).toMatchObject({ low: '7', high: String(RECORDS) });
  await admin.disconnect();
});
