// Who a connection is: nobody until it has proved it, and nobody again when its session has expired. It may prove it anew at
// any time (KIP-368).
import { BrokerError } from '../../base/errors.ts';
import { mechanismOf, type Mechanism } from './mechanisms.ts';
import { plainExchange } from './plain.ts';
import { scramExchange } from './scram.ts';
import { API_VERSIONS } from '../protocol/apis/18-api-versions.ts';
import { SASL_AUTHENTICATE } from '../protocol/apis/36-sasl-authenticate.ts';
import { SASL_HANDSHAKE } from '../protocol/apis/17-sasl-handshake.ts';
import type { Exchange, ExchangeDeps } from './exchange.ts';
import type { Clock } from '../../base/clock.ts';

export interface AuthenticatorDeps extends ExchangeDeps {
  readonly clock: Clock;
  /** Those that clients may use, in the order in which they are told. */
  readonly mechanisms: readonly Mechanism[];
  /** How long a connection may go on before it must prove anew who it is (connections.max.reauth.ms); 0: for ever. */
  readonly sessionLifetimeMs: number;
  /** How long the answer to a failure waits (connection.failed.authentication.delay.ms). */
  readonly failurePauseMs: number;
}

interface Session {
  readonly username: string;
  readonly mechanism: Mechanism;
  /** Infinity: never. */
  readonly expiresAtMs: number;
}

/** One token of the server. `sessionLifetimeMs` is 0 while the exchange goes on, and where sessions do not expire. */
export interface Authenticated {
  readonly token: Uint8Array;
  readonly sessionLifetimeMs: number;
}

/** Needed to become somebody. */
const OPEN_APIS: readonly number[] = [API_VERSIONS.apiKey, SASL_HANDSHAKE.apiKey, SASL_AUTHENTICATE.apiKey];

/** Owned by one connection. */
export class Authenticator {
  readonly #deps: AuthenticatorDeps;
  #session: Session | undefined;
  #exchange: { readonly mechanism: Mechanism; readonly steps: Exchange } | undefined;
  #expectsBareTokens = false;

  constructor(deps: AuthenticatorDeps) {
    this.#deps = deps;
  }

  get mechanisms(): readonly Mechanism[] {
    return this.#deps.mechanisms;
  }

  get failurePauseMs(): number {
    return this.#deps.failurePauseMs;
  }

  /** Whether it has proved who it is, and not too long ago. */
  get isAuthenticated(): boolean {
    return this.#session !== undefined && this.#deps.clock.now() < this.#session.expiresAtMs;
  }

  /** Throws ILLEGAL_SASL_STATE where the next frame can be no request. */
  checkFrame(): void {
    if (!this.#expectsBareTokens) return;
    const message =
      'after SaslHandshake version 0 come tokens that are no requests, which are not served: use version 1';
    throw new BrokerError('ILLEGAL_SASL_STATE', message);
  }

  /** Throws ILLEGAL_SASL_STATE for a request that nobody, or this one no more, may send. */
  check(apiKey: number): void {
    if (OPEN_APIS.includes(apiKey) || this.isAuthenticated) return;
    const why = this.#session
      ? `the session of ${this.#session.username} has expired`
      : 'not authenticated yet';
    throw new BrokerError('ILLEGAL_SASL_STATE', `${why}: API key ${apiKey} is refused`);
  }

  /** Begins an exchange. Throws UNSUPPORTED_SASL_MECHANISM, and ILLEGAL_SASL_STATE where one is under way. */
  begin(name: string, apiVersion: number): void {
    if (this.#exchange)
      throw outOfOrder('SaslHandshake', `an exchange of ${this.#exchange.mechanism} is under way`);
    const mechanism = mechanismOf(name);
    if (!mechanism || !this.mechanisms.includes(mechanism)) {
      const message = `mechanism "${name.slice(0, 50)}" is not served, but ${this.mechanisms.join(', ')}`;
      throw new BrokerError('UNSUPPORTED_SASL_MECHANISM', message);
    }
    if (this.#session && this.#session.mechanism !== mechanism) {
      throw outOfOrder('SaslHandshake', `the session is one of ${this.#session.mechanism}, got ${mechanism}`);
    }
    this.#expectsBareTokens = apiVersion === 0;
    const steps = mechanism === 'PLAIN' ? plainExchange(this.#deps) : scramExchange(this.#deps, mechanism);
    this.#exchange = { mechanism, steps };
  }

  /** Takes one token of the exchange. Throws SASL_AUTHENTICATION_FAILED, and ILLEGAL_SASL_STATE where none is under way. */
  async step(token: Uint8Array): Promise<Authenticated> {
    const exchange = this.#exchange;
    if (!exchange) throw outOfOrder('SaslAuthenticate', 'SaslHandshake comes first');
    const step = await exchange.steps.step(token);
    if (step.username === undefined) return { token: step.token, sessionLifetimeMs: 0 };
    this.#exchange = undefined;
    this.#open(step.username, exchange.mechanism);
    return { token: step.token, sessionLifetimeMs: this.#deps.sessionLifetimeMs };
  }

  #open(username: string, mechanism: Mechanism): void {
    if (this.#session && this.#session.username !== username) {
      const message = `the session is that of ${this.#session.username}, and must stay so`;
      throw new BrokerError('SASL_AUTHENTICATION_FAILED', message);
    }
    const { clock, sessionLifetimeMs } = this.#deps;
    const expiresAtMs = sessionLifetimeMs > 0 ? clock.now() + sessionLifetimeMs : Infinity;
    this.#session = { username, mechanism, expiresAtMs };
  }
}

const outOfOrder = (api: string, why: string): BrokerError =>
  new BrokerError('ILLEGAL_SASL_STATE', `${api} is out of order: ${why}`);
