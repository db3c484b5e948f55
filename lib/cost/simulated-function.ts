// A Lambda function: processes that handle one request at a time and keep what they know, and the time they are billed.
import { ASSUMED, DEPLOYED } from './assumptions.ts';
import { add, type Tally } from './tally.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** What the bill knows functions by. */
export type FunctionName = keyof typeof DEPLOYED.memoryMb;

/** A process, as long as Lambda keeps it. */
export interface FunctionProcess {
  /** Resolves when nothing is under way: a handler waits for it before it answers. */
  settle(): Promise<void>;
}

interface Idle<P> {
  readonly process: P;
  readonly sinceMs: number;
}

/** Owned by one simulation. */
export class SimulatedFunction<P extends FunctionProcess> {
  readonly #clock: SimulatedClock;
  readonly #name: FunctionName;
  readonly #start: () => P;
  #idle: Idle<P>[] = [];
  #requests = 0;
  #billedMs = 0;

  constructor(clock: SimulatedClock, name: FunctionName, start: () => P) {
    this.#clock = clock;
    this.#name = name;
    this.#start = start;
  }

  /** Handles one request, whose work on records takes `workMs`, in the process that was idle last or in a new one. */
  async invoke<T>(workMs: number, handle: (process: P) => Promise<T>): Promise<T> {
    const startMs = this.#clock.preciseMs;
    this.#idle = this.#idle.filter(({ sinceMs }) => startMs - sinceMs < ASSUMED.keptMs);
    const kept = this.#idle.pop()?.process;
    const process = kept ?? this.#start();
    await this.#clock.sleep((kept ? 0 : ASSUMED.startMs) + ASSUMED.workMs + workMs);
    const result = await handle(process);
    await process.settle();
    this.#requests++;
    this.#billedMs += Math.ceil(this.#clock.preciseMs - startMs);
    this.#idle.push({ process, sinceMs: this.#clock.preciseMs });
    return result;
  }

  /** Since the last `reset`: `lambdaRequests/<name>`, `lambdaGbSeconds/<name>` and `logBytes`, of requests that ended. */
  tally(): Tally {
    const tally = new Map<string, number>();
    const gigabytes = DEPLOYED.memoryMb[this.#name] / 1_024;
    add(tally, `lambdaRequests/${this.#name}`, this.#requests);
    add(tally, `lambdaGbSeconds/${this.#name}`, (this.#billedMs / 1_000) * gigabytes);
    add(tally, 'logBytes', this.#requests * ASSUMED.invocationLogBytes);
    return tally;
  }

  reset(): void {
    [this.#requests, this.#billedMs] = [0, 0];
  }
}

/** The work on so many bytes of records, in milliseconds. */
export const workMsOf = (bytes: number): number => (bytes / 1e6) * ASSUMED.workMegabyteMs;
