// Our item values as DynamoDB's attribute values and back. Sets are not used: an item that has one is not ours.
import { assert } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, ItemKey, ItemValue } from '../ports/item-store.ts';

/** Attributes as the low-level client takes and gives them. */
export type Attributes = Record<string, AttributeValue>;

/** Binaries are passed on, not copied: the client encodes them before its call answers. */
export function toAttributeValue(value: ItemValue): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), `${value} is no safe integer`);
    return { N: value.toString() };
  }
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: (value as readonly ItemValue[]).map(toAttributeValue) };
  return { M: toAttributes(value as Item) };
}

/** An item or a map; binaries as in toAttributeValue. */
export function toAttributes(item: Item): Attributes {
  const attributes: Attributes = {};
  for (const name in item) {
    assert(name !== '__proto__', 'an attribute is named __proto__');
    attributes[name] = toAttributeValue(item[name] as ItemValue);
  }
  return attributes;
}

/** Exactly the key attributes. */
export const toKey = ({ pk, sk }: ItemKey): Attributes =>
  sk === undefined ? { pk: { S: pk } } : { pk: { S: pk }, sk: { S: sk } };

/** Throws KAFKA_STORAGE_ERROR (not-applied, not retriable) for what no ItemValue can be: sets and other numbers. */
export function toItem(attributes: Attributes): Item {
  const item: Record<string, ItemValue> = {};
  for (const name in attributes) item[name] = toItemValue(attributes[name] as AttributeValue, name);
  return item;
}

function toItemValue(value: AttributeValue, name: string): ItemValue {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return toNumber(value.N, name);
  if (value.B !== undefined) return value.B;
  if (value.L !== undefined) return value.L.map((element) => toItemValue(element, name));
  if (value.M !== undefined) return toItem(value.M);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  throw notOurs(`attribute ${name} is of type ${Object.keys(value).join()}`);
}

function toNumber(text: string, name: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw notOurs(`attribute ${name} is ${text}, which is no safe integer`);
}

const notOurs = (message: string) => new BrokerError('KAFKA_STORAGE_ERROR', message, { retriable: false });
