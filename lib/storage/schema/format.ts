// The format that every stored value names, so that older code refuses what newer code wrote instead of misreading it.
import { BrokerError } from '../../base/errors.ts';

/** The attribute of an item that holds its format: a number from 1. Packed binary values have it as their first byte. */
export const FORMAT_ATTRIBUTE = 'f';

/**
 * Throws UNSUPPORTED_VERSION (not-applied) unless `format` is one of `known`. `what` names the stored value, with its id,
 * in the message; NaN stands for a value without a format.
 */
export function checkFormat(what: string, format: number, known: readonly number[]): void {
  if (known.includes(format)) return;
  const found = Number.isNaN(format) ? 'no format' : `format ${format}`;
  const advice = format > Math.max(...known) ? 'deploy the newer functions first' : 'the value is damaged';
  throw new BrokerError(
    'UNSUPPORTED_VERSION',
    `${what} has ${found}, this version of Wadi reads ${known.join(', ')}: ${advice}`,
  );
}
