// Users as a file or a secret keeps them: what proves their passwords, and no password.
//
// {"users": [{"username": "ann", "SCRAM-SHA-256": <keys>, "SCRAM-SHA-512": <keys>}]}, either or both of the two, where
// <keys> is {"salt", "iterations", "storedKey", "serverKey"}, bytes in base64.
import { BrokerError } from '../../base/errors.ts';
import { HASHES, type Mechanism } from './mechanisms.ts';
import { deriveKeys, ITERATIONS_MIN, KEY_BYTES, type SaltedKeys } from './salted-keys.ts';
import type { Credentials } from './credentials.ts';
import type { Dice } from '../../base/dice.ts';

/** The mechanisms that have keys of their own; PLAIN uses either's. */
export type ScramMechanism = Exclude<Mechanism, 'PLAIN'>;

/** The stronger first: the one that PLAIN uses where there are both. */
const SCRAM: readonly ScramMechanism[] = ['SCRAM-SHA-512', 'SCRAM-SHA-256'];

/** A user's keys by mechanism, one at least. */
export type StoredUser = Readonly<Partial<Record<ScramMechanism, SaltedKeys>>>;

/** By name. */
export type StoredUsers = ReadonlyMap<string, StoredUser>;

/** A client, or PLAIN on our side, repeats a hash so often for each login: more would be an attack on either. */
export const ITERATIONS_MAX = 100_000;

const SALT_BYTES = 24;
/** What Salting asks for. */
const SALT_BYTES_MIN = 16;
const USERNAME_LENGTH_MAX = 255;

/** The keys of a password for both mechanisms, with fresh salts. Throws INVALID_CONFIG for a name that cannot be. */
export async function saltUser(
  username: string,
  password: string,
  { dice, iterations = ITERATIONS_MIN }: { readonly dice: Dice; readonly iterations?: number },
): Promise<StoredUser> {
  checkUsername(username, 'the name');
  if (password === '') throw invalid(`the password of ${username} must not be empty`);
  const keys = await Promise.all(
    SCRAM.map((mechanism) =>
      deriveKeys(password, { hash: HASHES[mechanism], salt: dice.bytes(SALT_BYTES), iterations }),
    ),
  );
  return Object.fromEntries(SCRAM.map((mechanism, index) => [mechanism, keys[index]]));
}

/** The text to keep, a line for each user, without a line feed at its end. */
export function formatUsers(users: StoredUsers): string {
  const lines = [...users].map(([username, user]) => {
    const keys = SCRAM.flatMap((mechanism) => {
      const { [mechanism]: kept } = user;
      return kept ? [[mechanism, formatKeys(kept)] as const] : [];
    });
    return JSON.stringify({ username, ...Object.fromEntries(keys) });
  });
  return lines.length === 0 ? '{"users":[]}' : `{"users":[\n${lines.join(',\n')}\n]}`;
}

const formatKeys = ({ salt, iterations, storedKey, serverKey }: SaltedKeys) => ({
  ...{ salt: base64(salt), iterations },
  ...{ storedKey: base64(storedKey), serverKey: base64(serverKey) },
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Reads what formatUsers writes. Throws INVALID_CONFIG that names the place in the text, and never repeats its keys. */
export function parseUsers(text: string): StoredUsers {
  const { users, ...rest } = asObject(parseJson(text), 'the document');
  refuseOthers(rest, 'the document');
  if (!Array.isArray(users)) throw invalid('users must be a list');
  const byName = new Map<string, StoredUser>();
  for (const [index, entry] of users.entries()) {
    const { username, ...keys } = asObject(entry, `users[${index}]`);
    const name = checkUsername(username, `users[${index}].username`);
    if (byName.has(name)) throw invalid(`user ${name} is listed twice`);
    byName.set(name, parseUser(keys, `users[${index}]`));
  }
  return byName;
}

function parseUser({ ...keys }: Readonly<Record<string, unknown>>, at: string): StoredUser {
  const found = SCRAM.flatMap((mechanism) => {
    const { [mechanism]: given } = keys;
    return given === undefined
      ? []
      : [[mechanism, parseKeys(given, mechanism, `${at}["${mechanism}"]`)] as const];
  });
  refuseOthers(Object.fromEntries(Object.entries(keys).filter(([key]) => !SCRAM.includes(key as never))), at);
  if (found.length === 0) throw invalid(`${at} must have keys of ${SCRAM.join(' or ')}`);
  return Object.fromEntries(found);
}

function parseKeys(value: unknown, mechanism: ScramMechanism, at: string): SaltedKeys {
  const hash = HASHES[mechanism];
  const { salt, iterations, storedKey, serverKey, ...rest } = asObject(value, at);
  refuseOthers(rest, at);
  if (
    typeof iterations !== 'number' ||
    !Number.isInteger(iterations) ||
    iterations < ITERATIONS_MIN ||
    iterations > ITERATIONS_MAX
  ) {
    throw invalid(
      `${at}.iterations must be ${ITERATIONS_MIN} to ${ITERATIONS_MAX}, got ${JSON.stringify(iterations)}`,
    );
  }
  const saltBytes = bytesOf(salt, `${at}.salt`);
  if (saltBytes.length < SALT_BYTES_MIN)
    throw invalid(`${at}.salt must have ${SALT_BYTES_MIN} bytes or more, got ${saltBytes.length}`);
  const keyOf = (key: unknown, name: string) => {
    const bytes = bytesOf(key, `${at}.${name}`);
    if (bytes.length === KEY_BYTES[hash]) return bytes;
    throw invalid(`${at}.${name} must have ${KEY_BYTES[hash]} bytes, got ${bytes.length}`);
  };
  const [stored, server] = [keyOf(storedKey, 'storedKey'), keyOf(serverKey, 'serverKey')];
  return { hash, salt: saltBytes, iterations, storedKey: stored, serverKey: server };
}

/** Users as the authenticator asks for them. */
export const credentialsOf = (users: StoredUsers): Credentials => ({
  find: (username, mechanism) => {
    const user = users.get(username);
    const own = SCRAM.filter((one) => mechanism === 'PLAIN' || one === mechanism);
    return Promise.resolve(own.map((one) => user?.[one]).find((keys) => keys !== undefined));
  },
});

/** Credentials that may be replaced while connections use them. */
export interface CurrentCredentials extends Credentials {
  /** Who logs in from now on is looked for there. Sessions that are open stay. */
  replace(credentials: Credentials): void;
}

/** Begins with these. */
export function currentCredentials(credentials: Credentials): CurrentCredentials {
  let current = credentials;
  return {
    find: (username, mechanism) => current.find(username, mechanism),
    replace: (next) => {
      current = next;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message repeats the text.
    throw invalid('the document must be JSON');
  }
}

function asObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(`${at} must be an object`);
}

function refuseOthers(rest: Readonly<Record<string, unknown>>, at: string): void {
  const [other] = Object.keys(rest);
  if (other === 'password') throw invalid(`${at} has a password: only salted keys are kept`);
  if (other !== undefined) throw invalid(`${at} has "${other.slice(0, 50)}", which is not known`);
}

function checkUsername(value: unknown, at: string): string {
  const isName =
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= USERNAME_LENGTH_MAX &&
    !/\p{Cc}/u.test(value);
  if (isName) return value;
  throw invalid(`${at} must be a text of 1 to ${USERNAME_LENGTH_MAX} characters without control characters`);
}

function bytesOf(value: unknown, at: string): Uint8Array {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value)) return Buffer.from(value, 'base64');
  throw invalid(`${at} must be base64`);
}

const invalid = (message: string): BrokerError => new BrokerError('INVALID_CONFIG', message);
