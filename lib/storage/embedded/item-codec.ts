// Items as bytes: how the embedded store keeps them in SQLite. Half the bytes of node:v8's serialization, and faster.
import { assert } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import { defineValue } from './clone-item.ts';
import { Packer, Unpacker } from '../schema/packing.ts';
import type { Item, ItemValue } from '../ports/item-store.ts';

/*
 * Stored => Format Map
 *   Format => BYTE (1)
 *   Value => Kind ...
 *     0 null | 1 false | 2 true
 *     3 UVARINT (a number from 0) | 4 UVARINT (a negative number's magnitude)
 *     5 UVARINT BYTES (a string in UTF-8) | 6 UVARINT BYTES (a binary)
 *     7 UVARINT [Value] (a list) | 8 Map
 *   Map => UVARINT [UVARINT BYTES (a name in UTF-8) Value]
 * Key attributes are columns of their own and are left out. Life: as the row's.
 */

const FORMAT = 1;

const KIND = {
  null: 0,
  false: 1,
  true: 2,
  positive: 3,
  negative: 4,
  text: 5,
  binary: 6,
  list: 7,
  map: 8,
} as const;

/** The bytes of an item without its key, owned by the caller. */
export function encodeItem(item: Item): Uint8Array {
  const packer = new Packer(1024).byte(FORMAT);
  packMap(
    packer,
    item,
    Object.keys(item).filter((name) => name !== 'pk' && name !== 'sk'),
  );
  return packer.finish();
}

/** The bytes of any value made of what items are made of; attributes that are undefined are left out. */
export function encodeValue(value: ItemValue): Uint8Array {
  const packer = new Packer(1024);
  packValue(packer, value);
  return packer.finish();
}

function packMap(packer: Packer, map: Item, names: readonly string[]): void {
  packer.unsigned(names.length);
  for (const name of names) {
    packBytes(packer, Buffer.from(name));
    packValue(packer, map[name] as ItemValue);
  }
}

/** Optional fields of values that are no items may be there and undefined. */
const namesOf = (map: Item): readonly string[] => Object.keys(map).filter((name) => map[name] !== undefined);

function packBytes(packer: Packer, bytes: Uint8Array): void {
  packer.unsigned(bytes.length).raw(bytes);
}

function packValue(packer: Packer, value: ItemValue): void {
  if (value === null) packer.byte(KIND.null);
  else if (typeof value === 'boolean') packer.byte(value ? KIND.true : KIND.false);
  else if (typeof value === 'number')
    packer.byte(value < 0 ? KIND.negative : KIND.positive).unsigned(Math.abs(value));
  else if (typeof value === 'string') packBytes(packer.byte(KIND.text), Buffer.from(value));
  else if (value instanceof Uint8Array) packBytes(packer.byte(KIND.binary), value);
  else if (Array.isArray(value)) {
    const list = value as readonly ItemValue[];
    packer.byte(KIND.list).unsigned(list.length);
    for (const element of list) packValue(packer, element);
  } else packMap(packer.byte(KIND.map), value as Item, namesOf(value as Item));
}

/**
 * The item under a key. Its binaries are views of `bytes`, which are the item's from then on. Throws UNSUPPORTED_VERSION for a format that this code does not know,
 * KAFKA_STORAGE_ERROR for bytes that are cut off.
 */
export function decodeItem(key: Item, bytes: Uint8Array): Item {
  const unpacker = new Unpacker('an item', bytes);
  const format = unpacker.byte();
  if (format !== FORMAT)
    throw new BrokerError(
      'UNSUPPORTED_VERSION',
      `item ${key['pk'] as string} has format ${format}, known is ${FORMAT}`,
    );
  return { ...key, ...unpackMap(unpacker) };
}

function unpackMap(unpacker: Unpacker): Item {
  const map: Record<string, ItemValue> = {};
  for (let count = unpacker.unsigned(); count > 0; count--) {
    const name = unpackText(unpacker);
    defineValue(map, name, unpackValue(unpacker));
  }
  return map;
}

function unpackText(unpacker: Unpacker): string {
  const bytes = unpacker.raw(unpacker.unsigned());
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

function unpackValue(unpacker: Unpacker): ItemValue {
  const kind = unpacker.byte();
  switch (kind) {
    case KIND.null:
      return null;
    case KIND.false:
    case KIND.true:
      return kind === KIND.true;
    case KIND.positive:
      return unpacker.unsigned();
    case KIND.negative:
      return -unpacker.unsigned();
    case KIND.text:
      return unpackText(unpacker);
    case KIND.binary:
      return unpacker.raw(unpacker.unsigned());
    case KIND.list:
      return Array.from({ length: unpacker.unsigned() }, () => unpackValue(unpacker));
    default:
      assert(kind === KIND.map, `a stored value is of kind ${kind}`);
      return unpackMap(unpacker);
  }
}
