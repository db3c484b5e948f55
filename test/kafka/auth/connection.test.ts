// What a connection may ask before it has proved who it is, after that, and when that was too long ago.
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { listedCredentials } from '../../../lib/kafka/auth/credentials.ts';
import { METADATA } from '../../../lib/kafka/protocol/apis/03-metadata.ts';
import { SASL_HANDSHAKE } from '../../../lib/kafka/protocol/apis/17-sasl-handshake.ts';
import { API_VERSIONS } from '../../../lib/kafka/protocol/apis/18-api-versions.ts';
import { SASL_AUTHENTICATE } from '../../../lib/kafka/protocol/apis/36-sasl-authenticate.ts';
import { CREATE_PARTITIONS } from '../../../lib/kafka/protocol/apis/37-create-partitions.ts';
import { DESCRIBE_CLUSTER } from '../../../lib/kafka/protocol/apis/60-describe-cluster.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { scramClient } from '../support/scram-client.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { AuthenticationOptions } from '../../../lib/kafka/auth/authentication.ts';
import type { KafkaGatewayOptions } from '../../../lib/kafka/gateway.ts';
import type { TestClient } from '../support/test-client.ts';

const credentials = await listedCredentials(
  [
    { username: 'alice', password: 'pencil' },
    { username: 'bob', password: 'crayon' },
  ],
  createSystemDice(),
);

let under: GatewayUnderTest | undefined;
afterEach(() => under?.stop());

async function connect(
  authentication: Partial<AuthenticationOptions> = {},
  more: Partial<KafkaGatewayOptions> = {},
): Promise<TestClient> {
  under = await startTestGateway({
    authentication: { credentials, failurePauseMs: 0, ...authentication },
    ...more,
  });
  return under.connect();
}

const handshake = (client: TestClient, mechanism = 'PLAIN', version = 1) =>
  client.send(SASL_HANDSHAKE, version, { mechanism });
const authenticate = (client: TestClient, token: string, version = 2) =>
  client.send(SASL_AUTHENTICATE, version, { authBytes: Buffer.from(token) });
const describeCluster = (client: TestClient) =>
  client.send(DESCRIBE_CLUSTER, 0, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: false,
  });
const apiVersions = (client: TestClient) =>
  client.send(API_VERSIONS, 3, { clientSoftwareName: 'test', clientSoftwareVersion: '1' });

async function logIn(client: TestClient, user = 'alice', password = 'pencil') {
  await handshake(client);
  return authenticate(client, `\0${user}\0${password}`);
}

/** Why the last connection ended. */
async function endOf(client: TestClient) {
  await client.closed();
  await expect.poll(() => under?.ends.length).toBeGreaterThan(0);
  return under?.ends.at(-1);
}

