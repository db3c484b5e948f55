// The load of the append benchmarks: so many appends in flight for a while, and what came of it.
import { performance } from 'node:perf_hooks';

export interface Load {
  readonly batch: Uint8Array;
  readonly inFlight: number;
  readonly durationMs: number;
  /** No more is begun once so much was appended, so that a fast disk is not filled. */
  readonly bytesMax: number;
}

export interface LoadResult {
  readonly appendsPerSecond: number;
  /** Of each append, from its call to its durable answer. */
  readonly latenciesMs: readonly number[];
}

/** Something that appends durably. */
export interface Appender {
  run(load: Load): Promise<LoadResult>;
  close(): Promise<void>;
}

/** Counts appends and their latencies until the load's time or bytes are over. */
export class LoadGauge {
  readonly #load: Load;
  readonly #startMs = performance.now();
  readonly #latenciesMs: number[] = [];

  constructor(load: Load) {
    this.#load = load;
  }

  get isOver(): boolean {
    const { durationMs, bytesMax, batch } = this.#load;
    return (
      performance.now() - this.#startMs >= durationMs || this.#latenciesMs.length * batch.length >= bytesMax
    );
  }

  /** Notes `count` appends that were called at `startMs` and are durable now. */
  note(startMs: number, count: number): void {
    const latencyMs = performance.now() - startMs;
    for (let i = 0; i < count; i++) this.#latenciesMs.push(latencyMs);
  }

  finish(): LoadResult {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    return { appendsPerSecond: this.#latenciesMs.length / seconds, latenciesMs: this.#latenciesMs };
  }
}
