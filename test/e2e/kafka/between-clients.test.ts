// What one client produces, every other reads: with every compression, with and without acknowledgement, and unharmed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientKind } from './support/client-kind.ts';
import { clientsHere } from './support/kinds.ts';
import { COMPRESSIONS, hardRecords, sentOf, type Compression, type ReadRecord } from './support/records.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';

const CLIENTS = clientsHere();
const TIMEOUT_MS = 120_000;

let server: KafkaServer;
beforeAll(async () => {
  server = await startKafkaServer();
});
afterAll(() => server.stop());

const topicOf = ({ name }: ClientKind, compression: Compression) => `${name}.${compression}`;
const recordsOf = (client: ClientKind, compression: Compression) =>
  hardRecords(topicOf(client, compression)).filter(client.canWrite ?? (() => true));

const ALL = CLIENTS.flatMap((client) => COMPRESSIONS.map((compression) => ({ client, compression })));
/** kcat needs a run for each record, and librdkafka compresses each: once is enough for all but one. */
const shortened = (client: ClientKind, compression: Compression) =>
  client.name === 'kcat' && compression !== 'none'
    ? recordsOf(client, compression).slice(-1)
    : recordsOf(client, compression);

describe('what a client produces', () => {
  beforeAll(async () => {
    for (const { client, compression } of ALL)
      await client.produce(server.kafka, shortened(client, compression), { compression });
  }, TIMEOUT_MS);

  it.for(CLIENTS)(
    '$name reads, whoever wrote it and however it was compressed',
    { timeout: TIMEOUT_MS },
    async (reader) => {
      const topics = ALL.map(({ client, compression }) => topicOf(client, compression));
      const read = await reader.read(server.kafka, topics);
      for (const { client, compression } of ALL) {
        const topic = topicOf(client, compression);
        const ofTopic = read.filter((one) => one.topic === topic).toSorted(byOffset);
        expect(ofTopic.map(sentOf)).toEqual(shortened(client, compression));
        expect(ofTopic.map(({ offset }) => offset)).toEqual(ofTopic.map((_, at) => at));
      }
    },
  );
});

const byOffset = (a: ReadRecord, b: ReadRecord) => a.offset - b.offset;

/** Read over HTTP: quick, and not by the client itself. */
async function valuesOf(topic: string): Promise<readonly unknown[]> {
  const url = `${server.url}/topics/${topic}/partitions/0/records?offset=0`;
  const answer = await fetch(url, { headers: { accept: 'application/vnd.kafka.text.v2+json' } });
  return ((await answer.json()) as readonly { readonly value: unknown }[]).map(({ value }) => value);
}

describe.for(CLIENTS)('$name', (client) => {
  it.for([0, 1] as const)('produces with acks=%d', async (acks) => {
    const topic = `acks-${acks}-${client.name}`;
    const record = { topic, key: 'k', value: `acks ${acks}`, headers: [] };
    // The topic is there before: with acks=0 nobody hears that it is not yet.
    await client.produce(server.kafka, [{ ...record, value: 'before' }]);
    await client.produce(server.kafka, [record], { acks });
    await expect.poll(() => valuesOf(topic), { timeout: 15_000 }).toEqual(['before', `acks ${acks}`]);
  });
});
