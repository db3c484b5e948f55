// The embedded server's settings, from flags and the environment, checked before anything is opened.
import { isIP } from 'node:net';
import { usageError } from './exit.ts';

/** Pino's levels, from quiet to loud. */
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ServeOptions {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** For Kafka clients. 0: one that is free; undefined: none. */
  readonly kafkaPort: number | undefined;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  /** Kafka's auto.create.topics.enable. */
  readonly autoCreateTopics: boolean;
}

/** Flags as they were given; they go before the environment. */
export interface ServeFlags {
  readonly host?: string;
  readonly port?: string;
  readonly kafkaPort?: string;
  readonly dataDir?: string;
}

const PORT_MAX = 65_535;

/** A value and the name under which the user gave it, for the message. */
interface Setting {
  readonly name: string;
  readonly value: string;
}

/**
 * Settings in force. An empty variable counts as absent. Throws a usage error that names the flag or the variable:
 * WADI_HTTP_HOST (127.0.0.1), WADI_HTTP_PORT (8082), WADI_KAFKA_PORT (9092, `off` for none), WADI_DATA_DIR (./wadi-data), WADI_LOG_LEVEL (info),
 * WADI_AUTO_CREATE_TOPICS (true).
 */
export function readServeOptions(
  env: Readonly<Record<string, string | undefined>>,
  flags: ServeFlags = {},
): ServeOptions {
  const setting = (flag: keyof ServeFlags | undefined, variable: string, otherwise: string): Setting => {
    const given = flag === undefined ? undefined : flags[flag];
    if (flag !== undefined && given !== undefined) return { name: FLAG_NAMES[flag], value: given };
    return { name: variable, value: env[variable] || otherwise };
  };
  return {
    host: parseHost(setting('host', 'WADI_HTTP_HOST', '127.0.0.1')),
    port: parsePort(setting('port', 'WADI_HTTP_PORT', '8082')),
    kafkaPort: parseKafkaPort(setting('kafkaPort', 'WADI_KAFKA_PORT', '9092')),
    dataDir: setting('dataDir', 'WADI_DATA_DIR', 'wadi-data').value,
    logLevel: parseLogLevel(setting(undefined, 'WADI_LOG_LEVEL', 'info')),
    autoCreateTopics: parseBoolean(setting(undefined, 'WADI_AUTO_CREATE_TOPICS', 'true')),
  };
}

const FLAG_NAMES: Readonly<Record<keyof ServeFlags, string>> = {
  host: '--host',
  port: '--port',
  kafkaPort: '--kafka-port',
  dataDir: '--data-dir',
};

function parsePort({ name, value }: Setting): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= PORT_MAX) return Number(value);
  throw usageError(`${name} must be 0 to ${PORT_MAX}, got "${value}"`);
}

const parseKafkaPort = (setting: Setting): number | undefined =>
  setting.value === 'off' ? undefined : parsePort(setting);

function parseHost({ name, value }: Setting): string {
  if (isIP(value) !== 0 || /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(value)) return value;
  throw usageError(`${name} must be an address or a host name, got "${value}"`);
}

function parseBoolean({ name, value }: Setting): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw usageError(`${name} must be true or false, got "${value}"`);
}

function parseLogLevel({ name, value }: Setting): LogLevel {
  const level = LOG_LEVELS.find((one) => one === value);
  if (level !== undefined) return level;
  throw usageError(`${name} must be one of ${LOG_LEVELS.join(', ')}, got "${value}"`);
}
