// Produce and Fetch with real batches: what other clients send and read, and that no batch is copied on its way out.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PRODUCE } from '../../../lib/kafka/protocol/apis/00-produce.ts';
import { FETCH } from '../../../lib/kafka/protocol/apis/01-fetch.ts';
import { decodeRequest, decodeResponse, encodeResponse } from '../../../lib/kafka/protocol/frames.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import { isFlexible, type ResponseOf } from '../../../lib/kafka/protocol/schema.ts';
import { decodeBatch, encodeBatch } from '../../../lib/record/record-batch.ts';
import { versionsOf } from './arbitraries.ts';
import { decodeWhole } from './other-clients.ts';
import { ID } from './platformatic-requests.ts';

const require = createRequire(import.meta.url);
const dist = join(import.meta.dirname, '../../../node_modules/@platformatic/kafka/dist');
const T = 1_700_000_000_000;

interface Platformatic {
  readonly createRequest: (...args: readonly unknown[]) => { readonly buffer: Buffer };
  readonly parseResponse: (id: number, key: number, version: number, reader: unknown) => unknown;
}

const platformatic = (path: string): Promise<Platformatic> =>
  import(join(dist, `apis/${path}.js`)) as Promise<Platformatic>;

const { Reader } = (await import(join(dist, 'protocol/reader.js'))) as {
  Reader: { from: (bytes: Buffer) => unknown };
};

interface Kafkajs {
  readonly protocol: (of: { version: number }) => (args: unknown) => {
    readonly request: object;
    readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown> };
  };
}

const kafkajs = require('kafkajs/src/protocol/requests') as {
  requests: Record<'Produce' | 'Fetch', Kafkajs>;
};
const frameOf = require('kafkajs/src/protocol/request') as (of: object) => Promise<{ buffer: Buffer }>;

const batch = (value: string): Uint8Array =>
  encodeBatch([{ timestampMs: T, key: null, value: Buffer.from(value), headers: [] }]);

const valuesOf = (records: Uint8Array | null): readonly string[] =>
  decodeBatch(records ?? new Uint8Array()).records.map(({ value }) => Buffer.from(value ?? []).toString());

describe('Produce', () => {
  test.each(versionsOf(PRODUCE).filter((version) => version <= 7))('%i of kafkajs', async (version) => {
    const messages = [{ key: 'k', value: 'one', timestamp: T }];
    const { request } = kafkajs.requests.Produce.protocol({ version })({
      ...{ acks: -1, timeout: 1000, transactionalId: 'txn-1', producerId: 4000, producerEpoch: 7 },
      topicData: [{ topic: 'a', partitions: [{ partition: 3, firstSequence: 0, messages }] }],
    });
    const { buffer } = await frameOf({ correlationId: 1, clientId: 'js', request });
    const { body, rest } = decodeWhole(PRODUCE, buffer.subarray(4));
    const { topicData } = body as ReturnType<typeof decodeRequest<typeof PRODUCE>>;
    expect(rest).toBe(0);
    expect(body).toMatchObject({ transactionalId: 'txn-1', acks: -1, timeoutMs: 1000 });
    expect(topicData[0]).toMatchObject({ name: 'a', partitionData: [{ index: 3 }] });
    expect(valuesOf(topicData[0]?.partitionData[0]?.records ?? null)).toEqual(['one']);
  });

  test.each([3, 5, 7, 8, 9, 10, 11])('%i of platformatic', async (version) => {
    const { createRequest } = await platformatic(`producer/produce-v${version}`);
    const message = { topic: 'a', partition: 3, value: Buffer.from('one'), timestamp: BigInt(T) };
    const bytes = createRequest(-1, 1000, [message], { compression: 'none' }).buffer;
    const reader = createReader(bytes);
    const { topicData, ...rest } = decodeRequest(PRODUCE, version, reader);
    expect(reader.at).toBe(bytes.length);
    expect(rest).toMatchObject({ transactionalId: null, acks: -1, timeoutMs: 1000 });
    expect(topicData[0]).toMatchObject({ name: 'a', partitionData: [{ index: 3 }] });
    expect(valuesOf(topicData[0]?.partitionData[0]?.records ?? null)).toEqual(['one']);
  });
});

