// How settings are found and read: flags before the environment, each refused with the name under which it was given.
import { isIP } from 'node:net';
import { usageError } from './exit.ts';

/** A value and the name under which the user gave it, for the message. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** Finds a setting: a flag that was given, else the variable where it is not empty, else the default. */
export type FindSetting = (flag: string | undefined, variable: string, otherwise: string) => Setting;

/** `flags` by their names in code (`kafkaPort`), which users know as `--kafka-port`. */
export const settingsOf =
  (env: Readonly<Record<string, string | undefined>>, flags: Readonly<Record<string, string>>): FindSetting =>
  (flag, variable, otherwise) => {
    const given = flag === undefined ? undefined : flags[flag];
    if (flag !== undefined && given !== undefined) return { name: flagNameOf(flag), value: given };
    return { name: variable, value: env[variable] || otherwise };
  };

const flagNameOf = (flag: string): string =>
  `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const PORT_MAX = 65_535;

/** In digits, from `min` to `max`. Throws a usage error. */
export function parseWholeNumber(
  { name, value }: Setting,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (/^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw usageError(`${name} must be ${min} to ${max}, got "${value}"`);
}

/** 0 to 65535. Throws a usage error. */
export const parsePort = (setting: Setting): number => parseWholeNumber(setting, { min: 0, max: PORT_MAX });

const isHost = (text: string): boolean =>
  isIP(text) !== 0 || /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(text);

/** An address or a name. Throws a usage error. */
export function parseHost({ name, value }: Setting): string {
  if (isHost(value)) return value;
  throw usageError(`${name} must be an address or a host name, got "${value}"`);
}

/** `kafka.example.com:9092`, or `[::1]:9092`. Throws a usage error. */
export function parseHostAndPort({ name, value }: Setting): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  if (isHost(host) && port >= 1 && port <= PORT_MAX) return { host, port };
  throw usageError(`${name} must be host:port with a port of 1 to ${PORT_MAX}, got "${value}"`);
}

/** `true` or `false`. Throws a usage error. */
export function parseBoolean({ name, value }: Setting): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw usageError(`${name} must be true or false, got "${value}"`);
}

/** One of these. Throws a usage error. */
export function parseOneOf<T extends string>({ name, value }: Setting, choices: readonly T[]): T {
  const chosen = choices.find((one) => one === value);
  if (chosen !== undefined) return chosen;
  throw usageError(`${name} must be one of ${choices.join(', ')}, got "${value}"`);
}
