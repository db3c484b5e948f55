// kafkajs, with the codecs that it leaves to others.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import {
  CompressionCodecs,
  CompressionTypes,
  Kafka,
  logLevel,
  type Consumer,
  type IHeaders,
  type KafkaMessage,
  type RetryOptions,
} from 'kafkajs';
import { compressSync, uncompressSync } from 'snappy';
import { bytesOf, textOf, type ReadRecord, type SentRecord, type Text } from './records.ts';
import type { ClientKind, ProduceOptions } from './client-kind.ts';

interface Encoder {
  readonly buffer: Buffer;
}

const codec = (compress: (bytes: Buffer) => Buffer, decompress: (bytes: Buffer) => Buffer) => () => ({
  compress: ({ buffer }: Encoder) => Promise.resolve(compress(buffer)),
  decompress: (bytes: Buffer) => Promise.resolve(decompress(bytes)),
});

const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1');
const XERIAL_HEADER_BYTES = 16;

/** Java frames snappy: a header, then blocks with their lengths. Others send one block. */
function unsnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC))
    return Buffer.from(uncompressSync(bytes) as Buffer);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    blocks.push(Buffer.from(uncompressSync(bytes.subarray(at + 4, end)) as Buffer));
    at = end;
  }
  return Buffer.concat(blocks);
}

CompressionCodecs[CompressionTypes.Snappy] = codec((bytes) => Buffer.from(compressSync(bytes)), unsnappy);
CompressionCodecs[CompressionTypes.LZ4] = codec((bytes) => compressFrameSync(bytes), decompressFrameSync);
CompressionCodecs[CompressionTypes.ZSTD] = codec(zstdCompressSync, zstdDecompressSync);

const TYPES = {
  ...{ none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy },
  ...{ lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD },
};

/** A client that retries a few times, as after the end of a rebalance. */
export const kafkaJs = (kafka: string, retry: RetryOptions = { retries: 3, initialRetryTime: 50 }): Kafka =>
  new Kafka({
    ...{ clientId: 'kafkajs', brokers: [kafka], logLevel: logLevel.NOTHING },
    ...{ retry, connectionTimeout: 5_000, requestTimeout: 15_000 },
  });

/** Its types do not say that a header's value may be null. */
const headerTextOf = (value: Buffer | string | null | undefined): Text =>
  value === null || value === undefined ? null : value.toString();

/** A record as kafkajs gives it. Repeated headers come as a list. */
export const readOf = (topic: string, partition: number, message: KafkaMessage): ReadRecord => ({
  ...{ topic, partition, offset: Number(message.offset) },
  ...{ key: textOf(message.key), value: textOf(message.value) },
  headers: Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => [name, headerTextOf(value)] as const),
  ),
});

function headersOf({ headers }: SentRecord): IHeaders {
  const byName: Record<string, (Buffer | string)[]> = {};
  for (const [name, value] of headers) (byName[name] ??= []).push(bytesOf(value) ?? '');
  return byName;
}

async function produce(
  kafka: string,
  records: readonly SentRecord[],
  { compression = 'none', acks }: ProduceOptions = {},
): Promise<void> {
  const producer = kafkaJs(kafka).producer();
  await producer.connect();
  for (const topic of new Set(records.map((one) => one.topic)))
    await producer.send({
      ...{ topic, acks: acks ?? -1, compression: TYPES[compression] },
      messages: records
        .filter((one) => one.topic === topic)
        .map((one) => ({
          ...{ key: bytesOf(one.key), value: bytesOf(one.value), headers: headersOf(one) },
        })),
    });
  await producer.disconnect();
}

async function read(kafka: string, topics: readonly string[]): Promise<readonly ReadRecord[]> {
  const client = kafkaJs(kafka);
  const admin = client.admin();
  await admin.connect();
  const offsets = (await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))).flat();
  await admin.disconnect();
  const count = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const consumer = client.consumer({ groupId: `read-${topics.join()}-${process.hrtime.bigint()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  const records = await take(consumer, count);
  await consumer.disconnect();
  return records;
}

/** Runs a consumer until it has given so many records. */
export function take(consumer: Consumer, count: number): Promise<readonly ReadRecord[]> {
  const records: ReadRecord[] = [];
  return new Promise((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => {
      reject(payload.error);
    });
    if (count === 0) resolve(records);
    consumer
      .run({
        eachMessage: ({ topic, partition, message }) => {
          records.push(readOf(topic, partition, message));
          if (records.length === count) resolve(records);
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
}

/** kafkajs. It cannot say that a header's value is null. */
export const KAFKAJS: ClientKind = {
  name: 'kafkajs',
  canWrite: ({ headers }) => headers.every(([, value]) => value !== null),
  ...{ produce, read },
};
