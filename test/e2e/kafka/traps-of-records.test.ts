// Traps of producing and fetching that other Kafka-compatible servers fell into, each by requests sent by hand. The numbers
// are those of the list of traps that the protocol's handlers were written by.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { API_VERSIONS } from '../../../lib/kafka/protocol/apis/18-api-versions.ts';
import { DELETE_TOPICS } from '../../../lib/kafka/protocol/apis/20-delete-topics.ts';
import { INIT_PRODUCER_ID } from '../../../lib/kafka/protocol/apis/22-init-producer-id.ts';
import { OFFSET_FOR_LEADER_EPOCH } from '../../../lib/kafka/protocol/apis/23-offset-for-leader-epoch.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { recordsOf } from '../../../lib/record/record-batch.ts';
import type { TestClient } from '../../kafka/support/test-client.ts';
import { textOf } from './support/records.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';
import {
  batchOf,
  connect,
  createTopic,
  describeTopic,
  fetchFrom,
  offsetOf,
  produce,
} from './support/wire.ts';

let server: KafkaServer;
let client: TestClient;
beforeAll(async () => {
  server = await startKafkaServer();
  client = await connect(server);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const CODES = {
  offsetOutOfRange: 1,
  unknownTopic: 3,
  messageTooLarge: 10,
  invalidTopic: 17,
  unsupportedVersion: 35,
};
const UNKNOWN_TOPIC_ID = 100;
const FETCH_SESSION_ID_NOT_FOUND = 70;

it('T2: a full fetch answers exactly the partitions that were asked for, empty ones and wrong ones too', async () => {
  await createTopic(client, 't2', 3);
  await produce(client, 't2', batchOf(['a']));
  const asked = [
    [2, 0],
    [0, 0],
    [9, 0],
    [1, 5],
  ] as const;
  const { responses } = await fetchFrom(client, 't2', { partitions: asked });
  const answered = responses[0]?.partitions.map(({ partitionIndex, errorCode }) => [
    partitionIndex,
    errorCode,
  ]);
  expect(answered).toEqual([
    [2, 0],
    [0, 0],
    [9, CODES.unknownTopic],
    [1, CODES.offsetOutOfRange],
  ]);
});

it('T3: there are no fetch sessions: whoever asks for one gets none, whoever goes on with one starts anew', async () => {
  await createTopic(client, 't3');
  expect(await fetchFrom(client, 't3', { sessionEpoch: 0 })).toMatchObject({ errorCode: 0, sessionId: 0 });
  const goneOn = await fetchFrom(client, 't3', { sessionId: 7, sessionEpoch: 3 });
  expect(goneOn).toMatchObject({ errorCode: FETCH_SESSION_ID_NOT_FOUND, responses: [] });
});

it('T4: the first batch is answered whole, however little is asked for, also from its middle on', async () => {
  await createTopic(client, 't4');
  await produce(client, 't4', batchOf(['a'.repeat(10_000), 'b', 'c']));
  const { responses } = await fetchFrom(client, 't4', { partitions: [[0, 1]], maxBytes: 1 });
  const records = responses[0]?.partitions[0]?.records ?? new Uint8Array();
  expect([...recordsOf(records)].map(({ offset }) => offset)).toEqual([0, 1, 2]);
});

it('T5: base offsets and leader epochs are filled in, and the checksum still holds', async () => {
  await createTopic(client, 't5');
  await produce(client, 't5', batchOf(['a', 'b'], { partitionLeaderEpoch: -1 }));
  await produce(client, 't5', batchOf(['c']));
  const { responses } = await fetchFrom(client, 't5');
  const records = responses[0]?.partitions[0]?.records ?? new Uint8Array();
  const read = [...recordsOf(records)].map(({ offset, value }) => [offset, textOf(value)]);
  expect(read).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
  ]);
  expect(new DataView(records.buffer, records.byteOffset).getInt32(12)).toBe(0);
});

it('T5: a batch whose bytes were damaged on the way is refused', async () => {
  await createTopic(client, 't5-damaged');
  const batch = batchOf(['abcdef']);
  batch[batch.length - 2] = (batch.at(-2) ?? 0) ^ 1;
  expect(await produce(client, 't5-damaged', batch)).toMatchObject({ errorCode: 2, baseOffset: -1 });
});

it('T6: max.message.bytes is of the batch as it is sent, compressed', async () => {
  await createTopic(client, 't6');
  const value = 'x'.repeat(2_000_000);
  expect(await produce(client, 't6', batchOf([value]))).toMatchObject({ errorCode: CODES.messageTooLarge });
  expect(await produce(client, 't6', batchOf([value], { compression: 'gzip' }))).toMatchObject({
    errorCode: 0,
  });
});

