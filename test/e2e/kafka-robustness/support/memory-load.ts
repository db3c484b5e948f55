// A crowd of greedy clients against one server, and what memory it takes: readers that ask for much and read nothing,
// producers that send as fast as they can, and clients that begin a large frame and stop before its end.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { PRODUCE } from '../../../../lib/kafka/protocol/apis/00-produce.ts';
import { FETCH } from '../../../../lib/kafka/protocol/apis/01-fetch.ts';
import { CREATE_TOPICS } from '../../../../lib/kafka/protocol/apis/19-create-topics.ts';
import { ZERO_UUID } from '../../../../lib/kafka/protocol/layout.ts';
import { encodeBatch } from '../../../../lib/record/record-batch.ts';
import { fetchOf } from '../../../kafka/support/requests.ts';
import { TestClient } from '../../../kafka/support/test-client.ts';
import { residentBytes } from '../../../support/resident-bytes.ts';
import type { KafkaServer } from './kafka-server.ts';

export interface Crowd {
  /** All connections together; those that are nothing else are idle. */
  readonly connections: number;
  readonly stoppedReaders: number;
  readonly producers: number;
  readonly halfFrames: number;
  /** How long producers send, once everybody is there. */
  readonly durationMs: number;
}

const TOPIC = 'large';
const PARTITIONS = 8;
const BATCH_BYTES = 1_000_000;
const FETCH_BYTES = 50_000_000;
/** Of each partition, before anybody reads. */
const BATCHES_BEFORE = 12;
/** Of one producer, without an answer. */
const IN_FLIGHT = 16;
const HALF_FRAME_BYTES = 100_000_000;

export interface CrowdReport {
  readonly mostMb: number;
  readonly producedMb: number;
  /** Every second. */
  readonly residentMb: readonly number[];
}

const toMb = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** Lets the crowd in and answers what the server's memory was. */
export async function runCrowd(server: KafkaServer, crowd: Crowd): Promise<CrowdReport> {
  const clients: TestClient[] = [];
  const open = async (count: number) => {
    const opened = await Promise.all(Array.from({ length: count }, () => TestClient.open(server)));
    clients.push(...opened);
    return opened;
  };
  const batch = largeBatch();
  const [first] = await open(1);
  if (first) await fill(first, batch);
  await open(crowd.connections - 1 - crowd.stoppedReaders - crowd.producers - crowd.halfFrames);
  for (const [at, reader] of (await open(crowd.stoppedReaders)).entries()) stopReading(reader, at);
  for (const client of await open(crowd.halfFrames)) beginLargeFrame(client);
  const endsAtMs = Date.now() + crowd.durationMs;
  const residents: number[] = [];
  const producing = (await open(crowd.producers)).map((producer, at) =>
    produce(producer, at, batch, endsAtMs),
  );
  while (Date.now() < endsAtMs) {
    await sleep(1_000);
    residents.push(toMb(residentBytes(server.process.pid).now));
  }
  const produced = (await Promise.all(producing)).reduce((sum, one) => sum + one, 0);
  const { most } = residentBytes(server.process.pid);
  for (const client of clients) client.close();
  return { mostMb: toMb(most), producedMb: produced, residentMb: residents };
}

function largeBatch(): Uint8Array {
  const value = randomBytes(BATCH_BYTES);
  return encodeBatch([{ key: null, value, headers: [], timestampMs: Date.now() }]);
}

const bodyOf = (partition: number, records: Uint8Array) => ({
  ...{ transactionalId: null, acks: -1, timeoutMs: 30_000 },
  topicData: [{ name: TOPIC, topicId: ZERO_UUID, partitionData: [{ index: partition, records }] }],
});

async function fill(client: TestClient, batch: Uint8Array): Promise<void> {
  const topic = {
    name: TOPIC,
    numPartitions: PARTITIONS,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  };
  await client.send(CREATE_TOPICS, 5, { topics: [topic], timeoutMs: 10_000, validateOnly: false });
  for (let at = 0; at < BATCHES_BEFORE; at++) {
    for (let partition = 0; partition < PARTITIONS; partition++)
      await client.send(PRODUCE, 9, bodyOf(partition, batch));
  }
}

function stopReading(client: TestClient, at: number): void {
  client.pause();
  for (let request = 0; request < 5; request++)
    client.post(FETCH, 11, fetchOf(TOPIC, (at + request) % PARTITIONS, FETCH_BYTES));
}

function beginLargeFrame(client: TestClient): void {
  const size = Buffer.alloc(4);
  size.writeInt32BE(HALF_FRAME_BYTES);
  client.sendRaw(size);
  // One buffer for all of it: what the server does not take stays here.
  client.sendRaw(LARGE);
}

const LARGE = Buffer.alloc(HALF_FRAME_BYTES - 1_000_000);

/** Answers how many MB were acknowledged. A producer that is ended comes back, as clients do. */
async function produce(client: TestClient, at: number, batch: Uint8Array, endsAtMs: number): Promise<number> {
  let acknowledged = 0;
  let next = at;
  const one = async () => {
    while (Date.now() < endsAtMs && !client.isClosed) {
      await client.send(PRODUCE, 9, bodyOf(next++ % PARTITIONS, batch));
      acknowledged++;
    }
  };
  await Promise.allSettled(Array.from({ length: IN_FLIGHT }, one));
  return acknowledged;
}
