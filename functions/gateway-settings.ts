// What infra tells the task of the Kafka gateway, beside what it tells every function.
import { required } from './environment.ts';

/** The names of the environment's variables; infra sets them. */
export const GATEWAY_VARIABLES = {
  /** Where the task listens for Kafka clients; the load balancer stands before it. */
  host: 'WADI_KAFKA_HOST',
  port: 'WADI_KAFKA_PORT',
  /** What clients are told to connect to: the load balancer, as `host:port`. */
  advertised: 'WADI_KAFKA_ADVERTISED',
  /** The ARN of the secret that holds what `wadi users add --print` prints. */
  usersSecret: 'WADI_KAFKA_USERS_SECRET',
  /** `true` only where the load balancer ends TLS: passwords themselves are taken then. */
  allowsPlain: 'WADI_KAFKA_ALLOWS_PLAIN',
  autoCreateTopics: 'WADI_AUTO_CREATE_TOPICS',
  /** Where the load balancer asks over HTTP whether the task takes connections. */
  healthPort: 'WADI_HEALTH_PORT',
  /** How long after SIGTERM connections are still taken: until the load balancer sends no more. */
  drainPauseMs: 'WADI_DRAIN_PAUSE_MS',
} as const;

export interface GatewaySettings {
  readonly host: string;
  readonly port: number;
  readonly advertised: { readonly host: string; readonly port: number };
  readonly usersSecret: string;
  readonly allowsPlain: boolean;
  readonly autoCreateTopics: boolean;
  readonly healthPort: number;
  readonly drainPauseMs: number;
}

const PORT_MAX = 65_535;
const DRAIN_PAUSE_MS_MAX = 60_000;

/** Reads the variables. Throws an Error that names the one that is missing or wrong, and its limits. */
export function readGatewaySettings(env: NodeJS.ProcessEnv): GatewaySettings {
  const names = GATEWAY_VARIABLES;
  return {
    host: required(env, names.host),
    port: readNumber(env, names.port, PORT_MAX),
    advertised: readAdvertised(env),
    usersSecret: required(env, names.usersSecret),
    allowsPlain: readBoolean(env, names.allowsPlain),
    autoCreateTopics: readBoolean(env, names.autoCreateTopics),
    healthPort: readNumber(env, names.healthPort, PORT_MAX),
    drainPauseMs: readNumber(env, names.drainPauseMs, DRAIN_PAUSE_MS_MAX),
  };
}

function readNumber(env: NodeJS.ProcessEnv, name: string, max: number): number {
  const text = required(env, name);
  if (/^\d{1,6}$/.test(text) && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be 0 to ${max}, got "${text}"`);
}

function readBoolean(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = required(env, name);
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`${name} must be true or false, got "${text}"`);
}

function readAdvertised(env: NodeJS.ProcessEnv): GatewaySettings['advertised'] {
  const text = required(env, GATEWAY_VARIABLES.advertised);
  const [, host = '', port = ''] = /^([a-zA-Z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== '' && Number(port) >= 1 && Number(port) <= PORT_MAX) return { host, port: Number(port) };
  throw new Error(
    `${GATEWAY_VARIABLES.advertised} must be host:port with a port of 1 to ${PORT_MAX}, got "${text}"`,
  );
}