const fetched = (records: readonly Uint8Array[]): ResponseOf<typeof FETCH> => ({
  ...{ errorCode: 0, sessionId: 0 },
  responses: [
    {
      ...{ topic: 'a', topicId: ID.kafka },
      partitions: [
        {
          ...{ partitionIndex: 3, errorCode: 0, highWatermark: 9, lastStableOffset: 9, logStartOffset: 0 },
          ...{ abortedTransactions: null, preferredReadReplica: -1, records },
        },
      ],
    },
  ],
});

const framed = (version: number): Buffer =>
  Buffer.concat(encodeResponse(FETCH, version, 77, fetched([batch('one'), batch('two')])));

describe('Fetch', () => {
  test.each(versionsOf(FETCH).filter((version) => version <= 11))(
    '%i as kafkajs reads it',
    async (version) => {
      const { response } = kafkajs.requests.Fetch.protocol({ version })({ topics: [] });
      const read = await response.decode(framed(version).subarray(8));
      expect(read).toMatchObject({
        responses: [
          {
            topicName: 'a',
            partitions: [
              {
                partition: 3,
                highWatermark: '9',
                messages: [{ value: text('one') }, { value: text('two') }],
              },
            ],
          },
        ],
      });
    },
  );

  test.each([4, 7, 11, 12, 13, 15, 17])('%i as platformatic reads it', async (version) => {
    const { parseResponse } = await platformatic(`consumer/fetch-v${version}`);
    const bodyAt = isFlexible(FETCH, version) ? 9 : 8;
    const read = parseResponse(1, FETCH.apiKey, version, Reader.from(framed(version).subarray(bodyAt)));
    expect(read).toMatchObject({
      responses: [
        {
          partitions: [
            {
              ...{ partitionIndex: 3, highWatermark: 9n },
              records: [{ records: [{ value: text('one') }] }, { records: [{ value: text('two') }] }],
            },
          ],
        },
      ],
    });
  });

  test.each([4, 17])('%i of platformatic', async (version) => {
    const { createRequest } = await platformatic(`consumer/fetch-v${version}`);
    const partition = {
      partition: 3,
      currentLeaderEpoch: 2,
      fetchOffset: 42n,
      lastFetchedEpoch: 1,
      partitionMaxBytes: 900,
    };
    const topicId = version >= 13 ? ID.dashed : 'a';
    const topics = [{ topicId, partitions: [{ ...partition, replicaDirectoryId: ID.dashed }] }];
    const reader = createReader(createRequest(500, 1, 1000, 1, 5, 6, topics, [], 'r').buffer);
    const request = decodeRequest(FETCH, version, reader);
    expect(reader.at).toBe(reader.end);
    expect(request).toMatchObject({ maxWaitMs: 500, minBytes: 1, maxBytes: 1000, isolationLevel: 1 });
    expect(request.topics[0]).toMatchObject({
      ...(version >= 13 ? { topicId: ID.kafka } : { topic: 'a' }),
      partitions: [{ partition: 3, fetchOffset: 42, partitionMaxBytes: 900 }],
    });
    if (version >= 17) expect(request.topics[0]?.partitions[0]?.replicaDirectoryId).toBe(ID.kafka);
  });

  test('batches leave as they are, one after the other, and are read as one', () => {
    const parts = [batch('one'), batch('two')];
    const chunks = encodeResponse(FETCH, 17, 77, fetched(parts));
    expect(parts.every((part) => chunks.includes(part))).toBe(true);

    const frame = Buffer.concat(chunks);
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    const response = decodeResponse(FETCH, 17, createReader(frame.subarray(4)));
    const read = response.body.responses[0]?.partitions[0]?.records;
    expect(Buffer.from(read ?? []).equals(Buffer.concat(parts))).toBe(true);
    // A view of the frame, not a copy.
    expect(read?.buffer).toBe(frame.buffer);
  });
});

const text = (value: string): Buffer => Buffer.from(value);
