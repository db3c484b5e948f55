// Kafka's own codec against ours. Each line of kafka-messages.txt is one message that org.apache.kafka:kafka-clients 4.2.1
// has decoded and encoded again: API key, version, direction, the bytes in hex, and what it made of them, as its
// JsonConverter writes it (bytes in base64). Versions that 4.2.1 no longer has are not among them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apiSchemaOf } from '../../../lib/kafka/protocol/api-schemas.ts';
import { decodeStruct } from '../../../lib/kafka/protocol/decode.ts';
import { encodeStruct } from '../../../lib/kafka/protocol/encode.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import { isFlexible } from '../../../lib/kafka/protocol/schema.ts';
import { createWriter, finish } from '../../../lib/kafka/protocol/writer.ts';
import { MESSAGE_KINDS } from './arbitraries.ts';

const file = readFileSync(join(import.meta.dirname, 'kafka-messages.txt'), 'utf8');

const LINES = file.trimEnd().split('\n');

const MESSAGES = LINES.map((line) => {
  const [apiKey, version, direction, hex, ...json] = line.split(' ');
  const schema = apiSchemaOf(Number(apiKey));
  if (!schema) throw new Error(`no API has key ${apiKey ?? ''}`);
  const dialect = { version: Number(version), flexible: isFlexible(schema, Number(version)) };
  const bytes = Buffer.from(hex === '-' ? '' : (hex ?? ''), 'hex');
  const title = `${schema.name} ${direction ?? ''} ${version ?? ''}`;
  return { title, type: schema[direction as 'request' | 'response'], dialect, bytes, json: json.join(' ') };
});

/** Numbers as their digits: those of 64 bits are not all safe. */
const parse = (json: string): unknown =>
  JSON.parse(json, (_key, value: unknown, context: { source?: string } = {}) =>
    typeof value === 'number' ? context.source : value,
  );

/**
 * A decoded value as Kafka's JsonConverter would have it, only the fields that `like` has. Records it always writes as "":
 * that they are right is for the bytes to say.
 */
function asJson(value: unknown, like: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((element, at) => asJson(element, (like as unknown[])[at]));
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(like as object).filter((name) => name !== 'records');
  return Object.fromEntries(
    names.map((name) => [name, asJson(value[name as never], like?.[name as never])] as const),
  );
}

describe.each(MESSAGES)('$title of Kafka', ({ type, dialect, bytes, json }) => {
  test('is decoded to what Kafka decodes it to', () => {
    const reader = createReader(bytes);
    const expected = parse(json.replaceAll(/,"records":(""|null)/g, ''));
    expect(asJson(decodeStruct(type, dialect, reader), expected)).toEqual(expected);
    expect(reader.at).toBe(bytes.length);
  });

  test('is encoded to the same bytes', () => {
    const writer = createWriter();
    encodeStruct(type, dialect, decodeStruct(type, dialect, createReader(bytes)) as never, writer);
    expect(Buffer.concat(finish(writer)).toString('hex')).toBe(bytes.toString('hex'));
  });
});

test('only versions that Kafka 4.2 no longer has are without a message of Kafka', () => {
  const covered = new Set(MESSAGES.map(({ title }) => title));
  const without = MESSAGE_KINDS.map(({ title }) => title).filter((title) => !covered.has(title));
  expect(without).toEqual([
    ...[
      'CreateTopics request 0',
      'CreateTopics response 0',
      'CreateTopics request 1',
      'CreateTopics response 1',
    ],
    ...['DeleteTopics request 0', 'DeleteTopics response 0'],
    ...['DescribeConfigs request 0', 'DescribeConfigs response 0'],
    ...['DescribeLogDirs request 0', 'DescribeLogDirs response 0'],
  ]);
});
