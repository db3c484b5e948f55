// Who is read while the memory for requests is spent: whoever holds little, and of the others one at a time, so that all who
// have begun a frame do not wait for each other. Who holds much for too long is ended.
import { BrokerError } from '../base/errors.ts';
import { ByteBudget } from './byte-budget.ts';
import type { Clock } from '../base/clock.ts';
import type { KafkaLimits } from './limits.ts';

/** A connection, as far as turns are concerned. */
export interface Reading {
  /** Bytes of its requests that are not answered yet, half frames included. */
  readonly heldBytes: number;
  /** It has begun a frame, and has nothing else under way: only reading on can free what it holds. */
  readonly isAmidFrame: boolean;
  /** Bytes that its frame lacks still. */
  readonly lackingBytes: number;
  /** When its frame began, and when bytes came last. */
  readonly frameBeganAtMs: number;
  readonly receivedAtMs: number;
  /** It may be read again, or may ask again. */
  wake(): void;
  end(error: BrokerError): void;
}

type Limits = Pick<
  KafkaLimits,
  'requestBytesMax' | 'connectionBytesMin' | 'connectionBytesMax' | 'frameMsMax'
>;

/** How often those who keep others waiting are looked for, while somebody waits. */
const LOOK_EVERY_MS = 500;
/** Who is silent for so long has had its turn. */
const SILENCE_MS_MAX = 1_000;

/** Owned by one gateway. */
export class ReadingTurns {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #budget: ByteBudget;
  readonly #all = new Set<Reading>();
  readonly #waiting = new Set<Reading>();
  #turn: { readonly of: Reading; readonly sinceMs: number } | undefined;
  #isLooking = false;

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#budget = new ByteBudget(limits.requestBytesMax);
  }

  /** Bytes that all hold together. */
  get heldBytes(): number {
    return this.#budget.takenBytes;
  }

  join(one: Reading): void {
    this.#all.add(one);
  }

  /** What it held was given back before. */
  leave(one: Reading): void {
    this.#all.delete(one);
    this.#waiting.delete(one);
    this.#endTurn(one);
  }

  take(bytes: number): void {
    this.#budget.take(bytes);
  }

  /** Gives back what a request of `one` held. */
  giveBack(one: Reading, bytes: number): void {
    this.#budget.giveBack(bytes);
    this.#endTurn(one);
  }

  /**
   * Whether it may be read now; if not, it is woken when that may have changed. A frame that is larger than a connection may
   * hold takes the rest of its bytes in a turn.
   */
  mayRead(one: Reading): boolean {
    const { connectionBytesMin, connectionBytesMax } = this.#limits;
    const roomBytes = this.#budget.isSpent ? connectionBytesMin : connectionBytesMax;
    if (one.heldBytes < roomBytes || this.#turn?.of === one) {
      this.#waiting.delete(one);
      return true;
    }
    this.#waiting.add(one);
    if (!this.#turn && one.isAmidFrame) {
      this.#give(one);
      return true;
    }
    if (!this.#isLooking) void this.#look();
    return false;
  }

  #give(one: Reading): void {
    this.#waiting.delete(one);
    this.#turn = { of: one, sinceMs: this.#clock.now() };
  }

  #endTurn(one: Reading): void {
    if (this.#turn?.of === one) this.#turn = undefined;
    if (!this.#budget.isSpent) for (const waiting of [...this.#waiting]) waiting.wake();
    if (this.#turn) return;
    const next = this.#nearestItsEnd();
    if (!next) return;
    this.#give(next);
    next.wake();
  }

  /** Of those that wait amid a frame: short ones are not kept waiting by long ones. */
  #nearestItsEnd(): Reading | undefined {
    let nearest: Reading | undefined;
    for (const one of this.#waiting) {
      if (one.isAmidFrame && !(nearest && nearest.lackingBytes <= one.lackingBytes)) nearest = one;
    }
    return nearest;
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#waiting.size > 0) {
      await this.#clock.sleep(LOOK_EVERY_MS);
      if (this.#waiting.size === 0) break;
      this.#passOnFromSilence();
      if (this.#budget.isSpent) this.#endTheLasting();
    }
    this.#isLooking = false;
  }

  #passOnFromSilence(): void {
    if (!this.#turn) return;
    const { of, sinceMs } = this.#turn;
    if (of.isAmidFrame && Math.max(sinceMs, of.receivedAtMs) <= this.#clock.now() - SILENCE_MS_MAX)
      this.#endTurn(of);
  }

  #endTheLasting(): void {
    const { frameMsMax, connectionBytesMin } = this.#limits;
    const beganBeforeMs = this.#clock.now() - frameMsMax;
    for (const one of [...this.#all]) {
      const lasts = one.isAmidFrame && one.frameBeganAtMs <= beganBeforeMs;
      if (!lasts || one.heldBytes < connectionBytesMin) continue;
      const message = `the memory for requests is spent, and ${one.heldBytes} bytes of one still lack ${one.lackingBytes} after ${frameMsMax} ms`;
      one.end(new BrokerError('REQUEST_TIMED_OUT', message));
    }
  }
}
