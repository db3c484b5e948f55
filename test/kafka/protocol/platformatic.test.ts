// The codec of @platformatic/kafka against ours: every request of theirs is read to its last byte and written again as the
// same bytes, every response of ours is read by them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { API_SCHEMAS, apiSchemaOf } from '../../../lib/kafka/protocol/api-schemas.ts';
import { decodeStruct } from '../../../lib/kafka/protocol/decode.ts';
import { encodeStruct } from '../../../lib/kafka/protocol/encode.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import { isFlexible, type ApiSchema } from '../../../lib/kafka/protocol/schema.ts';
import { createWriter, finish } from '../../../lib/kafka/protocol/writer.ts';
import { messageOf } from './arbitraries.ts';
import { missingLeaves, readable } from './other-clients.ts';
import { PLATFORMATIC_REQUESTS } from './platformatic-requests.ts';

interface TheirReader {
  readonly remaining: number;
}

interface TheirCodec {
  readonly createRequest: (...args: readonly unknown[]) => { readonly buffer: Buffer };
  readonly parseResponse: (id: number, key: number, version: number, reader: TheirReader) => unknown;
  readonly api: { readonly key: number; readonly version: number };
}

const dist = join(import.meta.dirname, '../../../node_modules/@platformatic/kafka/dist');
const { Reader } = (await import(join(dist, 'protocol/reader.js'))) as {
  Reader: { from: (bytes: Buffer) => TheirReader };
};

async function loadCodecs(): Promise<readonly TheirCodec[]> {
  const files = ['admin', 'consumer', 'metadata', 'producer', 'security', 'telemetry'].flatMap((folder) =>
    readdirSync(join(dist, 'apis', folder))
      .filter((name) => /-v\d+\.js$/.test(name))
      .map((name) => join(dist, 'apis', folder, name)),
  );
  return Promise.all(files.map(async (path) => (await import(path)) as TheirCodec));
}

const SHARED = (await loadCodecs()).flatMap((theirs) => {
  const { key, version } = theirs.api;
  const schema = apiSchemaOf(key);
  if (!schema || version < schema.minVersion || version > schema.maxVersion) return [];
  const dialect = { version, flexible: isFlexible(schema, version) };
  return [{ title: `${schema.name} ${version}`, theirs, schema, dialect }];
});

/** The newest version of an API that both have. */
const newest = ({ apiKey }: ApiSchema): number =>
  Math.max(...SHARED.filter(({ schema }) => schema.apiKey === apiKey).map(({ dialect }) => dialect.version));

/** What they make of a response. If it tells of errors they throw it, but they have read it all the same. */
function parsed({ api, parseResponse }: TheirCodec, reader: TheirReader): unknown {
  try {
    return parseResponse(1, api.key, api.version, reader);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'response' in error) return error.response;
    throw error;
  }
}

/** UNKNOWN_TOPIC_OR_PARTITION, which they know. With any error of ApiVersions they read no further, so there it is 0. */
const KNOWN_ERROR = 3;

/** What they read and do not tell: topic_config_error_code, whose value is KNOWN_ERROR, and is_default. */
const DROPPED: Readonly<Record<string, readonly string[]>> = {
  'CreateTopics 5': [String(KNOWN_ERROR)],
  'CreateTopics 6': [String(KNOWN_ERROR)],
  'DescribeConfigs 0': ['true', 'false'],
};

const byTheirArguments = SHARED.filter(({ schema }) => !['Produce', 'Fetch'].includes(schema.name));

test.each(byTheirArguments)('$title request of theirs is read to the end and written again', (shared) => {
  const { theirs, schema, dialect } = shared;
  const sample = PLATFORMATIC_REQUESTS[schema.name];
  const bytes = theirs.createRequest(...(sample?.args ?? [])).buffer;
  const reader = createReader(bytes);
  const request = decodeStruct(schema.request, dialect, reader);
  expect(reader.at).toBe(bytes.length);
  if (dialect.version === newest(schema)) expect(request).toMatchObject(sample?.says ?? {});

  const writer = createWriter();
  encodeStruct(schema.request, dialect, request as never, writer);
  expect(Buffer.concat(finish(writer)).toString('hex')).toBe(bytes.toString('hex'));
});

test.each(SHARED)('$title response of ours is read by them', ({ title, theirs: codec, schema, dialect }) => {
  const type = schema.response;
  const errorCode = schema.name === 'ApiVersions' ? 0 : KNOWN_ERROR;
  const dropped = DROPPED[title] ?? [];
  fc.assert(
    fc.property(messageOf({ type, dialect }), (message) => {
      const plain = readable(type, dialect, message, errorCode);
      const writer = createWriter();
      encodeStruct(type, dialect, plain as never, writer);
      const reader = Reader.from(Buffer.concat(finish(writer)));
      const theirs = parsed(codec, reader);
      expect(reader.remaining).toBe(0);
      const missing = missingLeaves(plain, theirs).filter((leaf) => !dropped.includes(leaf));
      expect(missing).toEqual([]);
    }),
    { seed: 10, numRuns: 20 },
  );
});

test('they have most of the APIs', () => {
  const theirs = new Set(SHARED.map(({ schema }) => schema.name));
  const without = Object.values(API_SCHEMAS).filter(({ name }) => !theirs.has(name));
  expect(without.map(({ name }) => name)).toEqual([]);
});
