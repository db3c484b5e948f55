// A small object as an item of table `objects`: what the tiered store keeps beside the object store.
import { checkFormat } from './format.ts';
import { EXPIRES_ATTRIBUTE } from './tables.ts';
import type { Item, ItemKey } from '../ports/item-store.ts';

/*
 * Table `objects`, pk <object key>, always of the form hot/s/<yyyy-mm-dd>/<uuid>
 *   f format (1)
 *   b the object's bytes
 *   w when it was written, in milliseconds since the Unix epoch
 *   expires
 * Life: 14 days after it was last put, or until it is deleted.
 */

const FORMATS = [1];
const ATTRIBUTE = { format: 'f', bytes: 'b', writtenAt: 'w' } as const;

/** What the item adds to the object's bytes: key, names and numbers, by DynamoDB's size rules (see item-size.ts). */
export const SMALL_OBJECT_OVERHEAD_BYTES = 2 + 53 + 3 + 1 + 9 + 13;

/**
 * The largest object that is cheaper as an item: 7 write units of 1 KB. The eighth would make it as dear as the S3 PUT
 * ($0.625 a million write units, $5 a million PUTs), and a table's storage costs ten times as much for 14 days.
 */
export const SMALL_OBJECT_BYTES_MAX = 7 * 1024 - SMALL_OBJECT_OVERHEAD_BYTES;

/** A small object as it was written. */
export interface SmallObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly writtenAtMs: number;
}

/** The key of a small object's item. */
export const smallObjectKey = (key: string): ItemKey => ({ pk: key });

/** The item of a small object that expires at `expiresAtMs`, rounded up to seconds. */
export function smallObjectItem({ key, bytes, writtenAtMs }: SmallObject, expiresAtMs: number): Item {
  return {
    ...smallObjectKey(key),
    [ATTRIBUTE.format]: 1,
    [ATTRIBUTE.bytes]: bytes,
    [ATTRIBUTE.writtenAt]: writtenAtMs,
    [EXPIRES_ATTRIBUTE]: Math.ceil(expiresAtMs / 1000),
  };
}

/** Reads an item. Throws UNSUPPORTED_VERSION for a format that this code does not know. */
export function readSmallObject(item: Item): SmallObject {
  const key = item['pk'] as string;
  checkFormat(`the small object ${key}`, Number(item[ATTRIBUTE.format]), FORMATS);
  return {
    key,
    bytes: item[ATTRIBUTE.bytes] as Uint8Array,
    writtenAtMs: Number(item[ATTRIBUTE.writtenAt]),
  };
}
