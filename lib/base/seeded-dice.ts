// Dice that a seed owns, for simulations, benchmarks and tests: the same seed, the same throws.
import type { Dice } from './dice.ts';

/** The generator mulberry32 (T. Ettinger): 32 bits of state, good enough to draw from, not to guard anything by. */
export function createSeededDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    random: next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}
