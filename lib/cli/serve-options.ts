// The embedded server's settings, from flags and the environment, checked before anything is opened.
import { GROUP_LIMITS } from '../groups/limits.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { readKafkaOptions, type KafkaFlags, type KafkaOptions } from './kafka-options.ts';
import {
  parseBoolean,
  parseHost,
  parseOneOf,
  parsePort,
  parseWholeNumber,
  settingsOf,
  type Setting,
} from './settings.ts';

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
  /** Kafka's group.initial.rebalance.delay.ms. */
  readonly initialRebalanceDelayMs: number;
}

/** Members wait no longer for a rebalance than their own timeout, which is five minutes where clients say nothing. */
const INITIAL_REBALANCE_DELAY_MS_MAX = 300_000;

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
 * WADI_LOG_LEVEL (info), WADI_AUTO_CREATE_TOPICS (true), WADI_NUM_PARTITIONS (1),
 * WADI_GROUP_INITIAL_REBALANCE_DELAY_MS (3000), and those of readKafkaOptions.
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
    partitionsDefault: parseWholeNumber(setting(undefined, 'WADI_NUM_PARTITIONS', '1'), {
      ...{ min: 1, max: TOPIC_LIMITS.partitionsMax },
    }),
    initialRebalanceDelayMs: parseWholeNumber(
      setting(
        undefined,
        'WADI_GROUP_INITIAL_REBALANCE_DELAY_MS',
        String(GROUP_LIMITS.initialRebalanceDelayMs),
      ),
      { min: 0, max: INITIAL_REBALANCE_DELAY_MS_MAX },
    ),
  };
}

const parseKafkaPort = (setting: Setting): number | undefined =>
  setting.value === 'off' ? undefined : parsePort(setting);
