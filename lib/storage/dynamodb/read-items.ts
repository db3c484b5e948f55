// The reads of the table port: get, getMany, query and scan, each of them paging until it has what was asked for.
import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { assert } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import { checkKey, checkKeys, keyText } from '../item-checks.ts';
import { TABLES } from '../schema/tables.ts';
import { answerOf, nameOf, type DynamoDbContext, type RequestLabel } from './dynamodb-context.ts';
import { toItem, toKey, type Attributes } from './marshal.ts';
import type {
  Item,
  ItemKey,
  QueryOptions,
  ReadOptions,
  ScanOptions,
  TableName,
} from '../ports/item-store.ts';

const label = (operation: string, tableName: string): RequestLabel => ({
  operation,
  tableNames: [tableName],
  isWrite: false,
});

/** One GetItem. */
export async function getItem(
  context: DynamoDbContext,
  table: TableName,
  key: ItemKey,
  { consistent = true }: ReadOptions = {},
): Promise<Item | undefined> {
  checkKey(table, key);
  const TableName = nameOf(context, table);
  const command = new GetItemCommand({ TableName, Key: toKey(key), ConsistentRead: consistent });
  const { Item: found } = await answerOf(label('GetItem', TableName), context.client.send(command));
  return found && toItem(found);
}

const WAIT_STEP_MS = 25;
const WAIT_MS_MAX = 400;
const ROUNDS_MAX = 20;

/**
 * BatchGetItems until all keys are answered. One answer carries 16 MB at the most; so the first repetition goes at once,
 * and later ones, which are due to throttling, wait. Throws THROTTLING_QUOTA_EXCEEDED after 20 rounds.
 */
export async function getItems(
  context: DynamoDbContext,
  table: TableName,
  keys: readonly ItemKey[],
  { consistent = true }: ReadOptions = {},
): Promise<readonly (Item | undefined)[]> {
  checkKeys(table, keys);
  const TableName = nameOf(context, table);
  const found = new Map<string, Item>();
  let pending = keys.map(toKey);
  for (let round = 0; pending.length > 0; round++) {
    if (round === ROUNDS_MAX) throw stillPending(TableName, pending.length, keys.length);
    if (round > 1) await context.clock.sleep(Math.min(round * WAIT_STEP_MS, WAIT_MS_MAX));
    const RequestItems = { [TableName]: { Keys: pending, ConsistentRead: consistent } };
    const sent = context.client.send(new BatchGetItemCommand({ RequestItems }));
    const { Responses, UnprocessedKeys } = await answerOf(label('BatchGetItem', TableName), sent);
    for (const item of (Responses?.[TableName] ?? []).map(toItem)) found.set(keyText(keyIn(item)), item);
    pending = UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return keys.map((key) => found.get(keyText(key)));
}

const stillPending = (tableName: string, pendingCount: number, keyCount: number) =>
  new BrokerError(
    'THROTTLING_QUOTA_EXCEEDED',
    `BatchGetItem in table ${tableName} left ${pendingCount} of ${keyCount} keys unprocessed ${ROUNDS_MAX} times`,
  );

const keyIn = ({ pk, sk }: Item): ItemKey =>
  sk === undefined ? { pk: pk as string } : { pk: pk as string, sk: sk as string };

/** Queries of one partition key until `limit` items are there or no more. */
export async function queryItems(
  context: DynamoDbContext,
  table: TableName,
  pk: string,
  { between, forward = true, limit, consistent = true }: QueryOptions,
): Promise<readonly Item[]> {
  assert(limit >= 1, `limit ${limit}, at least 1`);
  const { hasSortKey } = TABLES[table];
  checkKey(table, hasSortKey ? { pk, sk: ' ' } : { pk });
  const range = between && toRange(...between);
  assert(hasSortKey || !between, `table ${table} has no sort key to query by`);
  if (range === 'empty') return [];
  const TableName = nameOf(context, table);
  const input: QueryCommandInput = {
    TableName,
    KeyConditionExpression: range ? `#p = :p AND ${range.text}` : '#p = :p',
    ExpressionAttributeNames: { '#p': 'pk', ...(range && { '#s': 'sk' }) },
    ExpressionAttributeValues: { ':p': { S: pk }, ...range?.values },
    ScanIndexForward: forward,
    ConsistentRead: consistent,
  };
  const { items } = await page(limit, undefined, async (from, count) => {
    const command = new QueryCommand({ ...input, Limit: count, ExclusiveStartKey: from });
    return answerOf(label('Query', TableName), context.client.send(command));
  });
  return items;
}

interface Range {
  readonly text: string;
  readonly values: Attributes;
}

/** DynamoDB refuses a range whose ends cross, and an empty string as an end; no sort key is empty. */
function toRange(first: string, last: string): Range | 'empty' {
  if (last === '' || Buffer.compare(Buffer.from(first), Buffer.from(last)) > 0) return 'empty';
  const to = { ':l': { S: last } };
  return first === ''
    ? { text: '#s <= :l', values: to }
    : { text: '#s BETWEEN :f AND :l', values: { ':f': { S: first }, ...to } };
}

/** Scans until `limit` items are there or no more. Consistent: what is collected by a scan must see fresh references. */
export async function scanItems(
  context: DynamoDbContext,
  table: TableName,
  { after, limit }: ScanOptions,
): Promise<{ readonly items: readonly Item[]; readonly after?: ItemKey }> {
  assert(limit >= 1, `limit ${limit}, at least 1`);
  if (after) checkKey(table, after);
  const TableName = nameOf(context, table);
  const { items, next } = await page(limit, after && toKey(after), async (from, count) => {
    const command = new ScanCommand({
      TableName,
      ConsistentRead: true,
      Limit: count,
      ExclusiveStartKey: from,
    });
    return answerOf(label('Scan', TableName), context.client.send(command));
  });
  return { items, ...(next && { after: keyIn(toItem(next)) }) };
}

interface Page {
  readonly Items?: Attributes[] | undefined;
  readonly LastEvaluatedKey?: Attributes | undefined;
}

/** Asks for pages, which DynamoDB ends at 1 MB, until there are `limit` items; `next` is where it stopped, if anywhere. */
async function page(
  limit: number,
  start: Attributes | undefined,
  ask: (from: Attributes | undefined, count: number) => Promise<Page>,
): Promise<{ readonly items: readonly Item[]; readonly next: Attributes | undefined }> {
  const items: Item[] = [];
  let next = start;
  do {
    const { Items = [], LastEvaluatedKey } = await ask(next, limit - items.length);
    items.push(...Items.map(toItem));
    next = LastEvaluatedKey;
  } while (next && items.length < limit);
  return { items, next };
}
