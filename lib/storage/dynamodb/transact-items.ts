// The transactions of the table port: one TransactWriteItems each.
import {
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { BrokerError } from '../../base/errors.ts';
import { checkTransact, TRANSACT_BYTES_MAX } from '../item-checks.ts';
import { itemBytes } from '../item-size.ts';
import { cancellationError } from './dynamodb-errors.ts';
import { answerOf, describeRequest, nameOf, type DynamoDbContext } from './dynamodb-context.ts';
import { toItem } from './marshal.ts';
import { actionBytes, keyFields, putFields, updateFields } from './write-request.ts';
import type { TransactResult, TransactWrite } from '../ports/item-store.ts';

/** One TransactWriteItems under `requestId`, so that a repetition within ten minutes has no second effect. */
export async function transactItems(
  context: DynamoDbContext,
  writes: readonly TransactWrite[],
  requestId: string,
): Promise<TransactResult> {
  checkTransact(writes, requestId);
  checkTransactBytes(writes);
  const TransactItems = writes.map((write) => toTransactItem(write, nameOf(context, write.table)));
  const command = new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: requestId });
  const tableNames = [...new Set(writes.map(({ table }) => nameOf(context, table)))];
  const label = { operation: 'TransactWriteItems', tableNames, isWrite: true };
  const isAnswer = (error: unknown) => error instanceof TransactionCanceledException;
  try {
    await answerOf(label, context.client.send(command), isAnswer);
    return { applied: true };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    const cancelled = cancellationError(reasons, describeRequest(label), error);
    if (cancelled) throw cancelled;
    const failed = reasons.flatMap(({ Code, Item }, index) =>
      Code === 'ConditionalCheckFailed' ? [{ index, current: Item && toItem(Item) }] : [],
    );
    return { applied: false, failed };
  }
}

function toTransactItem(write: TransactWrite, TableName: string): TransactWriteItem {
  switch (write.kind) {
    case 'put':
      return { Put: { ...putFields(write.table, write.item, write.condition), TableName } };
    case 'update': {
      const fields = updateFields(write.table, write.key, write.actions, write.condition);
      return { Update: { ...DO_NOTHING, ...fields, TableName } };
    }
    case 'delete':
      return { Delete: { ...keyFields(write), TableName } };
    case 'check':
      return { ConditionCheck: { ConditionExpression: '', ...keyFields(write), TableName } };
  }
}

/** Unlike UpdateItem, an Update of a transaction must have an expression: this one leaves every item of ours as it is. */
const DO_NOTHING = { UpdateExpression: 'REMOVE no_attribute_of_ours' };

function checkTransactBytes(writes: readonly TransactWrite[]): void {
  let bytes = 0;
  for (const write of writes) {
    if (write.kind === 'put') bytes += itemBytes(write.item);
    else if (write.kind === 'update') bytes += actionBytes(write.actions);
  }
  if (bytes <= TRANSACT_BYTES_MAX) return;
  throw new BrokerError(
    'MESSAGE_TOO_LARGE',
    `a transaction of ${writes.length} writes has ${bytes} bytes, at most ${TRANSACT_BYTES_MAX}`,
  );
}
