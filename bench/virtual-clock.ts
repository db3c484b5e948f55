// Time that passes only while nothing else happens: a minute of a hundred writers takes a second, the same each time.
import type { Clock } from '../lib/base/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock whose sleepers wake in the order of their times, each once all that the one before set off has come to rest. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #sleepers: Sleeper[] = [];
  #isRunning = false;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  now(): number {
    return Math.floor(this.#nowMs);
  }

  /** Milliseconds with their fractions. */
  get preciseMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const sleeper = { atMs: this.#nowMs + Math.max(0, durationMs), wake: resolve };
      this.#insert(sleeper);
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#run();
    });
  }

  /** Keeps the latest first, and of equal ones the one that came last. */
  #insert(sleeper: Sleeper): void {
    let [low, high] = [0, this.#sleepers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sleepers[middle] as Sleeper).atMs > sleeper.atMs) low = middle + 1;
      else high = middle;
    }
    this.#sleepers.splice(low, 0, sleeper);
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Stores in memory answer in microtasks: all of them are done when an immediate runs.
    setImmediate(() => {
      this.#isRunning = false;
      const next = this.#sleepers.pop();
      if (!next) return;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      this.#run();
    });
  }
}
