// What every request to DynamoDB needs: the client, the tables' names in the account, and one way to report failures.
import { present } from '../../base/assert.ts';
import { toDynamoDbError } from './dynamodb-errors.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../base/clock.ts';
import type { TableName } from '../ports/item-store.ts';

/** The names of the tables in the account. A function that is granted only some tables names only those. */
export type TableNames = Readonly<Partial<Record<TableName, string>>>;

export interface DynamoDbContext {
  readonly client: DynamoDBClient;
  readonly tableNames: TableNames;
  /** For the waits between the rounds of a BatchGetItem. */
  readonly clock: Clock;
}

/** The name of a table in the account. Throws AssertionError for one that no name was given for. */
export const nameOf = ({ tableNames }: DynamoDbContext, table: TableName): string =>
  present(tableNames[table], `the name of table ${table}`);

/** A request about to be sent: what it is called, its tables in the account, and whether it changes anything. */
export interface RequestLabel {
  readonly operation: string;
  readonly tableNames: readonly string[];
  readonly isWrite: boolean;
}

/** Waits for a request's answer. Rejects with BrokerErrors only, but for what `isAnswer` takes for an answer. */
export async function answerOf<Answer>(
  label: RequestLabel,
  sent: Promise<Answer>,
  isAnswer: (error: unknown) => boolean = () => false,
): Promise<Answer> {
  try {
    return await sent;
  } catch (error) {
    if (isAnswer(error)) throw error;
    throw toDynamoDbError(error, describeRequest(label), label.tableNames);
  }
}

/** A label in words, for messages. */
export const describeRequest = ({ operation, tableNames, isWrite }: RequestLabel) => ({
  what: `${operation} in table ${tableNames.join(', ')}`,
  isWrite,
});
