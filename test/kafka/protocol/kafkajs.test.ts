// The codec of kafkajs against ours: every request of its is read to its last byte and written again as the same bytes,
// header and size included; every response of ours is read by it.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiSchemaOf } from '../../../lib/kafka/protocol/api-schemas.ts';
import { encodeStruct } from '../../../lib/kafka/protocol/encode.ts';
import { encodeRequest } from '../../../lib/kafka/protocol/frames.ts';
import { createWriter, finish } from '../../../lib/kafka/protocol/writer.ts';
import { messageOf } from './arbitraries.ts';
import { KAFKAJS_REQUESTS } from './kafkajs-requests.ts';
import { decodeWhole, missingLeaves, readable } from './other-clients.ts';

interface TheirRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
}

interface TheirCodec {
  readonly request: TheirRequest;
  readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown> };
}

interface TheirApi {
  readonly versions: readonly string[];
  readonly protocol: (of: { version: number }) => (args: unknown) => TheirCodec;
}

const require = createRequire(import.meta.url);
const { requests } = require('kafkajs/src/protocol/requests') as { requests: Record<string, TheirApi> };
const frameOf = require('kafkajs/src/protocol/request') as (of: {
  correlationId: number;
  clientId: string;
  request: TheirRequest;
}) => Promise<{ buffer: Buffer }>;

const SHARED = Object.entries(KAFKAJS_REQUESTS).flatMap(([name, { args, says }]) => {
  const api = requests[name];
  if (!api) throw new Error(`kafkajs has no ${name}`);
  const newest = Math.max(...api.versions.map(Number));
  return api.versions.map(Number).flatMap((version) => {
    const theirs = api.protocol({ version })(args);
    const schema = apiSchemaOf(theirs.request.apiKey);
    if (!schema || version < schema.minVersion) return [];
    return [{ title: `${name} ${version}`, theirs, schema, version, says: version === newest ? says : {} }];
  });
});

/** UNKNOWN_TOPIC_OR_PARTITION; with any error it reads no further of most responses, so here it is none. */
const NO_ERROR = 0;

/** What it reads and tells otherwise: no records as no messages, the bytes of SASL with their length before them. */
const isRetold = (name: string, leaf: string): boolean =>
  (name === 'Fetch' && leaf === 'null') || (name === 'SaslAuthenticate' && leaf.startsWith('bytes '));

describe.each(SHARED)('$title', ({ theirs, schema, version, says }) => {
  test('request of kafkajs is read to the end and written again', async () => {
    const { buffer } = await frameOf({ correlationId: 77, clientId: 'js', request: theirs.request });
    const { header, body, rest } = decodeWhole(schema, buffer.subarray(4));
    expect(header).toEqual({ apiKey: schema.apiKey, apiVersion: version, correlationId: 77, clientId: 'js' });
    expect(rest).toBe(0);
    expect(body).toMatchObject(says);
    const again = Buffer.concat(encodeRequest(schema, header, body as never));
    expect(again.toString('hex')).toBe(buffer.toString('hex'));
  });

  test('response of ours is read by kafkajs', async () => {
    const dialect = { version, flexible: false };
    const type = schema.response;
    await fc.assert(
      fc.asyncProperty(messageOf({ type, dialect }), async (message) => {
        const plain = readable(type, dialect, message, NO_ERROR);
        const writer = createWriter();
        encodeStruct(type, dialect, plain as never, writer);
        const read = await theirs.response.decode(Buffer.concat(finish(writer)));

        expect(missingLeaves(plain, read).filter((leaf) => !isRetold(schema.name, leaf))).toEqual([]);
      }),
      { seed: 11, numRuns: 20 },
    );
  });
});
