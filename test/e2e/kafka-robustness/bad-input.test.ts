// Whatever is sent to the Kafka port: the right error or a closed connection, a line of the log that says who and why, and a
// neighbour that notices nothing.
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRODUCE } from '../../../lib/kafka/protocol/apis/00-produce.ts';
import { METADATA } from '../../../lib/kafka/protocol/apis/03-metadata.ts';
import { API_VERSIONS } from '../../../lib/kafka/protocol/apis/18-api-versions.ts';
import { decodeResponse, encodeRequest } from '../../../lib/kafka/protocol/frames.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import { produceOf } from '../../kafka/support/requests.ts';
import { TestClient } from '../../kafka/support/test-client.ts';
import { stop, temporaryFolder } from '../support/processes.ts';
import { endLines, startKafkaServer, type EndLine, type KafkaServer } from './support/kafka-server.ts';
import { quantile } from '../../../bench/report.ts';
import { startNeighbour, type Neighbour } from './support/neighbour.ts';

let folder: ReturnType<typeof temporaryFolder>;
let server: KafkaServer;
let neighbour: Neighbour;
beforeAll(async () => {
  folder = temporaryFolder();
  server = await startKafkaServer({ WADI_DATA_DIR: folder.path });
  neighbour = await startNeighbour(server.address);
});
afterAll(async () => {
  await stop(server);
  folder[Symbol.dispose]();
});

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const framed = (body: Buffer): Buffer => Buffer.concat([int32(body.length), body]);
/** API key, version, correlation id 7 and no client id; of a flexible version no tags either. */
const header = (apiKey: number, version: number, flexible = false): Buffer => {
  const head = Buffer.alloc(10);
  head.writeInt16BE(apiKey, 0);
  head.writeInt16BE(version, 2);
  head.writeInt32BE(7, 4);
  head.writeInt16BE(-1, 8);
  return flexible ? Buffer.concat([head, Buffer.alloc(1)]) : head;
};
const METADATA_BODY = {
  ...{ topics: null, allowAutoTopicCreation: false },
  ...{ includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
};
const metadataFrame = Buffer.concat(
  encodeRequest(METADATA, { apiKey: 3, apiVersion: 9, correlationId: 1, clientId: 'x' }, METADATA_BODY),
);
const produceFrame = Buffer.concat(
  encodeRequest(
    PRODUCE,
    { apiKey: 0, apiVersion: 9, correlationId: 1, clientId: 'x' },
    produceOf('neighbour', 0),
  ),
);

/** Lines that the log has about connections from now on, once there are some. */
async function lines(before: readonly EndLine[], count = 1): Promise<readonly EndLine[]> {
  await expect.poll(() => endLines(server).length - before.length, { timeout: 5_000 }).toBe(count);
  return endLines(server).slice(before.length);
}

/** The log tells of 20 ends in ten seconds, so that cases would be left out if they came faster. */
const CASES: readonly (readonly [name: string, sent: Buffer, reason: RegExp])[] = [
  ['a negative size', int32(-1), /0 to 104857600 bytes, got -1/],
  ['the smallest size', int32(-2_147_483_648), /got -2147483648/],
  ['a size beyond the limit', int32(104_857_601), /got 104857601/],
  ['a size of 0', int32(0), /byte 0 should be followed by 2 bytes, got 0/],
  ['a header that is cut off', framed(bytes('0003 0009 0000')), /followed by 4 bytes, got 2/],
  ['an unknown API key', framed(header(999, 0)), /API key 999 is not served/],
  ['a negative API key', framed(header(-1, 0)), /API key -1 is not served/],
  ['a request among brokers', framed(header(4, 0)), /API key 4 is not served/],
  ['an unknown version', framed(header(3, 99, true)), /Metadata has versions 0 to 13, got 99/],
  ['a negative version', framed(header(3, -1)), /no version -1/],
  ['a body that is cut off', framed(Buffer.concat([header(3, 1), int32(1)])), /1 elements .* got 0/],
  [
    'a Produce that ends inside its records',
    framed(produceFrame.subarray(4, produceFrame.length - 20)),
    /Produce request 9: byte .* should be followed by/,
  ],
  ['an array of 2 billion', framed(Buffer.concat([header(3, 1), int32(0x7fffffff)])), /2147483647 elements/],
  [
    'a compact array of 4 billion',
    framed(Buffer.concat([header(3, 9, true), bytes('ffffffff0f')])),
    /4294967294 elements/,
  ],
  ['an array of -2', framed(Buffer.concat([header(3, 1), int32(-2)])), /length at byte \d+ is -2/],
  [
    'an array of more elements than anybody needs',
    framed(Buffer.concat([header(3, 1), int32(1_000_000), Buffer.alloc(2_000_000)])),
    /at most 250000 elements of arrays, got 1000000/,
  ],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /got 1195725856, which is how HTTP begins/],
];

