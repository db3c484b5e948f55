// What an update does to an item, as small values. All actions of one update see the item as it was before it.
import type { Path } from './condition.ts';
import type { ItemValue } from './item-store.ts';

/**
 * One change. Parents of a path are always present when it is applied. `setFrom` sets the attribute to the number at
 * `other` plus `plus`; `add` starts from 0; `append` starts from an empty list; `removeFirst` removes the first `count`
 * elements of a list that has at least so many.
 */
export type Action =
  | { readonly kind: 'set' | 'setIfAbsent'; readonly path: Path; readonly value: ItemValue }
  | { readonly kind: 'setFrom'; readonly path: Path; readonly other: Path; readonly plus: number }
  | { readonly kind: 'add'; readonly path: Path; readonly amount: number }
  | { readonly kind: 'append'; readonly path: Path; readonly values: readonly ItemValue[] }
  | { readonly kind: 'removeFirst'; readonly path: Path; readonly count: number }
  | { readonly kind: 'remove'; readonly path: Path };

const toPath = (path: string | Path): Path => (typeof path === 'string' ? [path] : path);

export const set = (path: string | Path, value: ItemValue): Action => ({
  kind: 'set',
  path: toPath(path),
  value,
});
export const setIfAbsent = (path: string | Path, value: ItemValue): Action => ({
  kind: 'setIfAbsent',
  path: toPath(path),
  value,
});
export const setFrom = (path: string | Path, other: string | Path, plus = 0): Action => ({
  kind: 'setFrom',
  path: toPath(path),
  other: toPath(other),
  plus,
});
export const add = (path: string | Path, amount: number): Action => ({
  kind: 'add',
  path: toPath(path),
  amount,
});
export const append = (path: string | Path, values: readonly ItemValue[]): Action => ({
  kind: 'append',
  path: toPath(path),
  values,
});
export const removeFirst = (path: string | Path, count: number): Action => ({
  kind: 'removeFirst',
  path: toPath(path),
  count,
});
export const remove = (path: string | Path): Action => ({ kind: 'remove', path: toPath(path) });
