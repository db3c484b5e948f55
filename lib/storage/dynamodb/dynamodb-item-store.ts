// The table port on DynamoDB: every method is one request, but for reads that need several pages.
import { getItem, getItems, queryItems, scanItems } from './read-items.ts';
import { transactItems } from './transact-items.ts';
import { deleteItem, putItem, updateItem } from './write-items.ts';
import { TABLES } from '../schema/tables.ts';
import type { DynamoDbContext, TableNames } from './dynamodb-context.ts';
import type { ItemStore, TableName } from '../ports/item-store.ts';

/**
 * An ItemStore over a ready client, which belongs to the caller: closing the store leaves it open. Make the client with
 * DYNAMODB_CLIENT_OPTIONS; with retries of its own it works too, but then more failures are of unknown outcome.
 */
export function createDynamoDbItemStore(context: DynamoDbContext): ItemStore {
  return {
    get: async (table, key, options) => getItem(context, table, key, options),
    getMany: async (table, keys, options) => getItems(context, table, keys, options),
    query: async (table, pk, options) => queryItems(context, table, pk, options),
    scan: async (table, options) => scanItems(context, table, options),
    put: async (table, item, condition) => putItem(context, table, item, condition),
    update: async (table, key, actions, condition) => updateItem(context, table, key, actions, condition),
    delete: async (table, key, condition) => deleteItem(context, table, key, condition),
    transact: async (writes, requestId) => transactItems(context, writes, requestId),
    close: () => Promise.resolve(),
  };
}

/** The names of all tables as `<prefix><table>`. */
export const prefixedTableNames = (prefix: string): Required<TableNames> =>
  Object.fromEntries(Object.keys(TABLES).map((table) => [table, `${prefix}${table}`])) as Record<
    TableName,
    string
  >;
