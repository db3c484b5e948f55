// What a handler is: one API, the versions of it that are served, and how a request of it is answered.
import { ERROR_CODES, toBrokerError, type BrokerError, type ErrorCode } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Dice } from '../../base/dice.ts';
import type { Broker } from '../../broker/broker.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { KafkaLimits } from '../limits.ts';
import type { ApiSchema, RequestOf, ResponseOf } from '../protocol/schema.ts';

/** Where clients find the gateway. All gateways look the same to them: one node that leads everything. */
export interface AdvertisedNode {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Kafka's name of how clients speak to it. */
  readonly securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
}

export interface HandlerDeps {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly limits: KafkaLimits;
  readonly node: AdvertisedNode;
  /** Of answers that clients have not read yet. */
  readonly answerBytes: ByteBudget;
  /** Versions served by API key: what ApiVersions answers. */
  readonly served: ReadonlyMap<number, ServedVersions>;
}

/** Both inclusive, as in Kafka. `advertisedMin`: what ApiVersions says, where that is less. */
export interface ServedVersions {
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly advertisedMin?: number;
}

/** One request, and who sent it. */
export interface RequestContext extends HandlerDeps {
  readonly apiVersion: number;
  readonly clientId: string;
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  /** Aborted when the connection has gone, or the gateway stops. */
  readonly signal: AbortSignal;
  /** Undefined: nobody need authenticate. */
  readonly authenticator: Authenticator | undefined;
  /** No other request is taken, and the connection ends when the answer to this one is sent. */
  readonly endAfterAnswer: (error: BrokerError) => void;
  /** Called once the answer is in the client's hands, or never will be: gives back what it took of a budget. */
  readonly onAnswered: (release: () => void) => void;
}

export interface Handler<A extends ApiSchema = ApiSchema> extends Partial<ServedVersions> {
  readonly schema: A;
  /** Requests of this API may overlap on one connection; all others are carried out one after the other. */
  readonly mayOverlap?: boolean;
  /** undefined: the request has no answer. Throws BrokerError for what no field of the answer can tell: that ends the connection. */
  readonly handle: (context: RequestContext, request: RequestOf<A>) => Promise<ResponseOf<A> | undefined>;
}

/** A handler as one among others. */
export const handler = <A extends ApiSchema>(of: Handler<A>): Handler => of;

/** The number of an error on the wire. */
export const codeOf = (code: ErrorCode): number => ERROR_CODES[code].wire;

/** Of whatever was thrown: its number on the wire and its message. */
export function errorOf(thrown: unknown): { readonly errorCode: number; readonly errorMessage: string } {
  const { code, message } = toBrokerError(thrown);
  return { errorCode: codeOf(code), errorMessage: message };
}

/** The leader epoch of every partition, always: nobody is ever elected. */
export const LEADER_EPOCH = 0;
