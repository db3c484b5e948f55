// The single writes of the table port: one conditional PutItem, UpdateItem or DeleteItem each.
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { present } from '../../base/assert.ts';
import { answerOf, nameOf, type DynamoDbContext } from './dynamodb-context.ts';
import { toItem } from './marshal.ts';
import { keyFields, putFields, updateFields } from './write-request.ts';
import type { Action } from '../ports/action.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey, TableName, WriteResult } from '../ports/item-store.ts';

/** One PutItem. */
export function putItem(
  context: DynamoDbContext,
  table: TableName,
  item: Item,
  condition?: Condition,
): Promise<WriteResult> {
  const TableName = nameOf(context, table);
  const command = new PutItemCommand({ ...putFields(table, item, condition), TableName });
  return resultOf('PutItem', TableName, context.client.send(command), () => item);
}

/** One UpdateItem, which answers the whole new item: that costs nothing and saves the read that would follow. */
export function updateItem(
  context: DynamoDbContext,
  table: TableName,
  key: ItemKey,
  actions: readonly Action[],
  condition?: Condition,
): Promise<WriteResult> {
  const TableName = nameOf(context, table);
  const fields = updateFields(table, key, actions, condition);
  const command = new UpdateItemCommand({ ...fields, TableName, ReturnValues: 'ALL_NEW' });
  return resultOf('UpdateItem', TableName, context.client.send(command), ({ Attributes }) =>
    toItem(present(Attributes, 'the new item of an UpdateItem')),
  );
}

/** One DeleteItem. */
export function deleteItem(
  context: DynamoDbContext,
  table: TableName,
  key: ItemKey,
  condition?: Condition,
): Promise<WriteResult> {
  const TableName = nameOf(context, table);
  const write = { kind: 'delete', table, key, ...(condition && { condition }) } as const;
  const command = new DeleteItemCommand({ ...keyFields(write), TableName });
  return resultOf('DeleteItem', TableName, context.client.send(command), () => undefined);
}

async function resultOf<Answer>(
  operation: string,
  tableName: string,
  sent: Promise<Answer>,
  itemOf: (answer: Answer) => Item | undefined,
): Promise<WriteResult> {
  const label = { operation, tableNames: [tableName], isWrite: true };
  const isAnswer = (error: unknown) => error instanceof ConditionalCheckFailedException;
  try {
    return { applied: true, item: itemOf(await answerOf(label, sent, isAnswer)) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { applied: false, current: error.Item && toItem(error.Item) };
  }
}
