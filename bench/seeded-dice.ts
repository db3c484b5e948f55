// Dice that a seed owns, so that a count is the same each time it is taken.
import type { Dice } from '../lib/base/dice.ts';

/** The xorshift generator of 32 bits (Marsaglia, "Xorshift RNGs", 2003). */
export function createSeededDice(seed: number): Dice {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return { random: next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
}
