// What conditions and actions mean, on an item in memory: DynamoDB's semantics, as far as the port has them.
import { assert } from '../../base/assert.ts';
import { compareUtf8 } from './compare-utf8.ts';
import type { Action } from '../ports/action.ts';
import type { Condition, Path } from '../ports/condition.ts';
import type { Item, ItemValue } from '../ports/item-store.ts';

/** Whether a condition holds on an item; undefined is no item. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.conditions.every((one) => holds(one, item));
    case 'any':
      return condition.conditions.some((one) => holds(one, item));
    case 'exists':
      return valueAt(item, condition.path) !== undefined;
    case 'absent':
      return valueAt(item, condition.path) === undefined;
    case 'equals': {
      const value = valueAt(item, condition.path);
      return value !== undefined && isEqual(value, condition.value);
    }
    case 'atMost':
      return compare(valueAt(item, condition.path), condition.value, (order) => order <= 0);
    case 'atLeast':
      return compare(valueAt(item, condition.path), condition.value, (order) => order >= 0);
    case 'sizeBelow': {
      const size = sizeOf(valueAt(item, condition.path));
      return size !== undefined && size < condition.size;
    }
    case 'notContains': {
      const list = valueAt(item, condition.path);
      return !(Array.isArray(list) && list.some((element: ItemValue) => isEqual(element, condition.value)));
    }
  }
}

function isMap(value: ItemValue | undefined): value is Item {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function valueAt(item: Item | undefined, path: Path): ItemValue | undefined {
  let value: ItemValue | undefined = item;
  for (const name of path) {
    if (!isMap(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function compare(
  value: ItemValue | undefined,
  other: number | string,
  isWanted: (order: number) => boolean,
): boolean {
  if (typeof value === 'number' && typeof other === 'number') return isWanted(value - other);
  if (typeof value === 'string' && typeof other === 'string') return isWanted(compareUtf8(value, other));
  return false;
}

function sizeOf(value: ItemValue | undefined): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}

function isEqual(a: ItemValue, b: ItemValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array)
    return b instanceof Uint8Array && a.length === b.length && Buffer.compare(a, b) === 0;
  if (Array.isArray(a)) {
    const [list, other] = [a as readonly ItemValue[], b as readonly ItemValue[]];
    return (
      Array.isArray(b) && a.length === b.length && list.every((value, i) => isEqual(value, other[i] ?? null))
    );
  }
  if (!isMap(b)) return false;
  const map = a as Item;
  const names = Object.keys(map);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(map[name] ?? null, b[name] ?? null))
  );
}

/**
 * The item after `actions`, all of which see `item` as it is; the answer shares with `item` what they leave. Throws
 * AssertionError for what DynamoDB refuses: a missing parent, arithmetic on what is no number, a list that is none; and
 * for a list with fewer elements than `removeFirst` is to remove, which DynamoDB would pass over.
 */
export function applyActions(item: Item, actions: readonly Action[]): Item {
  const values = actions.map((action) => newValue(item, action));
  return actions.reduce((after, { path }, i) => withValue(after, path, values[i]), item);
}

/** What the path will hold; undefined: nothing. */
function newValue(item: Item, action: Action): ItemValue | undefined {
  const current = valueAt(item, action.path);
  const text = action.path.join('.');
  switch (action.kind) {
    case 'set':
      return action.value;
    case 'setIfAbsent':
      return current === undefined ? action.value : current;
    case 'setFrom': {
      const other = valueAt(item, action.other);
      assert(typeof other === 'number', `setFrom ${text}: ${action.other.join('.')} is no number`);
      return sum(other, action.plus, text);
    }
    case 'add':
      assert(current === undefined || typeof current === 'number', `add to ${text}, which is no number`);
      return sum(current ?? 0, action.amount, text);
    case 'append':
      assert(current === undefined || Array.isArray(current), `append to ${text}, which is no list`);
      return [...((current ?? []) as readonly ItemValue[]), ...action.values];
    case 'removeFirst': {
      const { count } = action;
      assert(Array.isArray(current), `removeFirst of ${text}, which is no list`);
      assert(count > 0 && count <= current.length, `removeFirst ${count} of ${current.length} in ${text}`);
      return (current as readonly ItemValue[]).slice(count);
    }
    case 'remove':
      return undefined;
  }
}

function sum(a: number, b: number, text: string): number {
  assert(Number.isSafeInteger(a + b), `${text} would be ${a} + ${b}, which is no safe integer`);
  return a + b;
}

function withValue(map: Item, path: readonly string[], value: ItemValue | undefined, depth = 0): Item {
  const name = path[depth] as string;
  if (depth < path.length - 1) {
    const inner = Object.hasOwn(map, name) ? map[name] : undefined;
    assert(isMap(inner), `${path.slice(0, depth + 1).join('.')} is no map to change ${path.join('.')} in`);
    return { ...map, [name]: withValue(inner, path, value, depth + 1) };
  }
  if (value !== undefined) return { ...map, [name]: value };
  return Object.fromEntries(Object.entries(map).filter(([other]) => other !== name));
}
