// A password as it is kept (RFC 5802): salted, derived slowly, and of no use to log in with.
//
// SaltedPassword := PBKDF2(password, salt, iterations); ClientKey := HMAC(SaltedPassword, "Client Key");
// StoredKey := H(ClientKey); ServerKey := HMAC(SaltedPassword, "Server Key")
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { assert } from '../../base/assert.ts';
import type { Hash } from './mechanisms.ts';

const derive = promisify(pbkdf2);

/** Fewer may not be asked of clients (RFC 7677); Kafka refuses fewer, too. */
export const ITERATIONS_MIN = 4_096;

/** Of a stored key and a server key. */
export const KEY_BYTES = { sha256: 32, sha512: 64 } as const satisfies Record<Hash, number>;

/** What proves a password without holding it. */
export interface SaltedKeys {
  readonly hash: Hash;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface Salting {
  readonly hash: Hash;
  /** Random, at least 16 bytes. */
  readonly salt: Uint8Array;
  /** At least ITERATIONS_MIN. */
  readonly iterations: number;
}

/** HMAC. */
export const hmacOf = (hash: Hash, key: Uint8Array, data: Uint8Array | string): Buffer =>
  createHmac(hash, key).update(data).digest();

/** StoredKey of a ClientKey. */
export const storedKeyOf = (hash: Hash, clientKey: Uint8Array): Buffer =>
  createHash(hash).update(clientKey).digest();

/**
 * The keys of a password, as UTF-8: like Kafka and the common clients, without SASLprep. Derived beside the event loop.
 */
export async function deriveKeys(password: string, { hash, salt, iterations }: Salting): Promise<SaltedKeys> {
  assert(iterations >= ITERATIONS_MIN, `at least ${ITERATIONS_MIN} iterations, got ${iterations}`);
  const salted = await derive(password, salt, iterations, KEY_BYTES[hash], hash);
  return {
    ...{ hash, salt, iterations },
    storedKey: storedKeyOf(hash, hmacOf(hash, salted, 'Client Key')),
    serverKey: hmacOf(hash, salted, 'Server Key'),
  };
}

/** Whether two keys are the same; takes as long either way. */
export const isSameKey = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** Whether these are the keys of the password. */
export async function isPasswordOf(keys: SaltedKeys, password: string): Promise<boolean> {
  const { storedKey } = await deriveKeys(password, keys);
  return isSameKey(storedKey, keys.storedKey);
}

/** Keys that no password has, for a name that nobody has: what is done with them takes as long as with real ones. */
export function keysOfNobody({ hash, salt, iterations }: Salting, secret: Uint8Array): SaltedKeys {
  const key = hmacOf(hash, secret, salt);
  return { hash, salt, iterations, storedKey: key, serverKey: key };
}
