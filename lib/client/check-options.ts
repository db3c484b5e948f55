// Options that cannot be: told to the user before anything is done with them.
import { BrokerError } from '../base/errors.ts';

export interface OptionRange {
  readonly min: number;
  /** Default: any. */
  readonly max?: number;
}

/** Bytes, and other counts that the protocol has 31 bits for. */
export const COUNT: OptionRange = { min: 1, max: 2 ** 31 - 1 };

/** A time that a timer can wait, 0 included or not. */
export const DURATION_MS: OptionRange = { min: 0, max: 2 ** 31 - 1 };
export const POSITIVE_MS: OptionRange = { ...DURATION_MS, min: 1 };

/**
 * Throws INVALID_REQUEST, naming option and range, for the first that is no whole number within its range. Absent ones, null
 * among them, have defaults.
 */
export function checkRanges<T extends object>(
  options: T,
  ranges: { readonly [Name in keyof T & string]?: OptionRange },
): void {
  for (const [name, range] of Object.entries<OptionRange | undefined>(ranges)) {
    const value: unknown = options[name as keyof T];
    if (range === undefined || value === undefined || value === null) continue;
    const { min, max = Infinity } = range;
    const isWhole = Number.isInteger(value) || value === Infinity;
    if (isWhole && (value as number) >= min && (value as number) <= max) continue;
    const bounds = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`;
    throw invalid(name, `a whole number, ${bounds}`, value);
  }
}

/** Throws INVALID_REQUEST, naming the option and its values, for another value. */
export function checkOneOf(name: string, value: unknown, values: readonly string[]): void {
  if (value === undefined || value === null || values.includes(value as string)) return;
  throw invalid(name, `one of ${values.join(', ')}`, value);
}

function invalid(name: string, expected: string, value: unknown): BrokerError {
  return new BrokerError('INVALID_REQUEST', `${name} must be ${expected}, got ${String(value)}`, {
    field: name,
  });
}
