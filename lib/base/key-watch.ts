// Waiting for something that happens to a key, such as an append to a partition: woken within this process. Who waits for
// what other processes do looks again from time to time.
import type { Clock } from './clock.ts';

export interface WaitOptions {
  readonly durationMs: number;
  readonly signal?: AbortSignal;
}

/** Wakes those who wait for a key. Owned by one process, for one kind of keys. */
export class KeyWatch {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes all who wait for the key. */
  notify(key: string): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    for (const wake of waiting) wake();
  }

  /** Starts to wait for any of the keys; call before looking, so that nothing between looking and waiting is missed. */
  watch(...keys: readonly string[]): Watch {
    const woken = new Set<string>();
    const timer = new AbortController();
    const stops = [...new Set(keys)].map((key) =>
      this.#add(key, () => {
        woken.add(key);
        timer.abort();
      }),
    );
    return {
      woken,
      wait: async ({ durationMs, signal }) => {
        const combined = signal ? AbortSignal.any([signal, timer.signal]) : timer.signal;
        await this.#clock.sleep(durationMs, combined);
      },
      stop: () => {
        for (const stop of stops) stop();
      },
    };
  }

  #add(key: string, wake: () => void): () => void {
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    waiting.add(wake);
    return () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    };
  }
}

/** One waiter. `wait` resolves when a key is notified after `watch`, at the end of the time, or when the signal is aborted. */
export interface Watch {
  /** The keys that were notified so far. */
  readonly woken: ReadonlySet<string>;
  wait(options: WaitOptions): Promise<void>;
  stop(): void;
}
