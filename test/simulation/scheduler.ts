// Time of a simulation: events in the order of their times, each run to rest before the next. The same events, the same run.

interface Event {
  readonly atMs: number;
  /** Breaks ties: who was first is first. */
  readonly order: number;
  readonly run: () => void;
}

/** Resolves when all microtasks are done: whatever the last event set off has come to rest, or waits for another event. */
const rest = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Scheduler {
  #nowMs: number;
  #order = 0;
  #steps = 0;
  readonly #events: Event[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Milliseconds since the Unix epoch. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events so far: a clock that tells which of two came first even within a millisecond. */
  get steps(): number {
    return this.#steps;
  }

  at(atMs: number, run: () => void): void {
    this.#push({ atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run });
  }

  after(durationMs: number, run: () => void): void {
    this.at(this.#nowMs + durationMs, run);
  }

  /** Runs events until `isDone`, or until none is left, none before `limitMs`, or too many have run: answers whether it is done. */
  async run(isDone: () => boolean, { limitMs = Infinity, stepsMax = Infinity } = {}): Promise<boolean> {
    await rest();
    while (!isDone()) {
      const next = this.#events[0];
      if (!next || next.atMs > limitMs || this.#steps >= stepsMax) return isDone();
      this.#pop();
      this.#nowMs = next.atMs;
      this.#steps++;
      next.run();
      await rest();
    }
    return true;
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#events[a], this.#events[b]];
    if (!first || !second) return false;
    return first.atMs < second.atMs || (first.atMs === second.atMs && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#events[a], this.#events[b]];
    if (first && second) [this.#events[a], this.#events[b]] = [second, first];
  }

  /** A binary heap: the parent of `at` is at (at - 1) / 2. */
  #push(event: Event): void {
    let at = this.#events.push(event) - 1;
    while (at > 0 && this.#isBefore(at, (at - 1) >> 1)) {
      this.#swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  }

  #pop(): void {
    const last = this.#events.pop();
    if (!last || this.#events.length === 0) return;
    this.#events[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      if (this.#isBefore(left, first)) first = left;
      if (this.#isBefore(right, first)) first = right;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }
}
