// Users as a file or a secret keeps them: what is written is read again, and nothing else is.
import { describe, expect, it } from 'vitest';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { isPasswordOf } from '../../../lib/kafka/auth/salted-keys.ts';
import {
  credentialsOf,
  currentCredentials,
  formatUsers,
  parseUsers,
  saltUser,
} from '../../../lib/kafka/auth/stored-users.ts';

const dice = createSystemDice();
const ann = await saltUser('ann', 'pencil', { dice });
const text = formatUsers(new Map([['ann', ann]]));
const changed = (change: (user: Record<string, Record<string, unknown>>) => unknown): string => {
  const { users } = JSON.parse(text) as { users: Record<string, Record<string, unknown>>[] };
  const [user] = users;
  const next = change(user as Record<string, Record<string, unknown>>);
  return JSON.stringify({ users: [next ?? user] });
};

describe('users', () => {
  it('are read as they were written, with keys of their passwords and without the passwords', async () => {
    const users = parseUsers(text);
    expect(formatUsers(users)).toBe(text);
    expect(text).not.toContain('pencil');
    for (const keys of Object.values(users.get('ann') ?? {})) {
      expect(await isPasswordOf(keys, 'pencil')).toBe(true);
      expect(await isPasswordOf(keys, 'Pencil')).toBe(false);
    }
    expect(parseUsers(formatUsers(new Map()))).toEqual(new Map());
  });

  it('have other salts each time', async () => {
    expect((await saltUser('ann', 'pencil', { dice }))['SCRAM-SHA-512']?.salt).not.toEqual(
      ann['SCRAM-SHA-512']?.salt,
    );
  });

  it('are found by mechanism, and by PLAIN with whatever keys there are', async () => {
    const { 'SCRAM-SHA-256': sha256 } = ann;
    const some = { ...(sha256 && { 'SCRAM-SHA-256': sha256 }) };
    const credentials = credentialsOf(
      new Map([
        ['ann', ann],
        ['bob', some],
      ]),
    );
    expect(await credentials.find('ann', 'PLAIN')).toBe(ann['SCRAM-SHA-512']);
    expect(await credentials.find('ann', 'SCRAM-SHA-256')).toBe(sha256);
    expect(await credentials.find('bob', 'PLAIN')).toBe(sha256);
    expect(await credentials.find('bob', 'SCRAM-SHA-512')).toBeUndefined();
    expect(await credentials.find('eve', 'PLAIN')).toBeUndefined();
  });

  it('may be replaced', async () => {
    const current = currentCredentials(credentialsOf(new Map()));
    expect(await current.find('ann', 'PLAIN')).toBeUndefined();
    current.replace(credentialsOf(new Map([['ann', ann]])));
    expect(await current.find('ann', 'PLAIN')).toBeDefined();
  });

  it.each([
    ['{', 'the document must be JSON'],
    ['[]', 'the document must be an object'],
    ['{"users": {}}', 'users must be a list'],
    ['{"users": [], "more": 1}', 'the document has "more", which is not known'],
    ['{"users": [1]}', 'users[0] must be an object'],
    ['{"users": [{}]}', 'users[0].username must be a text of 1 to 255 characters'],
    ['{"users": [{"username": "a"}]}', 'users[0] must have keys of SCRAM-SHA-512 or SCRAM-SHA-256'],
    ['{"users": [{"username": "a", "password": "p"}]}', 'users[0] has a password: only salted keys are kept'],
    [changed((user) => ({ ...user, username: 'a\u0000b' })), 'without control characters'],
    [changed((user) => ({ ...user, 'SCRAM-SHA-1': {} })), 'users[0] has "SCRAM-SHA-1", which is not known'],
    [
      changed((user) => ({ ...user, 'SCRAM-SHA-256': { ...user['SCRAM-SHA-256'], iterations: 4_095 } })),
      'users[0]["SCRAM-SHA-256"].iterations must be 4096 to 100000, got 4095',
    ],
    [
      changed((user) => ({ ...user, 'SCRAM-SHA-256': { ...user['SCRAM-SHA-256'], iterations: 100_001 } })),
      'got 100001',
    ],
    [
      changed((user) => ({ ...user, 'SCRAM-SHA-512': { ...user['SCRAM-SHA-512'], storedKey: 'AAAA' } })),
      'users[0]["SCRAM-SHA-512"].storedKey must have 64 bytes, got 3',
    ],
    [
      changed((user) => ({ ...user, 'SCRAM-SHA-512': { ...user['SCRAM-SHA-512'], salt: 'AAAA' } })),
      'users[0]["SCRAM-SHA-512"].salt must have 16 bytes or more, got 3',
    ],
    [
      changed((user) => ({ ...user, 'SCRAM-SHA-512': { ...user['SCRAM-SHA-512'], serverKey: '?' } })),
      'users[0]["SCRAM-SHA-512"].serverKey must be base64',
    ],
  ])('are refused: %s', (wrong, message) => {
    expect(() => parseUsers(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
    expect(() => parseUsers(wrong)).toThrow(message);
  });

  it('are refused where one is listed twice', () => {
    const { users } = JSON.parse(text) as { users: unknown[] };
    expect(() => parseUsers(JSON.stringify({ users: [...users, ...users] }))).toThrow(
      'user ann is listed twice',
    );
  });

  it('have a name and a password', async () => {
    await expect(saltUser('', 'p', { dice })).rejects.toThrow('the name must be');
    await expect(saltUser('a', '', { dice })).rejects.toThrow('password of a must not be empty');
  });
});
