// Topic configs decided: what may be set, what is in force, and what the log needs of it as typed values.
import { assert, present } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import { CONFIG_DEFINITIONS, CONFIG_VALUE_CHARS_MAX, type ConfigDefinition } from './config-definitions.ts';
import type { TopicConfig } from './topic.ts';

/** Configs by name, as they are sent and stored. */
export type Configs = Readonly<Record<string, string>>;

/** The topic configs that the log works with. Times and sizes without a limit are Infinity. */
export interface LogConfig {
  /** max.message.bytes: of a whole record batch as it is stored. */
  readonly messageBytesMax: number;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  /** How far a record's timestamp may lie before and after now. */
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** cleanup.policy; both may be set, or neither. */
  readonly isCompacted: boolean;
  readonly isDeleted: boolean;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly compressionType: string;
  readonly minInsyncReplicas: number;
}

const BY_NAME: ReadonlyMap<string, ConfigDefinition> = new Map(
  CONFIG_DEFINITIONS.map((definition) => [definition.name, definition]),
);

const TYPE_RANGES = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/**
 * Checks configs and answers them in the form in which they are stored: trimmed, booleans in lower case, numbers without
 * sign and zeros in front. Throws INVALID_CONFIG that names the config and the limit.
 */
export function validateConfigs(configs: Configs): Configs {
  const valid = Object.fromEntries(
    Object.entries(configs).map(([name, value]) => [name, validateConfig(name, value)]),
  );
  const [min, max] = ['min.compaction.lag.ms', 'max.compaction.lag.ms'] as const;
  if (BigInt(valueOf(valid, min)) > BigInt(valueOf(valid, max))) {
    throw invalid(min, `must be at most ${max}, ${valueOf(valid, max)}, got ${valueOf(valid, min)}`);
  }
  return valid;
}

function validateConfig(name: string, value: string): string {
  const definition = BY_NAME.get(name);
  if (!definition) {
    throw new BrokerError('INVALID_CONFIG', `unknown topic config ${quote(name)}`, { field: 'configs' });
  }
  if (value.length > CONFIG_VALUE_CHARS_MAX) {
    throw invalid(name, `must have at most ${CONFIG_VALUE_CHARS_MAX} characters, got ${value.length}`);
  }
  switch (definition.type) {
    case 'int':
    case 'long':
      return validateInteger(definition, definition.type, value.trim());
    case 'double':
      return validateDouble(definition, value.trim());
    case 'boolean':
      return validateBoolean(definition, value.trim().toLowerCase());
    case 'list':
      return validateList(definition, value.trim());
    case 'string':
      return validateElement(definition, value);
  }
}

function validateInteger(definition: ConfigDefinition, type: 'int' | 'long', text: string): string {
  if (!/^[+-]?\d{1,100}$/.test(text))
    throw invalid(definition.name, `must be of type ${type}, got ${quote(text)}`);
  const value = BigInt(text.replace(/^\+/, ''));
  if (definition.orValue !== undefined && value === BigInt(definition.orValue)) return String(value);
  const [typeMin, typeMax] = TYPE_RANGES[type];
  const min = definition.min === undefined ? typeMin : BigInt(definition.min);
  const max = definition.max === undefined ? typeMax : BigInt(definition.max);
  const or = definition.orValue === undefined ? '' : `, or ${definition.orValue}`;
  if (value < min) throw invalid(definition.name, `must be at least ${min}${or}, got ${quote(text)}`);
  if (value > max) throw invalid(definition.name, `must be at most ${max}${or}, got ${quote(text)}`);
  return String(value);
}

function validateDouble({ name, min = -Infinity, max = Infinity }: ConfigDefinition, text: string): string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw invalid(name, `must be of type double, got ${quote(text)}`);
  }
  const value = Number(text);
  if (value < min) throw invalid(name, `must be at least ${min}, got ${quote(text)}`);
  if (value > max) throw invalid(name, `must be at most ${max}, got ${quote(text)}`);
  return String(value);
}

