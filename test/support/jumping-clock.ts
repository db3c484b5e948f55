// A clock on which nobody waits: who sleeps moves it on, so that timeouts and pauses pass at once.
import type { Clock } from '../../lib/base/clock.ts';

export interface JumpingClock extends Clock {
  /** Moves on. */
  advance(durationMs: number): void;
  /** Runs `step` before the next sleep goes on: what others do while somebody waits. */
  meanwhile(step: () => Promise<void>): void;
}

export function createJumpingClock(startMs = Date.UTC(2026, 0, 1)): JumpingClock {
  let now = startMs;
  let waiting: (() => Promise<void>) | undefined;
  return {
    now: () => now,
    sleep: async (durationMs, signal) => {
      await new Promise((resolve) => setImmediate(resolve));
      const step = waiting;
      waiting = undefined;
      await step?.();
      if (signal?.aborted !== true) now += Math.max(0, Math.ceil(durationMs));
    },
    meanwhile: (step) => {
      waiting = step;
    },
    advance: (durationMs) => {
      now += durationMs;
    },
  };
}
