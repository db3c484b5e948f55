// One exchange of a mechanism: tokens of the client in, tokens of the server out, until it is over.
import { BrokerError } from '../../base/errors.ts';
import { HASHES, type Mechanism } from './mechanisms.ts';
import { hmacOf, ITERATIONS_MIN, keysOfNobody, type SaltedKeys } from './salted-keys.ts';
import type { Credentials } from './credentials.ts';
import type { Dice } from '../../base/dice.ts';

/** What the server says to a token. `username`: who it is; set at the end, and only where it was proved. */
export interface Step {
  readonly token: Uint8Array;
  readonly username?: string;
}

/** Takes the client's tokens one after the other. Throws SASL_AUTHENTICATION_FAILED, after which it is over. */
export interface Exchange {
  step(token: Uint8Array): Promise<Step>;
}

export interface ExchangeDeps {
  readonly credentials: Credentials;
  readonly dice: Dice;
  /** Of this process: from it come the salts of users who do not exist, the same ones each time. */
  readonly secret: Uint8Array;
}

/** The error of whatever did not prove who it is. It never says what was wrong: a wrong name looks like a wrong password. */
export const failed = (mechanism: Mechanism, why = 'invalid credentials'): BrokerError =>
  new BrokerError('SASL_AUTHENTICATION_FAILED', `authentication with ${mechanism} failed: ${why}`);

const SALT_BYTES = 16;

/** The keys of a user, or ones that fit no password. */
export async function findKeys(
  { credentials, secret }: ExchangeDeps,
  username: string,
  mechanism: Mechanism,
): Promise<SaltedKeys> {
  const keys = await credentials.find(username, mechanism);
  if (keys) return keys;
  const hash = HASHES[mechanism];
  const salt = hmacOf(hash, secret, username).subarray(0, SALT_BYTES);
  return keysOfNobody({ hash, salt, iterations: ITERATIONS_MIN }, secret);
}