describe('before authentication', () => {
  it('ApiVersions is answered, as often as it is asked', async () => {
    const client = await connect();
    await apiVersions(client);
    const { apiKeys } = await apiVersions(client);
    expect(apiKeys).toContainEqual({ apiKey: 36, minVersion: 0, maxVersion: 2 });
    expect((await logIn(client)).errorCode).toBe(0);
  });

  it('anything else ends the connection', async () => {
    const client = await connect();
    await expect(describeCluster(client)).rejects.toThrow('closed');
    expect(await endOf(client)).toMatchObject({
      ...{ code: 'ILLEGAL_SASL_STATE', message: 'not authenticated yet: API key 60 is refused' },
    });
  });

  it('anything else ends the connection also between handshake and proof', async () => {
    const client = await connect();
    await handshake(client);
    await expect(
      client.send(METADATA, 1, {
        ...{ topics: null, allowAutoTopicCreation: true },
        ...{ includeTopicAuthorizedOperations: false, includeClusterAuthorizedOperations: false },
      }),
    ).rejects.toThrow('closed');
    expect(await endOf(client)).toMatchObject({ code: 'ILLEGAL_SASL_STATE' });
  });

  it('a request that came along with the proof waits for it', async () => {
    const client = await connect();
    await handshake(client);
    const [proved, described] = await Promise.all([
      authenticate(client, '\0alice\0pencil'),
      describeCluster(client),
    ]);
    expect([proved.errorCode, described.errorCode]).toEqual([0, 0]);
  });

  it('a request that came along with a wrong proof is not carried out', async () => {
    const client = await connect();
    await handshake(client);
    const proving = authenticate(client, '\0alice\0wrong');
    const describing = describeCluster(client);
    expect((await proving).errorCode).toBe(58);
    await expect(describing).rejects.toThrow('closed');
  });

  it('a proof without a handshake is refused, and ends the connection', async () => {
    const client = await connect();
    expect(await authenticate(client, '\0alice\0pencil')).toMatchObject({ errorCode: 34 });
    expect(await endOf(client)).toMatchObject({ code: 'ILLEGAL_SASL_STATE' });
  });

  it('large requests are not taken', async () => {
    const client = await connect();
    client.sendRaw(Buffer.concat([Buffer.from([0, 16, 0, 0]), Buffer.alloc(600_000)]));
    expect(await endOf(client)).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('large requests are taken once it has proved who it is', async () => {
    const client = await connect();
    await logIn(client);
    client.sendBytes(
      Buffer.concat([Buffer.from([0, 18, 0, 0, 0, 0, 0, 1, 255, 255]), Buffer.alloc(700_000)]),
    );
    expect((await client.nextFrame()).length).toBeGreaterThan(100);
    expect((await describeCluster(client)).errorCode).toBe(0);
  });
});

describe('the handshake', () => {
  it('tells the mechanisms, and takes one of them afterwards', async () => {
    const client = await connect({ mechanisms: ['SCRAM-SHA-256', 'PLAIN'] });
    const mechanisms = ['SCRAM-SHA-256', 'PLAIN'];
    expect(await handshake(client, 'GSSAPI')).toEqual({ errorCode: 33, mechanisms });
    expect(await handshake(client, 'SCRAM-SHA-512')).toEqual({ errorCode: 33, mechanisms });
    expect(await handshake(client, 'PLAIN')).toEqual({ errorCode: 0, mechanisms });
  });

  it('is refused while an exchange is under way', async () => {
    const client = await connect();
    await handshake(client, 'SCRAM-SHA-256');
    expect((await handshake(client, 'PLAIN')).errorCode).toBe(34);
  });

  it('of version 0, with which tokens come without a header, ends the connection with the first of them', async () => {
    const client = await connect();
    expect((await handshake(client, 'PLAIN', 0)).errorCode).toBe(0);
    client.sendBytes(Buffer.from('\0alice\0pencil'));
    const error = await endOf(client);
    expect(error).toMatchObject({ code: 'ILLEGAL_SASL_STATE' });
    expect(error?.message).toContain('use version 1');
  });

  it('is not needed where nobody need authenticate', async () => {
    under = await startTestGateway();
    const client = await under.connect();
    expect(await handshake(client)).toEqual({ errorCode: 34, mechanisms: [] });
    expect(await authenticate(client, '\0alice\0pencil')).toMatchObject({ errorCode: 34 });
    expect((await describeCluster(client)).errorCode).toBe(0);
  });
});

describe('a proof', () => {
  it.each([0, 1, 2])('in version %i lets the client in', async (version) => {
    const client = await connect();
    await handshake(client);
    expect(await authenticate(client, '\0alice\0pencil', version)).toMatchObject({
      ...{ errorCode: 0, errorMessage: null, sessionLifetimeMs: 0 },
    });
    expect((await describeCluster(client)).errorCode).toBe(0);
  });

  it.each([
    ['SCRAM-SHA-256', 'sha256'],
    ['SCRAM-SHA-512', 'sha512'],
  ] as const)(
    'by %s lets the client in, which learns that it is the right server',
    async (mechanism, hash) => {
      const client = await connect({ sessionLifetimeMs: 60_000 });
      const scram = scramClient({ hash, username: 'alice', password: 'pencil' });
      await handshake(client, mechanism);
      const first = await authenticate(client, scram.first);
      expect(first).toMatchObject({ errorCode: 0, sessionLifetimeMs: 0 });
      const proof = scram.prove(Buffer.from(first.authBytes).toString());
      await expect(describeCluster(await (under?.connect() ?? client))).rejects.toThrow('closed');
      const last = await authenticate(client, proof.final);
      expect(last).toMatchObject({ errorCode: 0, sessionLifetimeMs: 60_000 });
      expect(Buffer.from(last.authBytes).toString()).toBe(proof.serverFinal);
      expect((await describeCluster(client)).errorCode).toBe(0);
    },
  );

  it('that is wrong is answered after a pause, then the connection ends', async () => {
    const clock = createManualClock();
    const client = await connect({ failurePauseMs: 500 }, { clock });
    await handshake(client);
    let answer: Awaited<ReturnType<typeof authenticate>> | undefined;
    const answering = authenticate(client, '\0alice\0wrong').then((one) => (answer = one));
    await expect.poll(() => clock.sleepers).toBe(1);
    await clock.advance(499);
    await createSystemClock().sleep(30);
    expect([answer, client.isClosed]).toEqual([undefined, false]);
    await clock.advance(1);
    expect(await answering).toMatchObject({
      ...{ errorCode: 58, errorMessage: 'authentication with PLAIN failed: invalid credentials' },
    });
    expect(await endOf(client)).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' });
  });

  it('cannot be given where users cannot be looked up', async () => {
    const client = await connect({ credentials: { find: () => Promise.reject(new Error('no store')) } });
    await handshake(client);
    expect(await authenticate(client, '\0alice\0pencil')).toMatchObject({ errorCode: -1 });
    await client.closed();
  });
});

describe('a session', () => {
  it('that has expired ends with the next request', async () => {
    const clock = createManualClock();
    const client = await connect({ sessionLifetimeMs: 1_000 }, { clock });
    expect((await logIn(client)).sessionLifetimeMs).toBe(1_000);
    await clock.advance(999);
    expect((await describeCluster(client)).errorCode).toBe(0);
    await clock.advance(1);
    await expect(describeCluster(client)).rejects.toThrow('closed');
    expect(await endOf(client)).toMatchObject({
      ...{ code: 'ILLEGAL_SASL_STATE', message: 'the session of alice has expired: API key 60 is refused' },
    });
  });

  it('goes on with a new proof on the same connection, also after it has expired', async () => {
    const clock = createManualClock();
    const client = await connect({ sessionLifetimeMs: 1_000 }, { clock });
    await logIn(client);
    for (const passedMs of [900, 900, 5_000]) {
      await clock.advance(passedMs);
      expect((await logIn(client)).errorCode).toBe(0);
      expect((await describeCluster(client)).errorCode).toBe(0);
    }
    await clock.advance(1_000);
    await expect(describeCluster(client)).rejects.toThrow('closed');
  });

  it('may be used while its new proof is under way', async () => {
    const client = await connect();
    await logIn(client);
    await handshake(client);
    expect((await describeCluster(client)).errorCode).toBe(0);
    expect((await authenticate(client, '\0alice\0pencil')).errorCode).toBe(0);
  });

  it('cannot become another user’s', async () => {
    const client = await connect();
    await logIn(client);
    expect((await logIn(client, 'bob', 'crayon')).errorCode).toBe(58);
    await client.closed();
  });

  it('cannot go on by another mechanism', async () => {
    const client = await connect();
    await logIn(client);
    expect((await handshake(client, 'SCRAM-SHA-256')).errorCode).toBe(34);
    expect((await describeCluster(client)).errorCode).toBe(0);
  });

  it('does nothing more where its new proof is wrong', async () => {
    const client = await connect({ failurePauseMs: 100 });
    await logIn(client);
    await handshake(client);
    const proving = authenticate(client, '\0alice\0wrong');
    const creating = client.send(CREATE_PARTITIONS, 3, {
      ...{ topics: [{ name: 't', count: 2, assignments: null }], timeoutMs: 1_000, validateOnly: false },
    });
    await under?.broker.createTopic({ name: 't' });
    expect((await proving).errorCode).toBe(58);
    await expect(creating).rejects.toThrow('closed');
    expect((await under?.broker.describeTopic('t'))?.partitions).toBe(1);
  });

  it('ends with a wrong new proof', async () => {
    const client = await connect();
    await logIn(client);
    expect((await logIn(client, 'alice', 'wrong')).errorCode).toBe(58);
    await client.closed();
  });
});
