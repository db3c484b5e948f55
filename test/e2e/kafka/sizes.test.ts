// Records as large as a topic takes and one larger, and a topic of a thousand partitions: every client.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kcat, KCAT } from './support/kcat.ts';
import { kafkaJs, KAFKAJS } from './support/kafkajs.ts';
import { PLATFORMATIC } from './support/platformatic.ts';
import { GO_CLIENT, JAVA_CLIENT, produceBy, startGo, startJava } from './support/programs.ts';
import { isHere, type ClientKind } from './support/client-kind.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';

/** The default of max.message.bytes. */
const BATCH_BYTES_MAX = 1_048_588;
/** More than what a batch and a record have around a value. */
const AROUND_BYTES_MAX = 200;
const PARTITIONS = 1_000;

const recordOf = (topic: string, valueBytes: number) => ({
  ...{ topic, key: null, value: 'x'.repeat(valueBytes), headers: [] },
});

/** Produces a record of this size and answers the error that the client tells; undefined: none. */
type ProduceLarge = (kafka: string, topic: string, valueBytes: number) => Promise<string | undefined>;

const byKind =
  (kind: ClientKind): ProduceLarge =>
  (kafka, topic, valueBytes) =>
    kind.produce(kafka, [recordOf(topic, valueBytes)]).then(
      () => undefined,
      (error: unknown) => texts(error).join(' '),
    );

/** The messages and types of an error and of what caused it. */
function texts(error: unknown): readonly string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { message, type, apiId, cause, errors } = error as Record<string, unknown>;
  const own = [message, type, apiId].filter((one) => typeof one === 'string');
  return [...own, ...texts(cause), ...(Array.isArray(errors) ? errors.flatMap(texts) : [])];
}

const byProgram =
  (program: typeof startJava, settings: readonly string[]): ProduceLarge =>
  async (kafka, topic, valueBytes) => {
    const lines = await produceBy(program, kafka, [recordOf(topic, valueBytes)], { settings });
    return lines.find(([kind]) => kind === 'failed')?.join(' ');
  };

async function byKcat(kafka: string, topic: string, valueBytes: number): Promise<string | undefined> {
  const args = ['-P', '-t', topic, '-X', 'message.max.bytes=4000000'];
  const { exitCode, stderr } = await kcat(kafka, args, 'x'.repeat(valueBytes));
  return exitCode === 0 && !stderr.includes('failed') ? undefined : stderr;
}

const CLIENTS = [
  { ...KAFKAJS, produceLarge: byKind(KAFKAJS), refusal: /MESSAGE_TOO_LARGE/ },
  { ...PLATFORMATIC, produceLarge: byKind(PLATFORMATIC), refusal: /MESSAGE_TOO_LARGE/ },
  { ...KCAT, produceLarge: byKcat, refusal: /Message size too large/ },
  {
    ...JAVA_CLIENT,
    produceLarge: byProgram(startJava, ['max.request.size=4000000']),
    refusal: /RecordTooLargeException/,
  },
  { ...GO_CLIENT, produceLarge: byProgram(startGo, ['bytes=4000000']), refusal: /MESSAGE_TOO_LARGE/ },
].filter(isHere);

let server: KafkaServer;
beforeAll(async () => {
  server = await startKafkaServer();
  const admin = kafkaJs(server.kafka).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'wide', numPartitions: PARTITIONS }] });
  await admin.disconnect();
});
afterAll(() => server.stop());

describe.for(CLIENTS)('$name', ({ name, produceLarge, read, refusal }) => {
  it('produces and reads a batch just as large as the topic takes, and hears that a larger one is too large', async () => {
    const topic = `large-${name}`;
    const valueBytes = BATCH_BYTES_MAX - AROUND_BYTES_MAX;
    expect(await produceLarge(server.kafka, topic, valueBytes)).toBeUndefined();
    expect(await produceLarge(server.kafka, topic, BATCH_BYTES_MAX + 1)).toMatch(refusal);
    expect((await read(server.kafka, [topic])).map(({ value }) => value?.length)).toEqual([valueBytes]);
  });
});

describe('a topic of a thousand partitions', () => {
  it('is in one answer to Metadata, and kafkajs fills it', async () => {
    const records = Array.from({ length: 2 * PARTITIONS }, (_, at) => ({
      ...{ topic: 'wide', key: String(at), value: String(at), headers: [] },
    }));
    await KAFKAJS.produce(server.kafka, records);
    const admin = kafkaJs(server.kafka).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: ['wide'] });
    const offsets = await admin.fetchTopicOffsets('wide');
    await admin.disconnect();
    expect(topics[0]?.partitions.map(({ partitionId }) => partitionId)).toHaveLength(PARTITIONS);
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(records.length);
  });

  it.for(CLIENTS.filter(({ name }) => name !== 'kcat'))('$name reads it', async ({ read }) => {
    const values = (await read(server.kafka, ['wide'])).map(({ value }) => Number(value));
    expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2 * PARTITIONS }, (_, at) => at));
  });
});
