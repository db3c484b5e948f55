// Copies of items: what a store keeps is never what a caller holds.
import type { Item, ItemValue } from '../ports/item-store.ts';

/** A copy whose binaries, lists and maps are its own. */
export function cloneItem(item: Item): Item {
  const copy: Record<string, ItemValue> = {};
  for (const name of Object.keys(item)) defineValue(copy, name, cloneValue(item[name] ?? null));
  return copy;
}

function cloneValue(value: ItemValue): ItemValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return (value as readonly ItemValue[]).map(cloneValue);
  return cloneItem(value as Item);
}

/** Sets an attribute of a map that is being built; assigning to `__proto__` would set its prototype instead. */
export function defineValue(map: Record<string, ItemValue>, name: string, value: ItemValue): void {
  if (name === '__proto__') Object.defineProperty(map, name, { value, enumerable: true });
  else map[name] = value;
}
