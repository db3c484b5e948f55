// Decorators that repeat requests which were refused for the moment or whose answers were lost, after growing pauses.
import { BrokerError, type Outcome } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ItemStore, WriteResult } from './ports/item-store.ts';
import type { ObjectStore } from './ports/object-store.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly dice: Dice;
  /** From the call to the last attempt's start. Default: 5,000. */
  readonly budgetMs?: number;
  /** Default: 8. */
  readonly attemptsMax?: number;
  /** The longest first pause. Default: 20. */
  readonly firstPauseMs?: number;
  /** The longest pause, unless the store itself asks for a longer one. Default: 1,000. */
  readonly pauseMsMax?: number;
}

/** `mark` turns a result that comes after an attempt without an answer into what the caller is told. */
type Retry = <Result>(attempt: () => Promise<Result>, mark?: (result: Result) => Result) => Promise<Result>;

/**
 * Repeats what failed with a retriable BrokerError. Pauses are uniform between 0 and a bound that doubles ("full jitter",
 * AWS Architecture Blog, "Exponential Backoff and Jitter"), never shorter than `retryAfterMs`. When attempts or budget
 * end, throws the last error; its outcome is `unknown` if that of any attempt was.
 */
function createRetry(options: RetryOptions): Retry {
  const { clock, dice, budgetMs = 5000, attemptsMax = 8, firstPauseMs = 20, pauseMsMax = 1000 } = options;
  return async (attempt, mark = (result) => result) => {
    const deadlineMs = clock.now() + budgetMs;
    let isUnknown = false;
    for (let attempts = 1; ; attempts++) {
      try {
        const result = await attempt();
        return isUnknown ? mark(result) : result;
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        isUnknown ||= error.outcome === 'unknown';
        const boundMs = Math.min(pauseMsMax, firstPauseMs * 2 ** (attempts - 1));
        const pauseMs = Math.max(error.retryAfterMs ?? 0, dice.random() * boundMs);
        const isOver = attempts >= attemptsMax || clock.now() + pauseMs > deadlineMs;
        if (!error.retriable || isOver) throw isUnknown ? withOutcome(error, 'unknown') : error;
        await clock.sleep(pauseMs);
        // A process may have been frozen for days meanwhile: what was right to write then may not be now.
        if (clock.now() > deadlineMs) throw isUnknown ? withOutcome(error, 'unknown') : error;
      }
    }
  };
}

const withOutcome = (error: BrokerError, outcome: Outcome): BrokerError =>
  error.outcome === outcome ? error : error.restated({ outcome });

const asRepeated = (result: WriteResult): WriteResult =>
  result.applied ? result : { ...result, isRepeated: true };

/**
 * An ItemStore that repeats. A write that was applied though its answer was lost meets its own effect when it is
 * repeated: a conditional one then answers `applied: false` and `isRepeated` with the item it made, one without a condition is applied
 * twice. So callers state conditions that a repetition fails, and judge by `current`, not by `applied`. `transact` tells
 * its repetitions by their request id. Closing closes `inner`.
 */
export function retryItems(inner: ItemStore, options: RetryOptions): ItemStore {
  const retry = createRetry(options);
  return {
    get: (...call) => retry(() => inner.get(...call)),
    getMany: (...call) => retry(() => inner.getMany(...call)),
    query: (...call) => retry(() => inner.query(...call)),
    scan: (...call) => retry(() => inner.scan(...call)),
    put: (...call) => retry(() => inner.put(...call), asRepeated),
    update: (...call) => retry(() => inner.update(...call), asRepeated),
    delete: (...call) => retry(() => inner.delete(...call), asRepeated),
    transact: (...call) => retry(() => inner.transact(...call)),
    close: () => inner.close(),
  };
}

/** An ObjectStore that repeats. A repeated put writes the same bytes. Closing closes `inner`. */
export function retryObjects(inner: ObjectStore, options: RetryOptions): ObjectStore {
  const retry = createRetry(options);
  return {
    put: (...call) => retry(() => inner.put(...call)),
    get: (...call) => retry(() => inner.get(...call)),
    list: (...call) => retry(() => inner.list(...call)),
    delete: (...call) => retry(() => inner.delete(...call)),
    close: () => inner.close(),
  };
}
