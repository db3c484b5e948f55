// Beginning a round somewhere else each time.

/** All of them from one on, and round; `random`: from 0 to below 1. */
export function rotate<T>(all: readonly T[], random: number): readonly T[] {
  const from = Math.floor(random * all.length);
  return [...all.slice(from), ...all.slice(0, from)];
}
