// The tables: those of lib/storage/schema/tables.ts, on demand.
import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { EXPIRES_ATTRIBUTE, TABLES, type TableSchema } from '../../lib/storage/schema/tables.ts';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { TableName } from '../../lib/storage/ports/item-store.ts';

export interface EventLogTablesProps {
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  /** Of each table, in DynamoDB's request units a second. */
  readonly maxReadRequestUnits: number;
  readonly maxWriteRequestUnits: number;
  readonly encryptionKey?: IKey;
}

/** One table for each schema. Which of them are there, and their ids, must never change: they hold the log. */
export class EventLogTables extends Construct {
  readonly tables: Readonly<Record<TableName, TableV2>>;

  constructor(scope: Construct, id: string, props: EventLogTablesProps) {
    super(scope, id);
    const tables = Object.values(TABLES).map((schema) => [schema.name, this.#table(schema, props)] as const);
    this.tables = Object.fromEntries(tables) as Record<TableName, TableV2>;
  }

  #table(schema: TableSchema, props: EventLogTablesProps): TableV2 {
    const { maxReadRequestUnits, maxWriteRequestUnits, encryptionKey } = props;
    return new TableV2(this, schema.name, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      ...(schema.hasSortKey && { sortKey: { name: 'sk', type: AttributeType.STRING } }),
      ...(schema.expires && { timeToLiveAttribute: EXPIRES_ATTRIBUTE }),
      billing: Billing.onDemand({ maxReadRequestUnits, maxWriteRequestUnits }),
      removalPolicy: props.removalPolicy,
      deletionProtection: props.deletionProtection,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.pointInTimeRecovery },
      ...(encryptionKey && { encryption: TableEncryptionV2.customerManagedKey(encryptionKey) }),
    });
  }
}
