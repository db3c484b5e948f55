// Time that passes only while nothing else happens, so that a day of requests takes a second, the same each time.
import { afterInput, type Clock } from '../base/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Wakes sleepers in the order of their times, each once all that the one before set off has come to rest. */
export class SimulatedClock implements Clock {
  #nowMs: number;
  /** The one that wakes first is last; of equal ones the earlier comes later. */
  #sleepers: Sleeper[] = [];
  #isRunning = false;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return Math.floor(this.#nowMs);
  }

  /** With fractions of a millisecond. */
  get preciseMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { atMs: this.#nowMs + Math.max(0, durationMs), wake };
      this.#insert(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
      this.#run();
    });
  }

  #insert(sleeper: Sleeper): void {
    let [low, high] = [0, this.#sleepers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sleepers[middle]?.atMs ?? 0) > sleeper.atMs) low = middle + 1;
      else high = middle;
    }
    this.#sleepers.splice(low, 0, sleeper);
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Stores in memory answer in microtasks: all of them are done by then.
    afterInput(() => {
      this.#isRunning = false;
      const next = this.#sleepers.pop();
      if (!next) return;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      this.#run();
    });
  }
}
