// Batches go to and from two clients that nobody here wrote, in every compression.
import { createRequire } from 'node:module';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  createRecordsBatch,
  crc32c as platformaticCrc32c,
  Reader,
  readRecordsBatches,
  type MessageRecord,
} from '@platformatic/kafka';
import fc from 'fast-check';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { COMPRESSIONS } from '../../lib/record/batch-header.ts';
import { decodeBatch, encodeBatch, validateBatch } from '../../lib/record/record-batch.ts';
import type { LogRecord } from '../../lib/record/record.ts';
import { records as anyRecords } from './arbitraries.ts';

const T = 1_700_000_000_000;
const buffer = (value: Uint8Array | null): Buffer | null => value && Buffer.from(value);

/** Enough to fill several blocks of snappy and lz4, with null, empty, and headers that repeat. */
const RECORDS: readonly LogRecord[] = Array.from({ length: 900 }, (_, at) => ({
  timestampMs: T + ((at * 37) % 500),
  key: at % 5 === 0 ? null : Buffer.from(at % 7 === 0 ? '' : `key-${at}`),
  value: at % 11 === 0 ? null : Buffer.from(`value ${at} `.repeat(at % 40)),
  headers:
    at % 3 === 0
      ? []
      : ['trace', 'trace', 'é'].map((key, n) => ({ key, value: Buffer.from(`${n}`.repeat(n)) })),
}));

/** A record as both readers are compared: bytes as hex, so that null and empty stay apart. */
interface Plain {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly headers: readonly (readonly [string, string | undefined])[];
}

const hex = (value: Uint8Array | null | undefined): string | undefined =>
  buffer(value ?? null)?.toString('hex');

const plainOf = (records: readonly LogRecord[], baseOffset: number): readonly Plain[] =>
  records.map((record, at) => ({
    offset: String(baseOffset + at),
    timestamp: String(record.timestampMs),
    key: hex(record.key),
    value: hex(record.value),
    headers: record.headers.map(({ key, value }) => [key, hex(value)]),
  }));

const ours = (batch: Uint8Array): readonly Plain[] => {
  const { header, records } = decodeBatch(batch);
  expect(records.map(({ offset }) => offset)).toEqual(records.map((_, at) => header.baseOffset + at));
  return plainOf(records, header.baseOffset);
};

describe('platformatic', () => {
  const read = (run: Uint8Array): readonly Plain[] =>
    readRecordsBatches(Reader.from(Buffer.from(run))).flatMap(({ firstOffset, firstTimestamp, records }) =>
      records.map((record) => ({
        offset: String(firstOffset + BigInt(record.offsetDelta)),
        timestamp: String(firstTimestamp + record.timestampDelta),
        key: hex(record.key),
        value: hex(record.value),
        headers: record.headers.map(([key, value]) => [String(key), hex(value)] as const),
      })),
    );

  test.each(COMPRESSIONS)('reads our batches (%s)', (compression) => {
    const batch = encodeBatch(RECORDS, { compression, baseOffset: 1_000_000 });
    expect(read(batch)).toEqual(plainOf(RECORDS, 1_000_000));
    expect(platformaticCrc32c(batch.subarray(21))).toBe(validateBatch(batch, { checkRecords: true }).crc);
  });

  test('reads a run of any of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyRecords, fc.constantFrom(...COMPRESSIONS)), { maxLength: 3 }),
        (parts) => {
          let baseOffset = 0;
          const expected: Plain[] = [];
          const run = parts.map(([records, compression]) => {
            const batch = encodeBatch(records, { compression, baseOffset });
            expected.push(...plainOf(records, baseOffset));
            baseOffset += records.length;
            return batch;
          });
          expect(read(Buffer.concat(run))).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each(COMPRESSIONS)('writes batches that we read (%s)', (compression) => {
    // Its writer takes headers as a map, so that they cannot repeat.
    const sent = RECORDS.map((record) => ({ ...record, headers: record.headers.slice(1) }));
    const messages = sent.map(({ key, value, headers, timestampMs }) => ({
      topic: 'orders',
      key: buffer(key) ?? undefined,
      value: buffer(value),
      timestamp: BigInt(timestampMs),
      headers: new Map(headers.map((one) => [Buffer.from(one.key), buffer(one.value)])),
    }));
    const batch = createRecordsBatch(messages as unknown as MessageRecord[], { compression }).buffer;
    expect(validateBatch(batch, { checkRecords: true, fromProducer: true }).compression).toBe(compression);
    expect(ours(batch)).toEqual(plainOf(sent, 0));
  });
});

interface KafkajsCodec {
  readonly compress: (encoder: { readonly buffer: Buffer }) => Promise<Buffer>;
  readonly decompress: (compressed: Buffer) => Promise<Buffer>;
}
interface KafkajsBatch {
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, Buffer | null | readonly (Buffer | null)[]>>;
  }[];
}

const require = createRequire(import.meta.url);
const kafkajs = {
  codecs: (
    require('kafkajs/src/protocol/message/compression') as { Codecs: Record<number, () => KafkajsCodec> }
  ).Codecs,
  Decoder: require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object,
  decode: require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
    decoder: object,
  ) => Promise<KafkajsBatch>,
  Record: require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object,
  RecordBatch: (
    require('kafkajs/src/protocol/recordBatch/v0') as {
      RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
    }
  ).RecordBatch,
};

