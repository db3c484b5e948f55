// The embedded server's settings, from flags and the environment, checked before anything is opened.
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { usageError } from './exit.ts';
import { readKafkaOptions, type KafkaFlags, type KafkaOptions } from './kafka-options.ts';
import { parseBoolean, parseHost, parseOneOf, parsePort, settingsOf, type Setting } from './settings.ts';

/** Pino's levels, from quiet to loud. */
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ServeOptions {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** For Kafka clients. 0: one that is free; undefined: none. */
  readonly kafkaPort: number | undefined;
  readonly kafka: KafkaOptions;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  /** Kafka's auto.create.topics.enable. */
  readonly autoCreateTopics: boolean;
  /** Kafka's num.partitions. */
  readonly partitionsDefault: number;
}

/** Flags as they were given; they go before the environment. */
export interface ServeFlags extends KafkaFlags {
  readonly host?: string;
  readonly port?: string;
  readonly kafkaPort?: string;
  readonly dataDir?: string;
}

/**
 * Settings in force. An empty variable counts as absent. Throws a usage error that names the flag or the variable:
 * WADI_HTTP_HOST (127.0.0.1), WADI_HTTP_PORT (8082), WADI_KAFKA_PORT (9092, `off` for none), WADI_DATA_DIR (./wadi-data),
 * WADI_LOG_LEVEL (info), WADI_AUTO_CREATE_TOPICS (true), WADI_NUM_PARTITIONS (1), and those of readKafkaOptions.
 */
export function readServeOptions(
  env: Readonly<Record<string, string | undefined>>,
  flags: ServeFlags = {},
): ServeOptions {
  const setting = settingsOf(env, { ...flags });
  const host = parseHost(setting('host', 'WADI_HTTP_HOST', '127.0.0.1'));
  return {
    host,
    port: parsePort(setting('port', 'WADI_HTTP_PORT', '8082')),
    kafkaPort: parseKafkaPort(setting('kafkaPort', 'WADI_KAFKA_PORT', '9092')),
    kafka: readKafkaOptions(setting, host),
    dataDir: setting('dataDir', 'WADI_DATA_DIR', 'wadi-data').value,
    logLevel: parseOneOf(setting(undefined, 'WADI_LOG_LEVEL', 'info'), LOG_LEVELS),
    autoCreateTopics: parseBoolean(setting(undefined, 'WADI_AUTO_CREATE_TOPICS', 'true')),
    partitionsDefault: parsePartitions(setting(undefined, 'WADI_NUM_PARTITIONS', '1')),
  };
}

const parseKafkaPort = (setting: Setting): number | undefined =>
  setting.value === 'off' ? undefined : parsePort(setting);

function parsePartitions({ name, value }: Setting): number {
  const { partitionsMax } = TOPIC_LIMITS;
  if (/^[1-9]\d{0,9}$/.test(value) && Number(value) <= partitionsMax) return Number(value);
  throw usageError(`${name} must be 1 to ${partitionsMax}, got "${value}"`);
}
