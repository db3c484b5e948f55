// What a call of `send` answers, from what became of each of its records.
import { BrokerError, type Outcome } from '../../base/errors.ts';
import { type RecordMetadata, SendError } from './producer-options.ts';

/** The places of all records; throws a SendError where any of them failed. */
export function summarize(results: readonly (RecordMetadata | BrokerError)[]): readonly RecordMetadata[] {
  const errors = results.filter((result) => result instanceof BrokerError);
  const [first] = errors;
  if (first === undefined) return results as readonly RecordMetadata[];
  const others =
    errors.length === results.length ? '' : `; the other ${results.length - errors.length} are stored`;
  const message = `${errors.length} of ${results.length} records failed: ${first.message}${others}`;
  throw new SendError(first.code, message, {
    ...{ results, cause: first, retriable: first.retriable },
    outcome: outcomeOf(errors, results.length),
  });
}

/** Not applied only where no record is, or may be, stored. */
function outcomeOf(errors: readonly BrokerError[], count: number): Outcome {
  const isNothingStored = errors.length === count && errors.every(({ outcome }) => outcome === 'not-applied');
  return isNothingStored ? 'not-applied' : 'unknown';
}
