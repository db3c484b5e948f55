// Dice that a seed owns, so that the same question has the same bill.
import type { Dice } from '../base/dice.ts';

/** Throws by a multiplicative congruential generator modulo the prime 2^31 - 1 (Park and Miller, 1988). */
export function createSeededDice(seed: number): Dice {
  const modulus = 2 ** 31 - 1;
  let state = (seed % (modulus - 1)) + 1;
  const next = (): number => {
    state = (state * 48_271) % modulus;
    return (state - 1) / (modulus - 1);
  };
  return { random: next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
}
