// Waiting for records: woken by this process's own appends, and by looking again for those of others.
import type { Clock } from '../base/clock.ts';

export interface WaitOptions {
  readonly durationMs: number;
  readonly signal?: AbortSignal;
}

/** Wakes those who wait for a partition. Owned by one broker. */
export class AppendWatch {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes all who wait for the partition. */
  notify(partitionId: string): void {
    const waiting = this.#waiting.get(partitionId);
    if (!waiting) return;
    this.#waiting.delete(partitionId);
    for (const wake of waiting) wake();
  }

  /** Starts to wait for an append; call before looking, so that none between looking and waiting is missed. */
  watch(partitionId: string): PartitionWatch {
    const timer = new AbortController();
    const waiting = this.#waiting.get(partitionId) ?? new Set();
    this.#waiting.set(partitionId, waiting);
    const wake = () => {
      timer.abort();
    };
    waiting.add(wake);
    return {
      wait: async ({ durationMs, signal }) => {
        const combined = signal ? AbortSignal.any([signal, timer.signal]) : timer.signal;
        await this.#clock.sleep(durationMs, combined);
      },
      stop: () => {
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(partitionId) === waiting)
          this.#waiting.delete(partitionId);
      },
    };
  }
}

/** One waiter. `wait` resolves at an append since `watch`, at the end of the time, or when the signal is aborted. */
export interface PartitionWatch {
  wait(options: WaitOptions): Promise<void>;
  stop(): void;
}
