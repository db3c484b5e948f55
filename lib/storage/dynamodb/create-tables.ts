// Makes the tables on an emulator or in a test account. Deployed tables are made by infra/, from the same list.
import {
  CreateTableCommand,
  ResourceInUseException,
  waitUntilTableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { TABLES, type TableSchema } from '../schema/tables.ts';
import type { TableNames } from './dynamodb-context.ts';

const WAIT_SECONDS_MAX = 60;

/** Makes every table that is given a name and is not there yet, on demand, and waits until they can be used. */
export async function createTables(client: DynamoDBClient, tableNames: TableNames): Promise<void> {
  await Promise.all(
    Object.values(TABLES).map(async (schema) => {
      const name = tableNames[schema.name];
      if (name === undefined) return;
      try {
        await client.send(new CreateTableCommand(toCreateTable(schema, name)));
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error;
      }
      await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS_MAX, minDelay: 1 }, { TableName: name });
    }),
  );
}

function toCreateTable({ hasSortKey }: TableSchema, TableName: string): CreateTableCommandInput {
  const keys = hasSortKey ? (['pk', 'sk'] as const) : (['pk'] as const);
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    KeySchema: keys.map((name) => ({ AttributeName: name, KeyType: name === 'pk' ? 'HASH' : 'RANGE' })),
  };
}
