// @platformatic/kafka.
import {
  Admin,
  Consumer,
  Producer,
  type ConsumerOptions,
  type Message,
  type MessageToProduce,
} from '@platformatic/kafka';
import { bytesOf, textOf, type ReadRecord, type SentRecord } from './records.ts';
import type { ClientKind, ProduceOptions } from './client-kind.ts';

/** Options of every client of it here. */
export const options = (kafka: string) => ({
  ...{ clientId: 'platformatic', bootstrapBrokers: [kafka], retries: 3, retryDelay: 100, timeout: 15_000 },
});

/** Its types have no null, which its writer takes. */
const messageOf = ({ topic, key, value, headers }: SentRecord): MessageToProduce =>
  ({
    ...{ topic, key: bytesOf(key), value: bytesOf(value) },
    headers: new Map(headers.map(([name, text]) => [Buffer.from(name), bytesOf(text)])),
  }) as unknown as MessageToProduce;

async function produce(
  kafka: string,
  records: readonly SentRecord[],
  { compression = 'none', acks }: ProduceOptions = {},
): Promise<void> {
  const producer = new Producer({ ...options(kafka), autocreateTopics: true });
  try {
    await producer.send({ messages: records.map(messageOf), compression, acks: acks ?? -1 });
  } finally {
    await producer.close();
  }
}

/** A record as it gives it. */
export const readOf = (message: Message): ReadRecord => ({
  ...{ topic: message.topic, partition: message.partition, offset: Number(message.offset) },
  ...{ key: textOf(message.key), value: textOf(message.value) },
  headers: message.headerEntries.map(([name, value]) => [name.toString(), textOf(value)] as const),
});

/** A consumer of a group. */
export const consumerOf = (
  kafka: string,
  groupId: string,
  more: Partial<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>> = {},
): Consumer => new Consumer({ ...options(kafka), groupId, maxWaitTime: 500, ...more });

/** Commits an offset of partition 0 for a group without members. */
export async function commit(
  kafka: string,
  { groupId, topic, offset }: { readonly groupId: string; readonly topic: string; readonly offset: number },
): Promise<void> {
  const admin = new Admin(options(kafka));
  const partitionOffsets = [{ partition: 0, offset: BigInt(offset) }];
  await admin.alterConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionOffsets }] });
  await admin.close();
}

async function read(kafka: string, topics: readonly string[]): Promise<readonly ReadRecord[]> {
  const consumer = consumerOf(kafka, `read-${topics.join()}-${process.hrtime.bigint()}`);
  try {
    const ends = [...(await consumer.listOffsets({ topics: [...topics] })).values()].flat();
    const count = ends.reduce((sum, end) => sum + Number(end), 0);
    const stream = await consumer.consume({ topics: [...topics], mode: 'earliest', autocommit: false });
    const records: ReadRecord[] = [];
    if (count > 0) for await (const message of stream) if (records.push(readOf(message)) === count) break;
    return records;
  } finally {
    await consumer.close(true);
  }
}

/** @platformatic/kafka. Its headers to produce are a map, so no name is there twice. */
export const PLATFORMATIC: ClientKind = {
  name: 'platformatic',
  canWrite: ({ headers }) => new Set(headers.map(([name]) => name)).size === headers.length,
  ...{ produce, read },
};
