// How large an item is, by DynamoDB's rules: what is billed, and what is refused.
import { assert } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import type { Item, ItemValue } from './ports/item-store.ts';

/** DynamoDB's limit of an item, attribute names included (developer guide, "Service quotas"). */
export const ITEM_BYTES_MAX = 400 * 1024;

/** DynamoDB's limit of nested lists and maps. */
const DEPTH_MAX = 32;

/**
 * Bytes of an item as DynamoDB counts them (developer guide, "DynamoDB item sizes and formats"): names and strings in
 * UTF-8; a number one byte, one more for each two significant digits, one more if negative; null and booleans one; lists
 * and maps three and one more for each element. Throws AssertionError for what is no ItemValue, such as a fraction.
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += nameBytes(name) + valueBytes(item[name], name, 1);
  return bytes;
}

/** Throws MESSAGE_TOO_LARGE for an item over 400 KB; answers its bytes otherwise. `what` names the item. */
export function checkItemBytes(item: Item, what: string): number {
  const bytes = itemBytes(item);
  if (bytes <= ITEM_BYTES_MAX) return bytes;
  throw new BrokerError('MESSAGE_TOO_LARGE', `${what} has ${bytes} bytes, at most ${ITEM_BYTES_MAX}`);
}

function nameBytes(name: string): number {
  assert(name !== '', 'an attribute has an empty name');
  return Buffer.byteLength(name);
}

function valueBytes(value: ItemValue | undefined, name: string, depth: number): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'number') return numberBytes(value, name);
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.length;
  assert(typeof value === 'object', `attribute ${name} is ${typeof value}`);
  assert(depth < DEPTH_MAX, `attribute ${name} is nested more than ${DEPTH_MAX} deep`);
  let bytes = 3;
  if (Array.isArray(value)) {
    for (const element of value as readonly ItemValue[]) bytes += 1 + valueBytes(element, name, depth + 1);
    return bytes;
  }
  const map = value as Item;
  for (const key in map) bytes += 1 + nameBytes(key) + valueBytes(map[key], key, depth + 1);
  return bytes;
}

function numberBytes(value: number, name: string): number {
  assert(Number.isSafeInteger(value), `attribute ${name} is ${value}, which is no safe integer`);
  if (value === 0) return 1;
  let rest = Math.abs(value);
  while (rest % 10 === 0) rest /= 10;
  const digits = rest.toString().length;
  return 1 + Math.ceil(digits / 2) + (value < 0 ? 1 : 0);
}
