// Time as a value that is passed in, so that a simulation can own it. The only file of lib that touches the real clock.

/** Milliseconds since the Unix epoch, and waiting. Safety never depends on it, except where DESIGN names the guard. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. */
  now(): number;
  /** Resolves after `durationMs`, or at once when `signal` is aborted (it never rejects). */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. Its timers do not keep a process alive by themselves when `unref` is asked for. */
export function createSystemClock({ unref = false }: { unref?: boolean } = {}): Clock {
  return {
    now: () => Date.now(),
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const finish = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve();
        };
        const timer = setTimeout(finish, durationMs);
        if (unref) timer.unref();
        signal?.addEventListener('abort', finish, { once: true });
      }),
  };
}

/** Runs `run` once the input that has already arrived was handled: no time passes, but what belongs together can meet. */
export function afterInput(run: () => void): void {
  setImmediate(run);
}

/** Resolves once the input that has already arrived was handled. */
export function inputHandled(): Promise<void> {
  return new Promise(afterInput);
}
