// The listener for Kafka clients as its settings make it: TLS, client certificates, users and passwords, and files that change.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../lib/base/clock.ts';
import { createSystemDice } from '../../lib/base/dice.ts';
import { startKafkaListener } from '../../lib/cli/kafka-listener.ts';
import { settingsOf } from '../../lib/cli/settings.ts';
import { readKafkaOptions } from '../../lib/cli/kafka-options.ts';
import { formatUsers, saltUser, type StoredUsers } from '../../lib/kafka/auth/stored-users.ts';
import { brokerOver, memoryStoresOn } from '../broker/memory-broker.ts';
import { makeCertificate, type Certified } from '../support/certificates.ts';
import type { KafkaGateway } from '../../lib/kafka/gateway.ts';

const clock = createSystemClock();
const dice = createSystemDice();
const authority = makeCertificate({ commonName: 'authority' });
const certified = makeCertificate({ issuer: authority });
const usersOf = async (...names: readonly string[]): Promise<StoredUsers> =>
  new Map(
    await Promise.all(
      names.map(async (name) => [name, await saltUser(name, `${name}'s password`, { dice })] as const),
    ),
  );

let folder = '';
let log: string[] = [];
const running: KafkaGateway[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wadi-listener-'));
  log = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}

const writeTls = ({ certificate, key }: Certified) => ({
  WADI_KAFKA_TLS_CERT: write('certificate.pem', certificate),
  WADI_KAFKA_TLS_KEY: write('key.pem', key),
});
const writeUsers = (users: StoredUsers) => ({ WADI_KAFKA_USERS: write('users.json', formatUsers(users)) });

async function start(env: Readonly<Record<string, string>>) {
  const { broker } = brokerOver(memoryStoresOn(clock), { autoCreateTopics: true });
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });
  const options = readKafkaOptions(settingsOf(env, {}), '127.0.0.1');
  const listener = await startKafkaListener({ terminal: { clock, dice }, broker, logger }, options, 0);
  running.push(listener);
  return listener;
}

interface Login {
  readonly sasl?: SASLOptions;
  readonly ssl?: ConnectionOptions | false;
}

const clientOf = ({ port }: KafkaGateway, { sasl, ssl = { ca: authority.certificate } }: Login = {}) =>
  new Kafka({
    ...{ clientId: 'kafkajs', brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING },
    ...{ retry: { retries: 0 }, connectionTimeout: 3_000, requestTimeout: 10_000 },
    ...(sasl && { sasl }),
    ...(ssl && { ssl }),
  });

const login = (
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
  name: string,
  password = `${name}'s password`,
) => ({ mechanism, username: name, password }) as SASLOptions;

/** Produces a record and reads the end of its topic. */
async function useIt(listener: KafkaGateway, options: Login = {}): Promise<void> {
  const kafka = clientOf(listener, options);
  const producer = kafka.producer();
  await producer.connect();
  try {
    const [sent] = await producer.send({ topic: 't', messages: [{ value: 'v' }] });
    expect(sent).toMatchObject({ errorCode: 0 });
  } finally {
    await producer.disconnect();
  }
}

describe('with TLS and users', () => {
  const all = async () => start({ ...writeTls(certified), ...writeUsers(await usersOf('ann', 'bob')) });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'kafkajs logs in by %s',
    async (mechanism) => {
      const listener = await all();
      await useIt(listener, { sasl: login(mechanism, 'ann') });
      await useIt(listener, { sasl: login(mechanism, 'bob') });
    },
  );

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'a wrong password and an unknown user are refused alike by %s, and nobody else notices',
    async (mechanism) => {
      const listener = await all();
      const producer = clientOf(listener, { sasl: login(mechanism, 'bob') }).producer();
      await producer.connect();
      for (const sasl of [login(mechanism, 'ann', 'wrong'), login(mechanism, 'nobody')])
        await expect(useIt(listener, { sasl })).rejects.toThrow(/failed: invalid credentials/);
      await producer.send({ topic: 't', messages: [{ value: 'v' }] });
      await producer.disconnect();
      await expect
        .poll(() => log.filter((line) => line.includes('SASL_AUTHENTICATION_FAILED')).length)
        .toBe(2);
      expect(log.join('')).not.toContain('password"');
    },
  );

  it('clients without TLS are refused, and nobody else notices', async () => {
    const listener = await all();
    const producer = clientOf(listener, { sasl: login('scram-sha-256', 'bob') }).producer();
    await producer.connect();
    await expect(useIt(listener, { sasl: login('scram-sha-256', 'ann'), ssl: false })).rejects.toThrow();
    await expect.poll(() => log.join('')).toContain('no TLS was agreed upon');
    await producer.send({ topic: 't', messages: [{ value: 'v' }] });
    await producer.disconnect();
  });

  it('clients that do not trust the authority do not go on', async () => {
    const listener = await all();
    await expect(useIt(listener, { sasl: login('plain', 'ann'), ssl: {} })).rejects.toThrow(
      /unable to verify|self-signed/,
    );
  });

  it('TLS 1.1 is refused', async () => {
    const { port } = await all();
    const refused = new Promise((resolve, reject) => {
      const socket = connectTls(
        {
          port,
          host: '127.0.0.1',
          ca: authority.certificate,
          maxVersion: 'TLSv1.1',
          minVersion: 'TLSv1',
          ciphers: 'ALL@SECLEVEL=0',
        },
        () => {
          reject(new Error('agreed'));
        },
      );
      socket.once('error', resolve);
    });
    expect(await refused).toBeInstanceOf(Error);
  });

  it('stops although somebody has not agreed on TLS yet', async () => {
    const listener = await all();
    const idle = connectPlain(listener.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    await running.pop()?.stop();
    idle.destroy();
  });
});

