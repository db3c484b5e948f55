// Randomness of a simulation: one seed gives all of it, and each part throws dice of its own.
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import type { Dice } from '../../lib/base/dice.ts';

export interface SimDice extends Dice {
  /** An integer from `min` to `max`, both inclusive. */
  between(min: number, max: number): number;
  /** Between the two, as often near the one by orders of magnitude as near the other. */
  spread(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Dice for a part, that throw the same whatever the other parts do. */
  fork(): SimDice;
}

export function createSimDice(seed: number): SimDice {
  const seeded = createSeededDice(seed);
  const random = () => seeded.random();
  const dice: SimDice = {
    random,
    bytes: (length) => seeded.bytes(length),
    between: (min, max) => min + Math.floor(random() * (max - min + 1)),
    spread: (min, max) => min * (max / min) ** random(),
    chance: (probability) => random() < probability,
    pick: (from) => {
      const picked = from[Math.floor(random() * from.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
    fork: () => createSimDice(Math.floor(random() * 2 ** 32)),
  };
  return dice;
}
