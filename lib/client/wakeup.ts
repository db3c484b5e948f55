// Waiting within the client for something that another part of it does, without a timer.

/** Those who wait until somebody wakes them. */
export class Wakeup {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `wake`, or when the signal is aborted. What happened before the call does not count. */
  wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#waiting.delete(finish);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      this.#waiting.add(finish);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  /** Lets all who wait go on. */
  wake(): void {
    for (const finish of [...this.#waiting]) finish();
  }
}