it('T7: ApiVersions of a version that is not known is answered in version 0, with error 35 and the versions', async () => {
  const own = await connect(server);
  const header = Buffer.alloc(15);
  header.writeInt16BE(API_VERSIONS.apiKey, 0);
  header.writeInt16BE(99, 2);
  header.writeInt32BE(77, 4);
  header.writeInt16BE(-1, 8);
  own.sendBytes(header);
  const frame = Buffer.from(await own.nextFrame());
  expect([frame.readInt32BE(0), frame.readInt16BE(4)]).toEqual([77, CODES.unsupportedVersion]);
  expect(frame.readInt32BE(6)).toBeGreaterThan(20);
  expect(frame.length).toBe(4 + 2 + 4 + 6 * frame.readInt32BE(6));
  own.close();
});

it('T7, KAFKA-18659: Produce is told from version 0 on, and transactions without the versions of brokers', async () => {
  const { apiKeys } = await client.send(API_VERSIONS, 3, {
    clientSoftwareName: 'a',
    clientSoftwareVersion: '1',
  });
  const versions = new Map(
    apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]),
  );
  expect(versions.get(0)).toEqual([0, 13]);
  expect(versions.get(22)).toEqual([0, 5]);
  expect(versions.get(24)?.[1] ?? 3).toBeLessThanOrEqual(3);
  for (const ofBrokers of [4, 5, 6, 7, 27, 52, 58, 67, 83]) expect(versions.has(ofBrokers)).toBe(false);
});

it('T10: a repeated batch is answered with its first offset, a gap and an old epoch are refused', async () => {
  await createTopic(client, 't10');
  const body = { transactionalId: null, transactionTimeoutMs: 60_000 };
  const { producerId } = await client.send(INIT_PRODUCER_ID, 4, body);
  const send = (baseSequence: number, producerEpoch = 0, count = 1) =>
    produce(
      client,
      't10',
      batchOf(Array.from({ length: count }, String), { producerId, producerEpoch, baseSequence }),
    );
  await send(0, 0, 3);
  await send(3);
  await send(4);
  expect(await send(3)).toMatchObject({ errorCode: 0, baseOffset: 3 });
  expect(await send(0, 0, 3)).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(await send(9)).toMatchObject({ errorCode: 45 });
  expect(await send(0, 1)).toMatchObject({ errorCode: 0, baseOffset: 5 });
  expect(await send(5, 0)).toMatchObject({ errorCode: 47 });
  expect(await offsetOf(client, 't10', -1)).toMatchObject({ offset: 6 });
});

it('T11, T12: a topic that is made anew has another id and begins at 0; the old id is unknown, and makes nothing', async () => {
  const before = await createTopic(client, 't12');
  await produce(client, 't12', batchOf(['a', 'b']));
  await client.send(DELETE_TOPICS, 5, { topics: [], topicNames: ['t12'], timeoutMs: 5_000 });
  const after = await createTopic(client, 't12');
  expect(before).not.toBe(after);
  expect(await produce(client, 't12', batchOf(['c']))).toMatchObject({ errorCode: 0, baseOffset: 0 });
  const byOld = await fetchFrom(client, '', { version: 13, topicId: before });
  expect(byOld.responses[0]?.partitions[0]?.errorCode).toBe(UNKNOWN_TOPIC_ID);
  const byNew = await fetchFrom(client, '', { version: 13, topicId: after });
  expect(byNew.responses[0]?.partitions[0]).toMatchObject({ errorCode: 0, highWatermark: 1 });
  const described = await describeTopic(client, { topicId: before }, { allowAutoTopicCreation: true });
  expect(described.topics).toMatchObject([{ errorCode: UNKNOWN_TOPIC_ID, topicId: before, partitions: [] }]);
});

it('T13: the leader epoch is 0 wherever one is told, and ends where the log does', async () => {
  await createTopic(client, 't13');
  await produce(client, 't13', batchOf(['a', 'b']));
  const { topics } = await describeTopic(client, { name: 't13' });
  expect(topics[0]?.partitions).toMatchObject([{ leaderEpoch: 0 }]);
  expect(await offsetOf(client, 't13', -1)).toMatchObject({ leaderEpoch: 0, offset: 2 });
  const partitions = [{ partition: 0, currentLeaderEpoch: 0, leaderEpoch: 0 }];
  const ends = await client.send(OFFSET_FOR_LEADER_EPOCH, 4, {
    replicaId: -1,
    topics: [{ topic: 't13', partitions }],
  });
  expect(ends.topics[0]?.partitions).toMatchObject([{ errorCode: 0, leaderEpoch: 0, endOffset: 2 }]);
});

