// PLAIN and SCRAM, token by token: who proves it is let in, and every other token is refused.
import { describe, expect, it } from 'vitest';
import { createSeededDice } from '../../../lib/base/seeded-dice.ts';
import { listedCredentials } from '../../../lib/kafka/auth/credentials.ts';
import { plainExchange } from '../../../lib/kafka/auth/plain.ts';
import { deriveKeys, hmacOf, isPasswordOf } from '../../../lib/kafka/auth/salted-keys.ts';
import { scramExchange } from '../../../lib/kafka/auth/scram.ts';
import { scramClient, type ScramClientOptions } from '../support/scram-client.ts';

const dice = createSeededDice(1);
const credentials = await listedCredentials(
  [
    { username: 'alice', password: 'pencil' },
    { username: 'a,b=c', password: 'pässword, = \u0000' },
  ],
  dice,
);
const deps = { credentials, dice, secret: dice.bytes(32) };

const text = (token: Uint8Array): string => Buffer.from(token).toString();
const refused = { code: 'SASL_AUTHENTICATION_FAILED', outcome: 'not-applied' };

describe('salted keys', () => {
  // The example of RFC 7677, section 3.
  it('are those of the RFC', async () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    const keys = await deriveKeys('pencil', { hash: 'sha256', salt, iterations: 4096 });
    const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    const authMessage =
      `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,` + `c=biws,r=${nonce}`;
    expect(hmacOf('sha256', keys.serverKey, authMessage).toString('base64')).toBe(
      '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    );
    expect(await isPasswordOf(keys, 'pencil')).toBe(true);
    expect(await isPasswordOf(keys, 'pencil ')).toBe(false);
  });

  it('are never made with fewer iterations than clients take', async () => {
    await expect(
      deriveKeys('pencil', { hash: 'sha256', salt: dice.bytes(16), iterations: 4095 }),
    ).rejects.toThrow('at least 4096 iterations, got 4095');
  });

  it('of two users with one password differ', async () => {
    const users = ['a', 'b'].map((username) => ({ username, password: 'same' }));
    const both = await listedCredentials(users, dice);
    const [a, b] = [await both.find('a', 'PLAIN'), await both.find('b', 'PLAIN')];
    expect(a?.storedKey).not.toEqual(b?.storedKey);
  });

  it.each([
    ['no name', [{ username: '', password: 'x' }]],
    ['no password', [{ username: 'a', password: '' }]],
    [
      'a name twice',
      [
        { username: 'a', password: 'x' },
        { username: 'a', password: 'y' },
      ],
    ],
  ])('are not made for %s', async (_what, users) => {
    await expect(listedCredentials(users, dice)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

describe('PLAIN', () => {
  const step = (message: string) => plainExchange(deps).step(Buffer.from(message));

  it.each(['\0alice\0pencil', 'alice\0alice\0pencil'])('lets in %j', async (message) => {
    expect(await step(message)).toEqual({ token: new Uint8Array(0), username: 'alice' });
  });

  it.each([
    '\0alice\0pencil2',
    '\0alice\0',
    '\0alice\0PENCIL',
    '\0\0pencil',
    '\0bob\0pencil',
    'bob\0alice\0pencil',
    '\0alice\0pencil\0',
    '\0alice',
    '',
    '\0__proto__\0pencil',
    '\0Alice\0pencil',
    'alice\0pencil',
  ])('refuses %j', async (message) => {
    await expect(step(message)).rejects.toMatchObject(refused);
  });

  it('does not tell a wrong name from a wrong password', async () => {
    const messages = await Promise.all(
      ['\0alice\0wrong', '\0nobody\0wrong'].map((message) =>
        step(message).catch((error: unknown) => String(error)),
      ),
    );
    expect(new Set(messages).size).toBe(1);
  });
});

describe.each([
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-512', 'sha512'],
] as const)('%s', (mechanism, hash) => {
  const alice: ScramClientOptions = { hash, username: 'alice', password: 'pencil' };

  async function run(options: ScramClientOptions, changeFinal = (final: string) => final) {
    const exchange = scramExchange(deps, mechanism);
    const client = scramClient(options);
    const serverFirst = text((await exchange.step(Buffer.from(client.first))).token);
    const { final, serverFinal } = client.prove(serverFirst);
    const last = await exchange.step(Buffer.from(changeFinal(final)));
    return { serverFirst, expected: serverFinal, verifier: text(last.token), username: last.username };
  }

  it.each([
    alice,
    { ...alice, gs2Header: 'y,,' },
    { ...alice, gs2Header: 'n,a=alice,' },
    { hash, username: 'a,b=c', password: 'pässword, = \u0000' },
  ])('lets in %j, and proves that the server knows the password', async (options) => {
    const { serverFirst, verifier, expected, username } = await run(options);
    expect(serverFirst).toMatch(/^r=client-nonce.{32},s=[A-Za-z0-9+/]{22}==,i=4096$/);
    expect([username, verifier]).toEqual([options.username, expected]);
  });

  it('uses a nonce once', async () => {
    expect((await run(alice)).serverFirst).not.toBe((await run(alice)).serverFirst);
  });

  it.each([
    { ...alice, password: 'pencil2' },
    { ...alice, username: 'nobody' },
    { ...alice, username: '__proto__' },
  ])('refuses %j only at the end', async (options) => {
    await expect(run(options)).rejects.toMatchObject(refused);
    const first = () => scramExchange(deps, mechanism).step(Buffer.from(scramClient(options).first));
    const salts = [text((await first()).token), text((await first()).token)].map(
      (one) => /,s=.*/.exec(one)?.[0],
    );
    expect(salts[0]).toMatch(/^,s=.{24},i=4096$/);
    expect(salts[1]).toBe(salts[0]);
  });

  it.each([
    ['an empty proof', (final: string) => final.replace(/,p=.*/, ',p=')],
    ['no proof', (final: string) => final.replace(/,p=.*/, '')],
    ['a proof that is too short', (final: string) => final.replace(/,p=.*/, ',p=AAAA')],
    [
      'a proof of zeros',
      (final: string) =>
        final.replace(/,p=.*/, `,p=${Buffer.alloc(hash === 'sha256' ? 32 : 64).toString('base64')}`),
    ],
    [
      'a proof with more after it',
      (final: string) => {
        const [said = '', proof = ''] = final.split(',p=');
        const longer = Buffer.concat([Buffer.from(proof, 'base64'), Buffer.from('x')]);
        return `${said},p=${longer.toString('base64')}`;
      },
    ],
    ['a proof that is no base64', (final: string) => `${final}=`],
    ['another nonce', (final: string) => final.replace('r=client', 'r=Client')],
    ['a longer nonce', (final: string) => final.replace(',p=', 'x,p=')],
    [
      'another channel binding',
      (final: string) => final.replace('c=biws', `c=${Buffer.from('y,,').toString('base64')}`),
    ],
    ['an extension that the proof does not cover', (final: string) => final.replace(',p=', ',x=1,p=')],
    ['nothing', () => ''],
  ])('refuses %s', async (_what, changeFinal) => {
    await expect(run(alice, changeFinal)).rejects.toMatchObject(refused);
  });

  it.each([
    ['another nonce', (said: string) => said.replace('r=client', 'r=Client')],
    ['a longer nonce', (said: string) => `${said}x`],
    ['another channel binding', (said: string) => said.replace('c=biws', 'c=eSws')],
    ['no channel binding', (said: string) => said.replace('c=biws', 'c=')],
  ])('refuses %s, also where the proof covers it', async (_what, change) => {
    const exchange = scramExchange(deps, mechanism);
    const client = scramClient(alice);
    const { token } = await exchange.step(Buffer.from(client.first));
    const { final } = client.prove(text(token), change);
    await expect(exchange.step(Buffer.from(final))).rejects.toMatchObject(refused);
  });

  it('takes extensions that it need not understand, where the proof covers them', async () => {
    const exchange = scramExchange(deps, mechanism);
    const client = scramClient(alice);
    const { token } = await exchange.step(Buffer.from(client.first));
    const { final, serverFinal } = client.prove(text(token), (said) => `${said},x=1`);
    expect(text((await exchange.step(Buffer.from(final))).token)).toBe(serverFinal);
  });

  it.each([
    '',
    'n,,',
    'n,,n=alice',
    'n,,r=x,n=alice',
    'n,,n=,r=x',
    'n,,n=alice,r=',
    'n,,n=al=ice,r=x',
    'n,,m=1,n=alice,r=x',
    'p=tls-unique,,n=alice,r=x',
    'n,a=bob,n=alice,r=x',
    'n,,n=alice,r=x y',
    'n,,n=alice,r=x,tokenauth=true',
    'x,,n=alice,r=x',
    '\0alice\0pencil',
  ])('refuses %j as a first message', async (first) => {
    await expect(scramExchange(deps, mechanism).step(Buffer.from(first))).rejects.toMatchObject(refused);
  });
});