const codec =
  (compress: (bytes: Buffer) => Buffer, decompress: (bytes: Buffer) => Buffer) => (): KafkajsCodec => ({
    compress: (encoder) => Promise.resolve(compress(encoder.buffer)),
    decompress: (compressed) => Promise.resolve(decompress(compressed)),
  });

/** Xerial's framing, as far as the Java client uses it. */
function unframe(framed: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 16; at < framed.length;) {
    const end = at + 4 + framed.readInt32BE(at);
    parts.push(uncompressSync(framed.subarray(at + 4, end)) as Buffer);
    at = end;
  }
  return Buffer.concat(parts);
}

// kafkajs brings gzip alone and has the others plugged in: here the native libraries, and raw snappy as its users have it.
kafkajs.codecs[2] = codec((bytes) => compressSync(bytes), unframe);
kafkajs.codecs[3] = codec((bytes) => compressFrameSync(bytes), decompressFrameSync);
kafkajs.codecs[4] = codec(
  (bytes) => zstdCompressSync(bytes),
  (bytes) => zstdDecompressSync(bytes),
);

describe('kafkajs', () => {
  test.each(COMPRESSIONS)('reads our batches (%s)', async (compression) => {
    const batch = Buffer.from(encodeBatch(RECORDS, { compression, baseOffset: 77 }));
    const { records } = await kafkajs.decode(new kafkajs.Decoder(batch));
    const read = records.map(({ offset, timestamp, key, value, headers }) => ({
      ...{ offset, timestamp, key: hex(key), value: hex(value) },
      headers: Object.entries(headers).flatMap(([name, values]) =>
        (Array.isArray(values) ? (values as readonly Buffer[]) : [values as Buffer]).map(
          (one): [string, string | undefined] => [name, hex(one)],
        ),
      ),
    }));
    expect(read).toEqual(plainOf(RECORDS, 77));
  });

  test.each(COMPRESSIONS)('writes batches that we read (%s)', async (compression) => {
    const times = RECORDS.map(({ timestampMs }) => timestampMs);
    const batch = await kafkajs.RecordBatch({
      compression: COMPRESSIONS.indexOf(compression),
      firstTimestamp: T,
      maxTimestamp: Math.max(...times),
      lastOffsetDelta: RECORDS.length - 1,
      records: RECORDS.map(({ key, value, headers, timestampMs }, offsetDelta) =>
        kafkajs.Record({
          ...{ offsetDelta, timestampDelta: timestampMs - T, key: buffer(key), value: buffer(value) },
          headers: Object.fromEntries(
            headers.map((one) => [
              one.key,
              headers.filter((other) => other.key === one.key).map((other) => buffer(other.value)),
            ]),
          ),
        }),
      ),
    });
    expect(validateBatch(batch.buffer, { checkRecords: true, fromProducer: true }).compression).toBe(
      compression,
    );
    expect(ours(batch.buffer)).toEqual(plainOf(RECORDS, 0));
  });
});
