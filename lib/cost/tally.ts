// Amounts by name, of requests and all else that is billed: added up, taken from each other, and scaled.

/** A name without an amount has 0. */
export type Tally = ReadonlyMap<string, number>;

/** Adds to what `into` has. */
export function add(into: Map<string, number>, name: string, amount: number): void {
  if (amount !== 0) into.set(name, (into.get(name) ?? 0) + amount);
}

/** What all have together. */
export function sum(...tallies: readonly Tally[]): Tally {
  const total = new Map<string, number>();
  for (const tally of tallies) for (const [name, amount] of tally) add(total, name, amount);
  return total;
}

/** Every amount times `factor`. */
export function scale(tally: Tally, factor: number): Tally {
  return new Map([...tally].map(([name, amount]) => [name, amount * factor]));
}

/** `tally` without `part`, which it contains; what rounding makes negative is 0. */
export function without(tally: Tally, part: Tally): Tally {
  const rest = sum(tally, scale(part, -1));
  return new Map([...rest].map(([name, amount]) => [name, Math.max(0, amount)]));
}
