// Trying again: how long to wait before, and for how long.
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import { toBrokerError } from '../base/errors.ts';

export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Doubles with each failure (0: the first) from `minMs` to `maxMs`; half of it is chance, so that many do not come back together. */
export function backoffMs({ minMs, maxMs }: Backoff, failures: number, dice: Dice): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(failures, 30)) * (0.5 + dice.random() / 2);
}

export interface RetryOptions extends Backoff {
  /** On the clock; no attempt begins after it. */
  readonly deadlineMs: number;
  /** Ends the waiting: the last error is thrown. */
  readonly signal?: AbortSignal;
}

/** Runs what may be repeated until it succeeds, and throws its last error: one that is not retriable, or comes too late. */
export async function retry<T>(
  { clock, dice }: { readonly clock: Clock; readonly dice: Dice },
  { deadlineMs, signal, ...backoff }: RetryOptions,
  operation: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await operation();
    } catch (thrown) {
      const error = toBrokerError(thrown);
      const pauseMs = error.retryAfterMs ?? backoffMs(backoff, failures, dice);
      if (!error.retriable || clock.now() + pauseMs > deadlineMs) throw error;
      await clock.sleep(pauseMs, signal);
      if (signal?.aborted === true) throw error;
    }
  }
}