function validateBoolean({ name }: ConfigDefinition, text: string): string {
  if (text === 'true' || text === 'false') return text;
  throw invalid(name, `must be true or false, got ${quote(text)}`);
}

function validateList(definition: ConfigDefinition, text: string): string {
  const elements = text === '' ? [] : text.split(',').map((element) => element.trim());
  for (const element of elements) validateElement(definition, element);
  const repeated = elements.find((element, i) => elements.indexOf(element) !== i);
  if (repeated !== undefined) throw invalid(definition.name, `names ${quote(repeated)} twice`);
  return elements.join(',');
}

function validateElement({ name, validValues, elements }: ConfigDefinition, value: string): string {
  if (validValues && !validValues.includes(value)) {
    throw invalid(name, `must be one of ${validValues.join(', ')}, got ${quote(value)}`);
  }
  if (elements && !elements.pattern.test(value)) {
    throw invalid(name, `must hold ${elements.meaning}, got ${quote(value)}`);
  }
  return value;
}

const invalid = (name: string, what: string): BrokerError =>
  new BrokerError('INVALID_CONFIG', `${name} ${what}`, { field: `configs.${name}` });

/** What somebody sent, so that a message shows it and stays short. */
const quote = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);

const definitionOf = (name: string): ConfigDefinition => present(BY_NAME.get(name), `topic config ${name}`);

const valueOf = (configs: Configs, name: string): string =>
  Object.hasOwn(configs, name) ? present(configs[name], name) : definitionOf(name).defaultValue;

/** Of these names, the configs that are kept for clients and tools that set them, and change nothing here (yet). */
export const withoutEffect = (names: readonly string[]): readonly string[] =>
  names.filter((name) => BY_NAME.get(name)?.effect === 'stored');

/** All topic configs in the order of their names, those that `configs` does not set with their defaults. */
export function describeConfigs(configs: Configs): readonly TopicConfig[] {
  return CONFIG_DEFINITIONS.map(({ name, type, effect, documentation }) => ({
    name,
    value: valueOf(configs, name),
    isDefault: !Object.hasOwn(configs, name),
    type,
    isReadOnly: false,
    isSensitive: false,
    documentation: effect === 'stored' ? `${documentation} ${STORED_ONLY}` : documentation,
  }));
}

const STORED_ONLY = 'Wadi keeps this value for clients that ask; it does not change the log.';

const known = new WeakMap<Configs, LogConfig>();

/** The configs in force for a topic whose validated configs are `configs`, which nobody changes. */
export function logConfigOf(configs: Configs): LogConfig {
  const before = known.get(configs);
  if (before) return before;
  const config = readLogConfig(configs);
  known.set(configs, config);
  return config;
}

function readLogConfig(configs: Configs): LogConfig {
  const number = (name: string): number => toNumber(valueOf(configs, name));
  const orInfinity = (value: number): number => (value < 0 ? Infinity : value);
  const policies = valueOf(configs, 'cleanup.policy').split(',');
  const timestampType = valueOf(configs, 'message.timestamp.type');
  assert(
    timestampType === 'CreateTime' || timestampType === 'LogAppendTime',
    'message.timestamp.type is valid',
  );
  return {
    messageBytesMax: number('max.message.bytes'),
    timestampType,
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    isCompacted: policies.includes('compact'),
    isDeleted: policies.includes('delete'),
    retentionMs: orInfinity(number('retention.ms')),
    retentionBytes: orInfinity(number('retention.bytes')),
    deleteRetentionMs: number('delete.retention.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
    compressionType: valueOf(configs, 'compression.type'),
    minInsyncReplicas: number('min.insync.replicas'),
  };
}

/** Beyond safe integers a limit is none. */
function toNumber(text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) || Math.abs(value) < Number.MAX_SAFE_INTEGER
    ? value
    : Math.sign(value) * Infinity;
}