describe('with users and no TLS', () => {
  it('passwords themselves are not taken, unless that is allowed', async () => {
    const users = writeUsers(await usersOf('ann'));
    const careful = await start(users);
    await expect(useIt(careful, { sasl: login('plain', 'ann'), ssl: false })).rejects.toThrow(/not support/);
    await useIt(careful, { sasl: login('scram-sha-512', 'ann'), ssl: false });
    const careless = await start({ ...users, WADI_KAFKA_PLAIN: 'always' });
    await useIt(careless, { sasl: login('plain', 'ann'), ssl: false });
    const never = await start({ ...users, ...writeTls(certified), WADI_KAFKA_PLAIN: 'never' });
    await expect(useIt(never, { sasl: login('plain', 'ann') })).rejects.toThrow(/not support/);
  });

  it('who does not log in is refused', async () => {
    const listener = await start(writeUsers(await usersOf('ann')));
    await expect(useIt(listener, { ssl: false })).rejects.toThrow();
    await expect.poll(() => log.join('')).toContain('ILLEGAL_SASL_STATE');
  });
});

describe('with an authority of clients', () => {
  it('only clients with a certificate of it come in', async () => {
    const listener = await start({
      ...writeTls(certified),
      WADI_KAFKA_TLS_CLIENT_CA: write('ca.pem', authority.certificate),
    });
    const own = makeCertificate({ commonName: 'client', issuer: authority });
    const foreign = makeCertificate({
      commonName: 'client',
      issuer: makeCertificate({ commonName: 'authority' }),
    });
    const ca = authority.certificate;
    await useIt(listener, { ssl: { ca, cert: own.certificate, key: own.key } });
    await expect(useIt(listener, { ssl: { ca } })).rejects.toThrow();
    await expect(
      useIt(listener, { ssl: { ca, cert: foreign.certificate, key: foreign.key } }),
    ).rejects.toThrow();
    await useIt(listener, { ssl: { ca, cert: own.certificate, key: own.key } });
  });
});

describe('when files change', () => {
  it('new connections have the new certificate, and open ones go on', async () => {
    const listener = await start(writeTls(certified));
    const producer = clientOf(listener).producer();
    await producer.connect();
    const next = makeCertificate({ commonName: 'next', issuer: authority });
    writeTls(next);
    await expect.poll(() => commonNameAt(listener), { timeout: 15_000, interval: 300 }).toBe('next');
    await producer.send({ topic: 't', messages: [{ value: 'v' }] });
    await producer.disconnect();
    await useIt(listener);
  });

  it('what is wrong is told, and what was before stays', async () => {
    const listener = await start({ ...writeTls(certified), ...writeUsers(await usersOf('ann')) });
    write(
      'certificate.pem',
      makeCertificate({ issuer: authority, validTo: new Date(Date.now() - 1_000) }).certificate,
    );
    write('users.json', '{"users": [{}]}');
    await expect
      .poll(() => log.filter((line) => line.includes('what was before stays in use')).length, {
        timeout: 15_000,
      })
      .toBe(2);
    expect(log.join('')).toContain('has expired on');
    expect(log.join('')).toContain('users[0].username must be');
    await useIt(listener, { sasl: login('scram-sha-256', 'ann') });
  });

  it('users who were added come in, and those who were removed do not', async () => {
    const listener = await start({ ...writeTls(certified), ...writeUsers(await usersOf('ann')) });
    await expect(useIt(listener, { sasl: login('plain', 'bob') })).rejects.toThrow('invalid credentials');
    writeUsers(await usersOf('bob'));
    await expect.poll(() => log.join(''), { timeout: 15_000 }).toContain('are in use');
    await useIt(listener, { sasl: login('plain', 'bob') });
    await expect(useIt(listener, { sasl: login('plain', 'ann') })).rejects.toThrow('invalid credentials');
  });

  function commonNameAt({ port }: KafkaGateway): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate }, () => {
        const { CN } = socket.getPeerCertificate().subject;
        resolve(Array.isArray(CN) ? CN[0] : CN);
        socket.end();
      });
      socket.once('error', reject);
    });
  }
});

