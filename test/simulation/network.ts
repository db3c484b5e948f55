// The way of requests from a process to the stores and back: late, lost, doubled, refused, in any order.
import { BrokerError } from '../../lib/base/errors.ts';
import { CALM, FAULT_KINDS, type FaultKind, type FaultProfile } from './faults.ts';
import type { SimDice } from './dice.ts';
import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

export interface Request<Result> {
  /** For the trace: method and subject. */
  readonly what: string;
  readonly isWrite: boolean;
  readonly isTransaction: boolean;
  /** Carries the request out at the store. */
  readonly apply: () => Promise<Result>;
  /** For the trace. */
  readonly describe: (result: Result) => string;
}

/** The client's patience, as of the SDK clients. */
const TIMEOUT_MS = 5_000;

type Answer = () => void;

export class Network {
  readonly #scheduler: Scheduler;
  readonly #dice: SimDice;
  readonly #trace: Trace;
  #profile = CALM;
  readonly #rough: FaultProfile;
  calls = 0;
  /** Requests that will still arrive. */
  underWay = 0;
  readonly faults: Record<FaultKind, number>;

  constructor(scheduler: Scheduler, dice: SimDice, trace: Trace, rough: FaultProfile) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#trace = trace;
    this.#rough = rough;
    this.faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  /** From now on things go wrong. */
  begin(): void {
    this.#profile = this.#rough;
  }

  /** From now on nothing goes wrong any more; what is under way still arrives late. */
  calm(): void {
    this.#profile = CALM;
  }

  /** Whether a fault of this kind happens now; counted if so. */
  happens(kind: FaultKind): boolean {
    const isSo = this.#dice.chance(this.#profile.rates[kind]);
    if (isSo) this.faults[kind]++;
    return isSo;
  }

  /** One of them, by the network's dice. */
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#dice.random() * from.length)] as T;
  }

  send<Result>(process: SimProcess, request: Request<Result>): Promise<Result> {
    this.calls++;
    return new Promise<Result>((resolve, reject) => {
      let isAnswered = false;
      const answerIn = (durationMs: number, outcome: string, answer: Answer) => {
        this.#scheduler.after(durationMs, () => {
          this.#disturb(process);
          process.whenAwake(() => {
            if (isAnswered) return;
            isAnswered = true;
            this.#trace.note(process.name, `${request.what} <- ${outcome}`);
            answer();
          });
        });
      };
      const fail = (durationMs: number, error: BrokerError) => {
        answerIn(durationMs, `${error.code} (${error.outcome})`, () => {
          reject(error);
        });
      };
      this.#trace.note(process.name, `${request.what} ->`);
      this.#sendWith(request, { answerIn, fail, resolve, reject });
    });
  }

  /** A process may go at any await: between a put and the append that names it, between a page and its cut. */
  #disturb(process: SimProcess): void {
    if (process.isSheltered || process.isDead) return;
    if (this.happens('killed at an answer')) {
      this.#trace.note(process.name, 'dies');
      process.kill();
    } else if (this.happens('frozen at an answer')) {
      const durationMs = this.#dice.spread(...this.#profile.frozenMs);
      this.#trace.note(process.name, `freezes for ${Math.round(durationMs)} ms`);
      process.freeze(durationMs);
    }
  }

  #latency(): number {
    const [min, max] = this.#profile.latencyMs;
    return this.#dice.spread(min, max);
  }

  #sendWith<Result>(
    request: Request<Result>,
    {
      answerIn,
      fail,
      resolve,
      reject,
    }: {
      answerIn: (durationMs: number, outcome: string, answer: Answer) => void;
      fail: (durationMs: number, error: BrokerError) => void;
      resolve: (result: Result) => void;
      reject: (error: unknown) => void;
    },
  ): void {
    const [outMs, backMs] = [this.#latency(), this.#latency()];
    if (this.happens('throttled')) {
      fail(outMs + backMs, refused('THROTTLING_QUOTA_EXCEEDED', request.what));
      return;
    }
    if (this.happens('unavailable')) {
      fail(outMs + backMs, refused('KAFKA_STORAGE_ERROR', request.what));
      return;
    }
    if (request.isTransaction && this.happens('conflict')) {
      fail(outMs + backMs, refused('THROTTLING_QUOTA_EXCEEDED', request.what));
      return;
    }
    if (this.happens('lost')) {
      fail(TIMEOUT_MS, lost(request));
      return;
    }
    const isSlow = this.happens('slow');
    const arrivesInMs = isSlow ? this.#dice.spread(...this.#profile.slowMs) : outMs;
    const isAnswerLost = this.happens('answer lost');
    const isFailed = this.happens('failed and applied');
    this.#arrive(arrivesInMs, request, (result, error) => {
      if (isAnswerLost) return;
      if (isFailed) fail(backMs, lost(request));
      else if (error) {
        answerIn(backMs, error.message, () => {
          reject(error);
        });
      } else {
        answerIn(backMs, request.describe(result as Result), () => {
          resolve(result as Result);
        });
      }
    });
    if (isAnswerLost || arrivesInMs + backMs >= TIMEOUT_MS) fail(TIMEOUT_MS, lost(request));
    if (request.isWrite && this.happens('duplicated')) {
      this.#arrive(arrivesInMs + this.#dice.spread(...this.#profile.slowMs), request, () => undefined);
    }
  }

  #arrive<Result>(
    durationMs: number,
    { what, apply, describe }: Request<Result>,
    then: (result: Result | undefined, error: Error | undefined) => void,
  ): void {
    this.underWay++;
    this.#scheduler.after(durationMs, () => {
      this.underWay--;
      apply().then(
        (result) => {
          this.#trace.note('store', `${what}: ${describe(result)}`);
          then(result, undefined);
        },
        (error: unknown) => {
          this.#trace.note('store', `${what}: ${(error as Error).message}`);
          then(undefined, error as Error);
        },
      );
    });
  }
}

const refused = (code: 'THROTTLING_QUOTA_EXCEEDED' | 'KAFKA_STORAGE_ERROR', what: string): BrokerError =>
  new BrokerError(code, `${what}: refused by the simulation`);

const lost = ({ what, isWrite }: Pick<Request<unknown>, 'what' | 'isWrite'>): BrokerError =>
  new BrokerError('REQUEST_TIMED_OUT', `${what}: no answer, by the simulation`, {
    outcome: isWrite ? 'unknown' : 'not-applied',
  });
