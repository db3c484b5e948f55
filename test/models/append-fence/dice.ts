// Reproducible random choices: everything a run does follows from its seed.

export interface Dice {
  /** An integer from 0 to `count` - 1. */
  readonly pick: (count: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly one: <T>(list: readonly T[]) => T;
}

/** The mulberry32 generator. */
export function createDice(seed: number): Dice {
  let state = seed | 0;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const pick = (count: number) => Math.floor(random() * count);
  return {
    pick,
    chance: (probability) => random() < probability,
    one: <T>(list: readonly T[]) => list[pick(list.length)] as T,
  };
}
