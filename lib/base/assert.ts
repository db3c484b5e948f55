// Assertions that stay on in production: a failed one is a programmer's error, never bad input.

/** Thrown when the program contradicts itself. It is not a BrokerError: nobody should handle it. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws AssertionError unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Returns `value`, which must be neither undefined nor null. */
export function present<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `${what} is missing`);
  return value;
}