it('T19: below the start and beyond the end is out of range; at the end there is nothing yet', async () => {
  await createTopic(client, 't19');
  await produce(client, 't19', batchOf(['a']));
  const at = async (offset: number) =>
    (await fetchFrom(client, 't19', { partitions: [[0, offset]] })).responses[0]?.partitions[0];
  expect(await at(2)).toMatchObject({ errorCode: CODES.offsetOutOfRange, highWatermark: -1 });
  expect(await at(1)).toMatchObject({ errorCode: 0, highWatermark: 1, records: new Uint8Array() });
});

it('T20: offsets by time: the first at or after it, none after the last; each special time what it stands for', async () => {
  await createTopic(client, 't20');
  await produce(client, 't20', batchOf(['a', 'b', 'c'], { firstTimestampMs: 5_000 }));
  await produce(client, 't20', batchOf(['earlier'], { firstTimestampMs: 2_000 }));
  const answers = await Promise.all(
    [5_500, 5_000, 0, 8_000, -1, -2, -3, -4, -5].map((time) => offsetOf(client, 't20', time)),
  );
  expect(answers.map((one) => [one?.errorCode, one?.offset, one?.timestamp])).toEqual([
    [0, 1, 6_000],
    [0, 0, 5_000],
    [0, 0, 5_000],
    [0, -1, -1],
    [0, 4, -1],
    [0, 0, -1],
    [0, 2, 7_000],
    [0, 0, -1],
    [0, -1, -1],
  ]);
});

it('T21: a fetch waits for records and ends with the first; an error among its partitions ends it at once', async () => {
  await createTopic(client, 't21', 2);
  const other = await connect(server);
  const waiting = fetchFrom(client, 't21', {
    partitions: [
      [1, 0],
      [0, 0],
    ],
    maxWaitMs: 20_000,
  });
  await produce(other, 't21', batchOf(['a']));
  const { responses } = await waiting;
  expect(responses[0]?.partitions.map(({ records }) => (records?.length ?? 0) > 0)).toEqual([false, true]);
  const wrong = await fetchFrom(client, 't21', {
    partitions: [
      [1, 0],
      [5, 0],
    ],
    maxWaitMs: 20_000,
  });
  expect(wrong.responses[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, CODES.unknownTopic]);
  other.close();
}, 15_000);

it('T22: names that no topic may have are refused; one that is absent is made only where the client allows it', async () => {
  for (const name of ['.', '..', 'a b', 'ü', 'x'.repeat(250)])
    expect((await describeTopic(client, { name }, { allowAutoTopicCreation: true })).topics).toMatchObject([
      { errorCode: CODES.invalidTopic, name },
    ]);
  const asked = await describeTopic(client, { name: 't22' });
  expect(asked.topics).toMatchObject([{ errorCode: CODES.unknownTopic, topicId: ZERO_UUID }]);
  const made = await describeTopic(client, { name: 't22' }, { allowAutoTopicCreation: true });
  expect(made.topics).toMatchObject([{ errorCode: 0, partitions: [{ partitionIndex: 0 }] }]);
});

it('T22: the controller and every leader are among the brokers, at the address that the client came to', async () => {
  await createTopic(client, 't22-nodes', 3);
  const { brokers, controllerId, clusterId, topics } = await describeTopic(client, { name: 't22-nodes' });
  const nodes = brokers.map(({ nodeId }) => nodeId);
  expect(brokers.map(({ host, port }) => `${host}:${port}`)).toContain(server.kafka);
  expect(nodes).toContain(controllerId);
  for (const { leaderId } of topics[0]?.partitions ?? []) expect(nodes).toContain(leaderId);
  expect(clusterId).toMatch(/\S/);
});

it('T28: a client id may be null, and an API that is not served ends the connection', async () => {
  const own = await connect(server);
  const header = Buffer.alloc(10);
  header.writeInt16BE(API_VERSIONS.apiKey, 0);
  header.writeInt32BE(-5, 4);
  header.writeInt16BE(-1, 8);
  own.sendBytes(header);
  expect(Buffer.from(await own.nextFrame()).readInt32BE(0)).toBe(-5);
  header.writeInt16BE(4, 0);
  own.sendBytes(header);
  await own.closed();
  expect(own.isClosed).toBe(true);
});

it('T30: zstd is refused where it comes in a version of Produce that has none', async () => {
  await createTopic(client, 't30');
  const batch = batchOf(['a'], { compression: 'zstd' });
  expect(await produce(client, 't30', batch, 6)).toMatchObject({ errorCode: 76 });
  expect(await produce(client, 't30', batch, 7)).toMatchObject({ errorCode: 0 });
});
