// A process of a simulation: it has a clock that may be wrong, and can be frozen for hours and killed at any await.
import type { Clock } from '../../lib/base/clock.ts';
import type { Scheduler } from './scheduler.ts';

export class SimProcess {
  readonly name: string;
  readonly isSheltered: boolean;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  #frozenUntilMs = 0;
  #isDead = false;
  readonly #waiting: (() => void)[] = [];
  readonly #death = Promise.withResolvers<'dead'>();

  /** `isSheltered`: it is not frozen or killed by chance, but by who started it. */
  constructor(name: string, scheduler: Scheduler, { skewMs = 0, isSheltered = false } = {}) {
    this.name = name;
    this.isSheltered = isSheltered;
    this.#scheduler = scheduler;
    this.clock = {
      now: () => Math.floor(scheduler.nowMs + skewMs),
      sleep: (durationMs, signal) => this.#sleep(durationMs, signal),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isFrozen(): boolean {
    return this.#frozenUntilMs > this.#scheduler.nowMs;
  }

  /** Nothing of it goes on before then. What it has sent is on its way all the same. */
  freeze(durationMs: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, this.#scheduler.nowMs + durationMs);
    this.#scheduler.at(this.#frozenUntilMs, () => {
      if (!this.isFrozen) this.#wake();
    });
  }

  thaw(): void {
    this.#frozenUntilMs = 0;
    this.#wake();
  }

  /** In the order in which it came, each as an event of its own. */
  #wake(): void {
    for (const run of this.#waiting.splice(0)) {
      this.#scheduler.after(0, () => {
        this.whenAwake(run);
      });
    }
  }

  /** Nothing of it goes on, ever. */
  kill(): void {
    this.#isDead = true;
    this.#death.resolve('dead');
  }

  /** Goes on with `run` as soon as the process is awake; never, where it has died. */
  whenAwake(run: () => void): void {
    if (this.#isDead) return;
    if (this.isFrozen) this.#waiting.push(run);
    else run();
  }

  /** What `work` comes to, or 'dead' if the process dies before. */
  async orDeath<T>(work: Promise<T>): Promise<T | 'dead'> {
    return Promise.race([work, this.#death.promise]);
  }

  #sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      signal?.addEventListener('abort', () => {
        resolve();
      });
      this.#scheduler.after(Math.max(0, durationMs), () => {
        this.whenAwake(resolve);
      });
    });
  }
}
