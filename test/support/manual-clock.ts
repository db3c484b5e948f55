// A clock that a test moves.
import type { Clock } from '../../lib/base/clock.ts';

export interface ManualClock extends Clock {
  /** Moves on, and lets all that slept until then go on. */
  advance(durationMs: number): Promise<void>;
  /** How many sleep. */
  readonly sleepers: number;
}

export function createManualClock(): ManualClock {
  let now = 1_000_000;
  const sleeping = new Map<() => void, number>();
  return {
    now: () => now,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (durationMs <= 0 || signal?.aborted === true) {
          resolve();
          return;
        }
        const wake = (): void => {
          sleeping.delete(wake);
          resolve();
        };
        sleeping.set(wake, now + durationMs);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    advance: async (durationMs) => {
      now += durationMs;
      for (const [wake, at] of sleeping) if (at <= now) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
    get sleepers() {
      return sleeping.size;
    },
  };
}
