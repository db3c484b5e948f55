// Who may connect: the port behind which users are kept, and the list that is given at start.
import { BrokerError } from '../../base/errors.ts';
import { HASHES, type Hash, type Mechanism } from './mechanisms.ts';
import { deriveKeys, ITERATIONS_MIN, type SaltedKeys } from './salted-keys.ts';
import type { Dice } from '../../base/dice.ts';

/** Where users are kept. */
export interface Credentials {
  /** The keys of a user for a mechanism; undefined: there is no such user. Rejects where the store cannot be asked. */
  find(username: string, mechanism: Mechanism): Promise<SaltedKeys | undefined>;
}

/** A user who authenticates by a password. */
export interface User {
  readonly username: string;
  readonly password: string;
}

const SALT_BYTES = 16;

/** Users of a list, whose passwords are not kept. Rejects with INVALID_CONFIG for a name that is empty or listed twice. */
export async function listedCredentials(users: readonly User[], dice: Dice): Promise<Credentials> {
  const byName = new Map<string, Readonly<Record<Hash, SaltedKeys>>>();
  for (const { username, password } of users) {
    if (username === '' || password === '')
      throw invalid(`user "${username}" must have a name and a password`);
    if (byName.has(username)) throw invalid(`user ${username} is listed twice`);
    const [sha256, sha512] = await Promise.all([
      keysOf(password, 'sha256', dice),
      keysOf(password, 'sha512', dice),
    ]);
    byName.set(username, { sha256, sha512 });
  }
  return { find: (username, mechanism) => Promise.resolve(byName.get(username)?.[HASHES[mechanism]]) };
}

const keysOf = (password: string, hash: Hash, dice: Dice): Promise<SaltedKeys> =>
  deriveKeys(password, { hash, salt: dice.bytes(SALT_BYTES), iterations: ITERATIONS_MIN });

const invalid = (message: string): BrokerError => new BrokerError('INVALID_CONFIG', message);
