// What happened, line by line: all of it where a run is replayed, the last of it otherwise, and a hash of the whole.
import { createHash } from 'node:crypto';
import type { Scheduler } from './scheduler.ts';

const LINES_KEPT = 400;

export class Trace {
  readonly #scheduler: Scheduler;
  readonly #print: ((line: string) => void) | undefined;
  readonly #hash = createHash('sha256');
  #lines: string[] = [];

  constructor(scheduler: Scheduler, print?: (line: string) => void) {
    this.#scheduler = scheduler;
    this.#print = print;
  }

  note(who: string, what: string): void {
    const at = (this.#scheduler.nowMs / 1_000).toFixed(3).slice(-11);
    const line = `${String(this.#scheduler.steps).padStart(6)} ${at} ${who.padEnd(12)} ${what}`;
    this.#hash.update(line);
    this.#print?.(line);
    this.#lines.push(line);
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT);
  }

  get lastLines(): readonly string[] {
    return this.#lines.slice(-LINES_KEPT);
  }

  /** Two runs are the same where this is. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}