describe('closes the connection and says why:', () => {
  it.each(CASES)('%s', async (_name, sent, reason) => {
    const before = endLines(server);
    const client = await TestClient.open(server);
    client.sendRaw(sent);
    await expect(client.nextFrame()).rejects.toThrow('closed');
    const [line] = await lines(before);
    expect(line).toMatchObject({ clientHost: '/127.0.0.1', untold: 0 });
    expect(line?.clientPort).toBeGreaterThan(0);
    expect(line?.err.message).toMatch(reason);
  });

  it('a TLS hello to a port without TLS', async () => {
    const before = endLines(server);
    const socket = connectTls({ host: server.host, port: server.port, rejectUnauthorized: false });
    await expect(once(socket, 'secureConnect')).rejects.toThrow();
    expect((await lines(before))[0]?.err.message).toMatch(/which is how TLS begins: this port has none/);
  });
});

describe('answers', () => {
  it('ApiVersions of an unknown version in version 0 with error 35, and goes on', async () => {
    const client = await TestClient.open(server);
    client.sendBytes(Buffer.concat([header(18, 99, true), Buffer.from('garbage')]));
    const { correlationId, body } = decodeResponse(API_VERSIONS, 0, createReader(await client.nextFrame()));
    expect(correlationId).toBe(7);
    expect(body.errorCode).toBe(35);
    expect(body.apiKeys).toContainEqual(
      expect.objectContaining({ apiKey: 18, minVersion: 0, maxVersion: 4 }),
    );
    const versions = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
    expect(await client.send(API_VERSIONS, 3, versions)).toMatchObject({ errorCode: 0 });
    client.close();
  });

  it('what came before what it cannot read', async () => {
    const client = await TestClient.open(server);
    client.sendRaw(metadataFrame);
    await client.nextFrame();
    client.sendRaw(Buffer.concat([metadataFrame, framed(header(999, 0))]));
    await client.nextFrame();
    await expect(client.nextFrame()).rejects.toThrow('closed');
  });

  it('a request that comes a byte at a time', async () => {
    const client = await TestClient.open(server);
    for (const byte of metadataFrame) {
      client.sendRaw(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await client.nextFrame();
    client.close();
  });
});

describe('bears', () => {
  it('half a frame, and then the end or a reset', async () => {
    const before = endLines(server);
    for (let at = 1; at < metadataFrame.length; at += 7) {
      const socket = connectTcp({ host: server.host, port: server.port }).on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(metadataFrame.subarray(0, at));
      if (at % 2 === 0) socket.end();
      else socket.resetAndDestroy();
    }
    const client = await TestClient.open(server);
    client.sendRaw(metadataFrame);
    await client.nextFrame();
    client.close();
    // A client that has gone is nothing to write about.
    expect(endLines(server)).toEqual(before);
  });

  it('garbage on 2,000 connections, and writes some lines about it', { timeout: 60_000 }, async () => {
    const before = endLines(server);
    for (let round = 0; round < 100; round++) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => TestClient.open(server)));
      for (const [at, client] of clients.entries()) {
        const garbage = Buffer.from(
          Array.from({ length: 300 }, (_, i) => (i * 7 + at * 31 + round * 17) % 256),
        );
        // Else it may be a size, after which the rest is waited for.
        garbage[0] = 0x40;
        client.sendRaw(at % 2 === 0 ? garbage : framed(garbage));
      }
      await Promise.all(clients.map((client) => client.closed()));
    }
    const said = endLines(server).length - before.length;
    expect(said).toBeGreaterThan(0);
    expect(said).toBeLessThan(200);
  });
});

it('its neighbour has noticed nothing, and the server runs on', async () => {
  const { acknowledged, consumed, produceMs, errors } = await neighbour.finish();
  expect(errors).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect([...consumed].sort()).toEqual([...acknowledged].sort());
  const [half, most] = [quantile(produceMs, 0.5), Math.max(...produceMs)];
  console.info(
    `neighbour: ${acknowledged.length} records, p50 ${half.toFixed(1)} ms, at most ${most.toFixed(0)} ms`,
  );
  expect(half).toBeLessThan(1_000);
  expect(most).toBeLessThan(5_000);
  expect(server.process.exitCode).toBeNull();
});
