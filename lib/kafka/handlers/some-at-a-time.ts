// Many things of one request, some of them at the same time: a request of a thousand topics must not be a thousand at once.

const AT_ONCE = 10;

/** What `run` makes of each, in their order. `run` should not throw: one error would hide the others' answers. */
export async function someAtATime<T, R>(
  all: readonly T[],
  run: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    results.push(...(await Promise.all(all.slice(start, start + AT_ONCE).map(run))));
  }
  return results;
}

/** Those that occur more than once: a request that names something twice is ambiguous. */
export function repeatedIn(names: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}
