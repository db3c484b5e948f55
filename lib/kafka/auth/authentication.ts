// What a gateway asks of its clients before it serves them: the options, and an Authenticator for each connection.
import { BrokerError } from '../../base/errors.ts';
import { Authenticator } from './authenticator.ts';
import { MECHANISMS, type Mechanism } from './mechanisms.ts';
import type { Clock } from '../../base/clock.ts';
import type { Credentials } from './credentials.ts';
import type { Dice } from '../../base/dice.ts';

export interface AuthenticationOptions {
  readonly credentials: Credentials;
  /** Default: all. */
  readonly mechanisms?: readonly Mechanism[];
  /** Kafka's connections.max.reauth.ms. Default 0: sessions do not expire. */
  readonly sessionLifetimeMs?: number;
  /** Kafka's connection.failed.authentication.delay.ms. Default 100. */
  readonly failurePauseMs?: number;
}

/** Makes the Authenticator of each connection. */
export type NewAuthenticator = () => Authenticator;

const FAILURE_PAUSE_MS = 100;
const SECRET_BYTES = 32;

/** Throws INVALID_CONFIG where clients could use no mechanism. */
export function createAuthentication(
  {
    credentials,
    mechanisms = MECHANISMS,
    sessionLifetimeMs = 0,
    failurePauseMs = FAILURE_PAUSE_MS,
  }: AuthenticationOptions,
  { clock, dice }: { readonly clock: Clock; readonly dice: Dice },
): NewAuthenticator {
  if (mechanisms.length === 0)
    throw new BrokerError('INVALID_CONFIG', 'at least one SASL mechanism must be served');
  const secret = dice.bytes(SECRET_BYTES);
  const deps = { credentials, mechanisms, sessionLifetimeMs, failurePauseMs, clock, dice, secret };
  return () => new Authenticator(deps);
}
