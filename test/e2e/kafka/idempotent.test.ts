// Producers that retry while the server is killed and started again: what an idempotent one was told is stored, once and in
// its order.
import { afterEach, describe, expect, it } from 'vitest';
import {
  kafkaAddressOf,
  startServer,
  stop,
  temporaryFolder,
  type ServerProcess,
} from '../support/processes.ts';
import { isHere } from './support/client-kind.ts';
import { kafkaJs, KAFKAJS } from './support/kafkajs.ts';
import { GO_CLIENT, JAVA_CLIENT, produceBy, startGo, startJava } from './support/programs.ts';

const COUNT = 2_000;
const TOPIC = 'once';
const KILLS = 2;
const TIMEOUT_MS = 120_000;

const values = Array.from({ length: COUNT }, (_, at) => String(at));
const records = values.map((value) => ({ topic: TOPIC, key: null, value, headers: [] }));

/** One batch for each few records, so that kills come between and within them. */
async function produceByKafkaJs(kafka: string): Promise<void> {
  const client = kafkaJs(kafka, { retries: 30, initialRetryTime: 100, maxRetryTime: 500 });
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (let at = 0; at < COUNT; at += 20)
    await producer.send({
      ...{ topic: TOPIC, messages: values.slice(at, at + 20).map((value) => ({ value })) },
    });
  await producer.disconnect();
}

const byProgram = (start: typeof startJava, settings: readonly string[]) => async (kafka: string) => {
  const lines = await produceBy(start, kafka, records, { settings });
  expect(lines.map(([kind]) => kind)).toEqual(records.map(() => 'produced'));
};

const PRODUCERS = [
  { ...KAFKAJS, produceAll: produceByKafkaJs },
  { ...JAVA_CLIENT, produceAll: byProgram(startJava, ['batch.size=200', 'linger.ms=0']) },
  { ...GO_CLIENT, produceAll: byProgram(startGo, ['bytes=600']) },
].filter(isHere);

let server: ServerProcess | undefined;
afterEach(async () => {
  if (server) await stop(server);
});

/** Kills the server some times, and starts it again on the same port. */
async function killAndRestart(env: Readonly<Record<string, string>>): Promise<void> {
  for (let kill = 0; kill < KILLS; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    if (server) await stop(server, 'SIGKILL');
    server = await startServer(env);
  }
}

// kcat ends by itself when its only broker is down.
describe.for(PRODUCERS)('$name', ({ produceAll }) => {
  it(
    'stores each record once and in order, though the server is killed',
    { timeout: TIMEOUT_MS },
    async () => {
      using folder = temporaryFolder();
      server = await startServer({ WADI_DATA_DIR: folder.path });
      const kafka = kafkaAddressOf(server);
      const env = { WADI_DATA_DIR: folder.path, WADI_KAFKA_PORT: kafka.split(':')[1] ?? '' };
      const outcomes = await Promise.allSettled([produceAll(kafka), killAndRestart(env)]);
      const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
      expect(failures).toEqual([]);
      const read = await KAFKAJS.read(kafka, [TOPIC]);
      expect(read.map(({ value }) => value)).toEqual(values);
      expect(read.map(({ offset }) => offset)).toEqual(values.map(Number));
      await stop(server);
      server = undefined;
    },
  );
});
