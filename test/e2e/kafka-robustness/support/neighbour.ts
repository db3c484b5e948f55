// A well-behaved client that runs all the while: it produces, consumes, and notes how long everything took.
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

const PARTITIONS = 3;
const TOPIC = 'neighbour';

export interface Neighbour {
  /** Acknowledged so far. */
  readonly count: () => number;
  /** Stops it, and answers what it has seen once everything has been consumed. */
  finish(): Promise<{
    readonly acknowledged: readonly string[];
    readonly consumed: readonly string[];
    readonly produceMs: readonly number[];
    readonly errors: readonly unknown[];
  }>;
}

/** Starts a kafkajs producer, which sends a record every `everyMs`, and a consumer of them in a group. */
export async function startNeighbour(address: string, { everyMs = 20 } = {}): Promise<Neighbour> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  await makeTopic(kafka);
  const [producer, consumer] = [
    kafka.producer({ idempotent: false }),
    kafka.consumer({ groupId: TOPIC, maxWaitTimeInMs: 500 }),
  ];
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const consumed: string[] = [];
  await consumer.run({
    eachMessage: async ({ message }) => {
      consumed.push(message.value?.toString() ?? '');
      return Promise.resolve();
    },
  });
  const acknowledged: string[] = [];
  const produceMs: number[] = [];
  const errors: unknown[] = [];
  let isOver = false;
  const produce = async () => {
    for (let at = 0; !isOver; at++) {
      const beganMs = performance.now();
      const message = { value: `${at}`, partition: at % PARTITIONS };
      try {
        await producer.send({ topic: TOPIC, acks: -1, messages: [message] });
        acknowledged.push(message.value);
        produceMs.push(performance.now() - beganMs);
      } catch (error) {
        errors.push(error);
      }
      await sleep(everyMs);
    }
  };
  const producing = produce();
  return {
    count: () => acknowledged.length,
    finish: async () => {
      isOver = true;
      await producing;
      for (let wait = 0; wait < 100 && consumed.length < acknowledged.length; wait++) await sleep(100);
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
      return { acknowledged, consumed, produceMs, errors };
    },
  };
}

async function makeTopic(kafka: Kafka): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] });
  await admin.disconnect();
}
