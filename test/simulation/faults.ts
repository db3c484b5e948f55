// What can befall a request on its way to a store and back, how often, and how long it takes.
import type { SimDice } from './dice.ts';

export const FAULT_KINDS = [
  'throttled',
  'unavailable',
  'conflict',
  'lost',
  'answer lost',
  'failed and applied',
  'duplicated',
  'slow',
  'stale read',
  'frozen at an answer',
  'killed at an answer',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultProfile {
  /** How probable each is for one request. */
  readonly rates: Readonly<Record<FaultKind, number>>;
  /** Of half a round trip. */
  readonly latencyMs: readonly [min: number, max: number];
  /** Of a slow request: past the client's patience, and past a process's life. */
  readonly slowMs: readonly [min: number, max: number];
  /** Of a process: longer than hot data lives. */
  readonly frozenMs: readonly [min: number, max: number];
}

const HOUR_MS = 3_600_000;

/** Some seeds are calm in some respects, others rough in all: interactions need both. */
export function drawProfile(dice: SimDice, isQuiet: boolean): FaultProfile {
  const roughness = dice.pick([0, 0.3, 1, 1, 2]);
  const rate = (most: number) => (dice.chance(0.3) ? 0 : dice.random() * most * roughness);
  return {
    rates: {
      throttled: rate(0.06),
      unavailable: rate(0.03),
      conflict: rate(0.1),
      lost: rate(0.03),
      'answer lost': rate(0.04),
      'failed and applied': rate(0.03),
      duplicated: rate(0.05),
      slow: rate(0.05),
      'stale read': rate(1),
      // For longer than hot data lives, between a put and the append that names it: rare, so that it needs some help.
      'frozen at an answer': isQuiet ? 0.1 * dice.random() : rate(0.004),
      'killed at an answer': rate(0.004),
    },
    latencyMs: [1, dice.pick([3, 20, 200])],
    slowMs: [1_000, dice.pick([20_000, 600_000, 3 * HOUR_MS])],
    frozenMs: isQuiet ? [5 * HOUR_MS, 12 * HOUR_MS] : [1_000, dice.pick([60_000, 10 * HOUR_MS])],
  };
}

/** None: for the end of a run, when everything must come to rest. */
export const CALM: FaultProfile = {
  rates: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>,
  latencyMs: [1, 3],
  slowMs: [1_000, 1_000],
  frozenMs: [1_000, 1_000],
};
