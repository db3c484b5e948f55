// kafkajs clients that keep a ledger: what was attempted and acknowledged, and what was consumed, in order.
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';

export const TOPIC = 'ledger';
export const PARTITIONS = 6;
const KEYS_EACH = 5;

/** As patient as a client in production: it goes on for about half a minute. */
const kafkaOf = (brokers: readonly string[]): Kafka =>
  new Kafka({
    ...{ brokers: [...brokers], logLevel: logLevel.NOTHING },
    ...{ connectionTimeout: 2_000, requestTimeout: 10_000 },
    retry: { retries: 30, initialRetryTime: 50, maxRetryTime: 1_000 },
  });

export interface LedgerRecord {
  readonly key: string;
  readonly value: string;
}

export async function makeTopic(brokers: readonly string[]): Promise<void> {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] });
  await admin.disconnect();
}

/** What a gateway says of the cluster: its address alone. */
export async function describeBrokers(address: string): Promise<readonly string[]> {
  const admin = kafkaOf([address]).admin();
  await admin.connect();
  const { brokers, controller } = await admin.describeCluster();
  await admin.disconnect();
  return brokers.map(({ nodeId, host, port }) => `${nodeId === controller ? '*' : ''}${host}:${port}`);
}

export interface ProducerLedger {
  readonly acknowledged: readonly LedgerRecord[];
  /** Sent, and answered by an error: they may be there or not. */
  readonly failed: readonly LedgerRecord[];
  readonly errors: readonly string[];
}

/** An idempotent producer with keys of its own, which numbers the records of each key. It goes on until `isOver`. */
export async function produceUntil(
  brokers: readonly string[],
  name: string,
  isOver: () => boolean,
  firstNumber = 0,
): Promise<ProducerLedger> {
  const ledger = { acknowledged: [] as LedgerRecord[], failed: [] as LedgerRecord[], errors: [] as string[] };
  let producer: Producer | undefined;
  for (let number = firstNumber; !isOver(); number++) {
    const records = Array.from({ length: KEYS_EACH }, (_, key) => ({
      key: `${name}-${key}`,
      value: `${number}`,
    }));
    try {
      producer ??= await openProducer(brokers);
      await producer.send({ topic: TOPIC, acks: -1, messages: records });
      ledger.acknowledged.push(...records);
    } catch (error) {
      ledger.failed.push(...records);
      ledger.errors.push(String(error));
      // kafkajs gives the sequence of what failed to what comes next: only a new producer is safe.
      await producer?.disconnect();
      producer = undefined;
    }
    await sleep(1);
  }
  await producer?.disconnect();
  return ledger;
}

async function openProducer(brokers: readonly string[]): Promise<Producer> {
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafkaOf(brokers).producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner });
  await producer.connect();
  return producer;
}

export interface ConsumedRecord extends LedgerRecord {
  readonly place: string;
}

/** A member of a group, which adds what it consumes to `consumed`; the returned function lets it leave in good order. */
export async function startMember(
  brokers: readonly string[],
  groupId: string,
  consumed: ConsumedRecord[],
): Promise<() => Promise<void>> {
  const consumer = kafkaOf(brokers).consumer({
    ...{ groupId, sessionTimeout: 10_000, heartbeatInterval: 300, rebalanceTimeout: 10_000 },
    maxWaitTimeInMs: 300,
  });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value, offset } }) => {
      const text = (bytes: Buffer | null) => bytes?.toString() ?? '';
      consumed.push({ key: text(key), value: text(value), place: `${partition}/${offset}` });
      return Promise.resolve();
    },
  });
  return async () => {
    await consumer.stop();
    await consumer.disconnect();
  };
}

/** Everything that the topic holds, in the order of each partition. */
export async function readAll(brokers: readonly string[]): Promise<readonly ConsumedRecord[]> {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(TOPIC);
  await admin.disconnect();
  const count = ends.reduce((sum, { high }) => sum + Number(high), 0);
  const all: ConsumedRecord[] = [];
  const leave = await startMember(brokers, `read-all-${Date.now()}`, all);
  for (let wait = 0; wait < 300 && all.length < count; wait++) await sleep(100);
  await leave();
  return all;
}

/** The numbers of each key in the order in which they came, each place once however often it was consumed. */
export function numbersByKey(records: readonly ConsumedRecord[]): ReadonlyMap<string, readonly number[]> {
  const seen = new Set<string>();
  const byKey = new Map<string, number[]>();
  for (const { key, value, place } of records) {
    if (seen.has(place)) continue;
    seen.add(place);
    const numbers = byKey.get(key) ?? [];
    byKey.set(key, numbers);
    numbers.push(Number(value));
  }
  return byKey;
}
