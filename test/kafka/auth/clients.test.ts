// Real clients authenticate: by each mechanism, with wrong passwords, and anew while they go on.
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { listedCredentials } from '../../../lib/kafka/auth/credentials.ts';
import { kafkaJs, platformaticAdmin } from '../support/clients.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { SASLOptions } from 'kafkajs';
import type { Credentials } from '../../../lib/kafka/auth/credentials.ts';

const listed = await listedCredentials(
  [
    { username: 'alice', password: 'pencil' },
    { username: 'a,b=c', password: 'p=,q' },
  ],
  createSystemDice(),
);

let under: GatewayUnderTest | undefined;
afterEach(() => under?.stop());

async function start(sessionLifetimeMs = 0) {
  const asked: string[] = [];
  const credentials: Credentials = {
    find: (username, mechanism) => {
      asked.push(`${username} ${mechanism}`);
      return listed.find(username, mechanism);
    },
  };
  under = await startTestGateway({ authentication: { credentials, sessionLifetimeMs, failurePauseMs: 10 } });
  return { ...under, asked };
}

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const saslOf = (mechanism: (typeof MECHANISMS)[number], username: string, password: string) =>
  ({ mechanism, username, password }) as SASLOptions;

describe.each(MECHANISMS)('kafkajs with %s', (mechanism) => {
  it.each([
    ['alice', 'pencil'],
    ['a,b=c', 'p=,q'],
  ])('lets %s in, who makes a topic', async (username, password) => {
    const { address, broker, asked } = await start();
    const admin = kafkaJs({ broker: address, sasl: saslOf(mechanism, username, password) }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 't' }] });
    await admin.disconnect();
    expect((await broker.listTopics()).map(({ name }) => name)).toEqual(['t']);
    expect(asked[0]).toBe(`${username} ${mechanism.toUpperCase()}`);
  });

  it.each([
    ['alice', 'wrong'],
    ['nobody', 'pencil'],
  ])('does not let %s in with password %s', async (username, password) => {
    const { address, ends } = await start();
    const admin = kafkaJs({ broker: address, sasl: saslOf(mechanism, username, password) }).admin();
    await expect(admin.connect()).rejects.toThrow(/failed: invalid credentials/);
    await admin.disconnect();
    await expect.poll(() => ends[0]?.code).toBe('SASL_AUTHENTICATION_FAILED');
  });
});

describe('kafkajs', () => {
  it('proves anew who it is on the same connection, and goes on', async () => {
    const { address, asked, ends } = await start(11_000);
    const admin = kafkaJs({ broker: address, sasl: saslOf('scram-sha-256', 'alice', 'pencil') }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 't' }] });
    const before = asked.length;
    // kafkajs proves it anew ten seconds before its session ends.
    await expect
      .poll(async () => [(await admin.listTopics()).length, asked.length > before], {
        timeout: 8_000,
        interval: 300,
      })
      .toEqual([1, true]);
    await admin.createPartitions({ topicPartitions: [{ topic: 't', count: 2 }] });
    expect(ends).toEqual([]);
    await admin.disconnect();
  });

  it('without a password is not let in', async () => {
    const { address, ends } = await start();
    const admin = kafkaJs({ broker: address }).admin();
    await admin.connect().catch(() => undefined);
    await expect(admin.listTopics()).rejects.toThrow();
    await admin.disconnect();
    expect(ends.some((error) => error?.code === 'ILLEGAL_SASL_STATE')).toBe(true);
  });

  it('produces and consumes', async () => {
    const { address, broker } = await start();
    await broker.createTopic({ name: 't' });
    const kafka = kafkaJs({ broker: address, sasl: saslOf('plain', 'alice', 'pencil') });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 't', messages: [{ value: 'a' }] });
    await producer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.fetchTopicOffsets('t')).toMatchObject([{ high: '1' }]);
    await admin.disconnect();
  });
});

describe.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
  '@platformatic/kafka with %s',
  (mechanism) => {
    it('is let in with the right password only', async () => {
      const { address, broker } = await start();
      const admin = platformaticAdmin(address, { mechanism, username: 'alice', password: 'pencil' });
      await admin.createTopics({ topics: ['t'] });
      await admin.close();
      expect((await broker.listTopics()).map(({ name }) => name)).toEqual(['t']);
      const other = platformaticAdmin(address, { mechanism, username: 'alice', password: 'wrong' });
      await expect(other.createTopics({ topics: ['u'] })).rejects.toThrow();
      await other.close();
      expect(await broker.listTopics()).toHaveLength(1);
    });

    it('proves anew who it is while its session goes on', async () => {
      const { address, asked, ends } = await start(600);
      const admin = platformaticAdmin(address, { mechanism, username: 'alice', password: 'pencil' });
      await admin.createTopics({ topics: ['t'] });
      const before = asked.length;
      await expect.poll(() => asked.length - before, { timeout: 5_000 }).toBeGreaterThan(2);
      expect(await admin.listTopics()).toEqual(['t']);
      expect(ends.filter((error) => error !== undefined)).toEqual([]);
      await admin.close();
    });
  },
);
