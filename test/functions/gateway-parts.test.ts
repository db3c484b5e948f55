// Parts of the gateway's task by themselves: users that change while it runs, and signatures as the SDK makes them.
import { createHash, createHmac, type BinaryLike } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { followUsers, READ_EVERY_MS } from '../../functions/secret-users.ts';
import { signRequest } from '../../functions/sign-request.ts';
import { createSystemDice } from '../../lib/base/dice.ts';
import { formatUsers, saltUser } from '../../lib/kafka/auth/stored-users.ts';
import { createManualClock } from '../support/manual-clock.ts';

const documentOf = async (name: string): Promise<string> =>
  formatUsers(new Map([[name, await saltUser(name, 'pencil', { dice: createSystemDice() })]]));

describe('users in a secret', () => {
  it('are read anew each minute; what is wrong or cannot be read changes nothing', async () => {
    const clock = createManualClock();
    const stopping = new AbortController();
    const [ann, bob] = [await documentOf('ann'), await documentOf('bob')];
    let read = () => Promise.resolve(ann);
    const counts: number[] = [];
    const errors: unknown[] = [];
    const credentials = await followUsers(() => read(), {
      ...{ clock, signal: stopping.signal },
      onRead: (users) => counts.push(users),
      onError: (error) => errors.push(error),
    });
    const has = async (name: string) => (await credentials.find(name, 'PLAIN')) !== undefined;
    expect([await has('ann'), await has('bob')]).toEqual([true, false]);
    read = () => Promise.resolve('{"users": 1}');
    await clock.advance(READ_EVERY_MS);
    read = () => Promise.reject(new Error('no answer'));
    await clock.advance(READ_EVERY_MS);
    expect(errors.map(String)).toEqual([expect.stringContaining('users must be a list'), 'Error: no answer']);
    expect(await has('ann')).toBe(true);
    read = () => Promise.resolve(bob);
    await clock.advance(READ_EVERY_MS - 1);
    expect(await has('bob')).toBe(false);
    await clock.advance(1);
    expect([await has('ann'), await has('bob')]).toEqual([false, true]);
    expect(counts).toEqual([1, 1]);
    stopping.abort();
    await clock.advance(0);
    expect(clock.sleepers).toBe(0);
  });

  it('must be there at start', async () => {
    const options = { clock: createManualClock(), signal: new AbortController().signal };
    const follow = (read: () => Promise<string>) =>
      followUsers(read, { ...options, onRead: () => undefined, onError: () => undefined });
    await expect(follow(() => Promise.reject(new Error('no such secret')))).rejects.toThrow('no such secret');
    await expect(follow(() => Promise.resolve('pencil'))).rejects.toThrow('the document must be JSON');
  });
});

/** Node's SHA-256 in the shape that the SDK's signer takes. */
class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike);
  }
  update(data: unknown): void {
    this.#hash.update(data as BinaryLike);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset(): void {
    throw new Error('each is used once');
  }
}

it.each([
  ['GET', 'https://bucket.s3.us-east-1.amazonaws.com/0f.mjs', '', {}, undefined],
  [
    'POST',
    'https://secretsmanager.eu-west-1.amazonaws.com/',
    '{"SecretId":"a"}',
    { 'x-amz-target': 'a.b' },
    'token',
  ],
] as const)('signs a %s as the SDK does', async (method, text, body, headers, sessionToken) => {
  const url = new URL(text);
  const credentials = {
    accessKeyId: 'AKID',
    secretAccessKey: 'secret',
    ...(sessionToken && { sessionToken }),
  };
  const scope = { service: 's3', region: 'us-east-1', nowMs: Date.UTC(2026, 10, 25, 19, 0, 1) };
  const signer = new SignatureV4({ ...scope, credentials, sha256: Sha256, uriEscapePath: false });
  const expected = await signer.sign(
    {
      ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: {}, body },
      headers: { ...headers, host: url.host },
    },
    { signingDate: new Date(scope.nowMs) },
  );
  const signed = signRequest({ method, url, headers, body }, credentials, scope);
  expect({ ...signed, host: url.host }).toEqual(expected.headers);
});
