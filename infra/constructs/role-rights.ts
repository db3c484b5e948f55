// Gives a role its rights to tables and bucket, from the data of function-rights.ts and nothing else.
import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ObjectRight, Rights, TableRight } from './function-rights.ts';
import type { TableName } from '../../lib/storage/ports/item-store.ts';

/** What rights are about. */
export interface Stores {
  readonly tables: Readonly<Record<TableName, TableV2>>;
  readonly bucket: Bucket;
  /** What encrypts both, where it is a key of the account. */
  readonly encryptionKey?: IKey;
}

/** Grants these rights, but for those to wake functions. */
export function grantRights(role: Role, rights: Rights, stores: Stores): void {
  for (const right of rights.tables) {
    role.addToPrincipalPolicy(tableStatement(stores.tables[right.table], right));
  }
  if (stores.encryptionKey) stores.encryptionKey.grantEncryptDecrypt(role);
  grantObjects(role, rights.objects, stores.bucket);
}

/** The names in the account of the tables that these rights are about, as JSON: what VARIABLES.tables holds. */
export function tableNamesOf(rights: Rights, { tables, bucket }: Stores): string {
  const used = new Set(rights.tables.map(({ table }) => table));
  const names = Object.fromEntries([...used].map((table) => [table, tables[table].tableName]));
  return Stack.of(bucket).toJsonString(names);
}

function grantObjects(role: Role, objects: readonly ObjectRight[], bucket: Bucket): void {
  for (const right of objects) role.addToPrincipalPolicy(objectStatement(bucket, right));
  if (objects.some(({ action }) => action === 'GetObject')) {
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    );
  }
  const bucketId = Stack.of(role).getLogicalId(bucket.node.defaultChild as never);
  for (const prefix of new Set(objects.map((right) => right.prefix))) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}*]`,
      reason: 'Objects have unique keys below this prefix, which nobody knows before they are made.',
    });
  }
}

function tableStatement(table: TableV2, { actions, partitionKeys }: TableRight): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    ...(partitionKeys && {
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': partitionKeys } },
    }),
  });
}

function objectStatement(bucket: Bucket, { action, prefix }: ObjectRight): PolicyStatement {
  return new PolicyStatement({
    actions: [`s3:${action}`],
    resources: [bucket.arnForObjects(`${prefix}*`)],
  });
}
