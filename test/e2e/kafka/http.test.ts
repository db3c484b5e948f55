// Our own ways in and out beside Kafka's: records over HTTP and by the command line are read by Kafka clients, and theirs
// over HTTP and by the command line.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wadi } from '../support/processes.ts';
import { KAFKAJS } from './support/kafkajs.ts';
import { commit, PLATFORMATIC } from './support/platformatic.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';

let server: KafkaServer;
beforeAll(async () => {
  server = await startKafkaServer();
});
afterAll(() => server.stop());

const postText = (topic: string, records: readonly unknown[]) =>
  fetch(`${server.url}/topics/${topic}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.kafka.text.v2+json' },
    body: JSON.stringify({ records }),
  });

async function textsOf(topic: string): Promise<unknown> {
  const url = `${server.url}/topics/${topic}/partitions/0/records?offset=0`;
  return (await fetch(url, { headers: { accept: 'application/vnd.kafka.text.v2+json' } })).json();
}

it('a record produced over HTTP is read by kafkajs and platformatic', async () => {
  expect(
    (await postText('to-kafka', [{ key: 'k', value: 'v' }, { value: 'no key' }, { key: 'k', value: null }]))
      .status,
  ).toBe(200);
  for (const { read } of [KAFKAJS, PLATFORMATIC])
    expect(await read(server.kafka, ['to-kafka'])).toEqual([
      { topic: 'to-kafka', partition: 0, offset: 0, key: 'k', value: 'v', headers: [] },
      { topic: 'to-kafka', partition: 0, offset: 1, key: null, value: 'no key', headers: [] },
      { topic: 'to-kafka', partition: 0, offset: 2, key: 'k', value: null, headers: [] },
    ]);
});

it('a record that kafkajs produces is read over HTTP and by the command line', async () => {
  const topic = 'to-http';
  const headers = [['h', '1']] as const;
  await KAFKAJS.produce(server.kafka, [{ topic, key: 'k', value: 'v', headers }], { compression: 'zstd' });
  expect(await textsOf(topic)).toMatchObject([{ topic, key: 'k', value: 'v', partition: 0, offset: 0 }]);
  const consumed = await wadi(['consume', topic, '--from-beginning', '--json', '--url', server.url]);
  expect(JSON.parse(consumed.stdout)).toMatchObject({ key: 'k', value: 'v', offset: 0 });
});

it('the partition that Java’s partitioner, which is kafkajs’s, chooses for a key is the one that HTTP chooses', async () => {
  const topic = 'keys';
  await wadi(['topics', 'create', topic, '--partitions', '7', '--url', server.url]);
  const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`);
  await KAFKAJS.produce(
    server.kafka,
    keys.map((key) => ({ topic, key, value: 'kafka', headers: [] })),
  );
  await postText(
    topic,
    keys.map((key) => ({ key, value: 'http' })),
  );
  const read = await KAFKAJS.read(server.kafka, [topic]);
  const partitionsOf = (value: string) =>
    new Map(read.filter((one) => one.value === value).map(({ key, partition }) => [key, partition]));
  expect(partitionsOf('http').size).toBe(keys.length);
  expect(partitionsOf('http')).toEqual(partitionsOf('kafka'));
});

it('offsets that a Kafka client commits are those that the command line shows', async () => {
  const topic = 'committed';
  await KAFKAJS.produce(server.kafka, [{ topic, key: null, value: 'v', headers: [] }]);
  await commit(server.kafka, { groupId: 'both', topic, offset: 1 });
  const described = await wadi(['groups', 'describe', 'both', '--json', '--url', server.url]);
  expect(JSON.parse(described.stdout)).toMatchObject({ partitions: [{ topic, partition: 0, lag: 0 }] });
});
