// What a request of the table port must be like before any adapter looks at its data.
import { assert } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import { TABLES } from './schema/tables.ts';
import type { Action } from './ports/action.ts';
import type { Path } from './ports/condition.ts';
import type { Item, ItemKey, TableName, TransactWrite } from './ports/item-store.ts';

/** DynamoDB's limits of key attributes (developer guide, "Service quotas"). */
export const PARTITION_KEY_BYTES_MAX = 2048;
export const SORT_KEY_BYTES_MAX = 1024;

/** DynamoDB's limits of one BatchGetItem and one TransactWriteItems. */
export const GET_MANY_KEYS_MAX = 100;
export const TRANSACT_WRITES_MAX = 100;
export const TRANSACT_BYTES_MAX = 4 * 1024 * 1024;

const REQUEST_ID_LENGTH_MAX = 36;

/** Throws INVALID_REQUEST for a key that is empty, too long or not Unicode, AssertionError for one of the wrong shape. */
export function checkKey(table: TableName, key: ItemKey): void {
  const { hasSortKey } = TABLES[table];
  assert((key.sk !== undefined) === hasSortKey, `table ${table} has ${hasSortKey ? 'a' : 'no'} sort key`);
  checkKeyPart(table, 'pk', key.pk, PARTITION_KEY_BYTES_MAX);
  if (key.sk !== undefined) checkKeyPart(table, 'sk', key.sk, SORT_KEY_BYTES_MAX);
}

/** The key of an item, checked. */
export function keyOf(table: TableName, item: Item): ItemKey {
  const { pk, sk } = item;
  assert(typeof pk === 'string', `an item of table ${table} has no pk`);
  const key = typeof sk === 'string' ? { pk, sk } : { pk };
  checkKey(table, key);
  return key;
}

function checkKeyPart(table: TableName, field: string, value: string, bytesMax: number): void {
  const bytes = Buffer.byteLength(value);
  const refuse = (why: string) =>
    new BrokerError('INVALID_REQUEST', `${field} in table ${table} ${why}`, { field });
  if (bytes === 0) throw refuse('is empty');
  if (bytes > bytesMax) throw refuse(`has ${bytes} bytes, at most ${bytesMax}`);
  if (!value.isWellFormed()) throw refuse('is not well-formed Unicode');
}

/** Throws AssertionError for actions that touch the key, one path twice, or a path and its parent. */
export function checkActions(actions: readonly Action[]): void {
  for (const [i, { path }] of actions.entries()) {
    assert(path[0] !== 'pk' && path[0] !== 'sk', 'an update cannot change the key');
    for (let other = i + 1; other < actions.length; other++) {
      const [longer, shorter] = ordered(path, (actions[other] as Action).path);
      const overlaps = shorter.every((name, depth) => longer[depth] === name);
      assert(!overlaps, `two actions touch ${shorter.join('.')}`);
    }
  }
}

const ordered = (a: Path, b: Path): readonly [longer: Path, shorter: Path] =>
  a.length < b.length ? [b, a] : [a, b];

/** Throws AssertionError for more than 100 keys or one key twice, INVALID_REQUEST for an impossible key. */
export function checkKeys(table: TableName, keys: readonly ItemKey[]): void {
  assert(keys.length <= GET_MANY_KEYS_MAX, `${keys.length} keys in one read, at most ${GET_MANY_KEYS_MAX}`);
  for (const key of keys) checkKey(table, key);
  assert(new Set(keys.map(keyText)).size === keys.length, 'one key twice in one read');
}

/** Throws AssertionError for a transaction of a shape that is not allowed, INVALID_REQUEST for an impossible key. */
export function checkTransact(writes: readonly TransactWrite[], requestId: string): void {
  const { length } = writes;
  assert(length > 0 && length <= TRANSACT_WRITES_MAX, `${length} writes, from 1 to ${TRANSACT_WRITES_MAX}`);
  assert(
    requestId.length > 0 && requestId.length <= REQUEST_ID_LENGTH_MAX,
    `request id of ${requestId.length} characters, from 1 to ${REQUEST_ID_LENGTH_MAX}`,
  );
  const keys = writes.map((write) => `${write.table} ${keyText(transactKey(write))}`);
  assert(new Set(keys).size === length, 'two writes of one item in one transaction');
  for (const write of writes) if (write.kind === 'update') checkActions(write.actions);
}

/** The key of what a write of a transaction is about, checked. */
export function transactKey(write: TransactWrite): ItemKey {
  if (write.kind === 'put') return keyOf(write.table, write.item);
  checkKey(write.table, write.key);
  return write.key;
}

/** One text for one key; a pk alone and a pk with an sk have different ones. */
export const keyText = ({ pk, sk }: ItemKey): string => (sk === undefined ? pk : `${pk.length}:${pk}${sk}`);