describe('it does not start', () => {
  const other = makeCertificate();
  const tls = () => writeTls(certified);
  it.each<readonly [string, () => Readonly<Record<string, string>>, RegExp]>([
    [
      'without its certificate',
      () => ({ ...tls(), WADI_KAFKA_TLS_CERT: '/absent.pem' }),
      /^WADI_KAFKA_TLS_CERT: \/absent\.pem cannot be read: ENOENT/,
    ],
    [
      'without its key',
      () => ({ ...tls(), WADI_KAFKA_TLS_KEY: '/absent.pem' }),
      /^WADI_KAFKA_TLS_KEY: \/absent\.pem cannot be read: ENOENT/,
    ],
    [
      'with a text for a certificate',
      () => ({ ...tls(), WADI_KAFKA_TLS_CERT: write('text', 'text') }),
      /^WADI_KAFKA_TLS_CERT: .*text is no certificate in PEM/,
    ],
    [
      'with a text for a key',
      () => ({ ...tls(), WADI_KAFKA_TLS_KEY: write('text', 'text') }),
      /^WADI_KAFKA_TLS_KEY: .*text is no private key in PEM/,
    ],
    [
      'with the key of another certificate',
      () => ({ ...tls(), WADI_KAFKA_TLS_KEY: write('other', other.key) }),
      /^WADI_KAFKA_TLS_KEY: .*other is not the key of the certificate .*certificate\.pem/,
    ],
    [
      'with a text for an authority',
      () => ({ ...tls(), WADI_KAFKA_TLS_CLIENT_CA: write('text', 'text') }),
      /^WADI_KAFKA_TLS_CLIENT_CA: .*text is no certificate in PEM/,
    ],
    [
      'with a certificate that has expired',
      () => writeTls(makeCertificate({ validTo: new Date(Date.UTC(2026, 0, 1)) })),
      /^WADI_KAFKA_TLS_CERT: .* has expired on 2026-01-01T00:00:00\.000Z/,
    ],
    [
      'with a certificate of the future',
      () => writeTls(makeCertificate({ validFrom: new Date(Date.now() + 1e9) })),
      /^WADI_KAFKA_TLS_CERT: .* is not valid before /,
    ],
    [
      'without its users',
      () => ({ WADI_KAFKA_USERS: '/absent.json' }),
      /^WADI_KAFKA_USERS: \/absent\.json: ENOENT/,
    ],
    [
      'with wrong users',
      () => ({ WADI_KAFKA_USERS: write('users.json', '{"users": 1}') }),
      /^WADI_KAFKA_USERS: .*users\.json: users must be a list/,
    ],
  ])('%s', async (_what, env, message) => {
    await expect(start(env())).rejects.toThrow(message);
  });

  it('where the port is taken, and names the variable', async () => {
    const { port } = await start({});
    const { broker } = brokerOver(memoryStoresOn(clock), { autoCreateTopics: true });
    const options = readKafkaOptions(settingsOf({}, {}), '127.0.0.1');
    const deps = { terminal: { clock, dice }, broker, logger: pino({ level: 'silent' }) };
    await expect(startKafkaListener(deps, options, port)).rejects.toThrow(/in use.*WADI_KAFKA_PORT/);
  });
});

it('warns of a certificate that ends soon, of files that others may read, and of a door without a lock', async () => {
  const { chmodSync } = await import('node:fs');
  const users = writeUsers(await usersOf('ann'));
  chmodSync(users.WADI_KAFKA_USERS, 0o644);
  const soon = makeCertificate({ issuer: authority, validTo: new Date(Date.now() + 1e8) });
  await start({ ...writeTls(soon), ...users });
  expect(log.join('')).toContain('the certificate expires soon');
  expect(log.join('')).toContain('chmod 600');
  await start({ WADI_KAFKA_HOST: '0.0.0.0' });
  expect(log.join('')).toContain('any Kafka client that reaches this address');
  expect(log.join('')).toContain('set WADI_KAFKA_ADVERTISED');
});
