// Conditions of a write as small values: the DynamoDB adapter compiles them, the embedded one evaluates them.
import type { ItemValue } from './item-store.ts';

/** The names of nested maps from the item down to an attribute. */
export type Path = readonly [string, ...string[]];

/**
 * A condition on the item as it is before the write. On an absent item or attribute only `absent` holds, and
 * `notContains`; comparing values of different types is false. `sizeBelow` counts list elements, map entries, UTF-8 bytes
 * of strings and bytes of binaries. `notContains` looks for a whole list element.
 */
export type Condition =
  | { readonly kind: 'exists' | 'absent'; readonly path: Path }
  | { readonly kind: 'equals'; readonly path: Path; readonly value: ItemValue }
  | { readonly kind: 'atMost' | 'atLeast'; readonly path: Path; readonly value: number | string }
  | { readonly kind: 'sizeBelow'; readonly path: Path; readonly size: number }
  | { readonly kind: 'notContains'; readonly path: Path; readonly value: ItemValue }
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly [Condition, ...Condition[]] };

const toPath = (path: string | Path): Path => (typeof path === 'string' ? [path] : path);

export const exists = (path: string | Path): Condition => ({ kind: 'exists', path: toPath(path) });
export const absent = (path: string | Path): Condition => ({ kind: 'absent', path: toPath(path) });
export const equals = (path: string | Path, value: ItemValue): Condition => ({
  kind: 'equals',
  path: toPath(path),
  value,
});
/** The attribute is at most `value`. */
export const atMost = (path: string | Path, value: number | string): Condition => ({
  kind: 'atMost',
  path: toPath(path),
  value,
});
/** The attribute is at least `value`. */
export const atLeast = (path: string | Path, value: number | string): Condition => ({
  kind: 'atLeast',
  path: toPath(path),
  value,
});
export const sizeBelow = (path: string | Path, size: number): Condition => ({
  kind: 'sizeBelow',
  path: toPath(path),
  size,
});
export const notContains = (path: string | Path, value: ItemValue): Condition => ({
  kind: 'notContains',
  path: toPath(path),
  value,
});
export const all = (...conditions: readonly [Condition, ...Condition[]]): Condition => ({
  kind: 'all',
  conditions,
});
export const any = (...conditions: readonly [Condition, ...Condition[]]): Condition => ({
  kind: 'any',
  conditions,
});
