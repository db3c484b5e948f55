// What a log of an account stands on: DynamoDB and S3 behind retries, small objects as items, and a cache of what was read.
import { AWS_LIMITS } from '../log/limits.ts';
import { cacheObjects } from '../storage/caching.ts';
import { createDynamoDbItemStore } from '../storage/dynamodb/dynamodb-item-store.ts';
import { retryItems, retryObjects } from '../storage/retrying.ts';
import { createS3ObjectStore } from '../storage/s3/s3-object-store.ts';
import { createTieredObjectStore } from '../storage/tiered-object-store.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LogDeps } from '../log/log-deps.ts';
import type { Account } from './account.ts';

/**
 * For brokers of an account. Records arrive from other processes, so a waiting fetch looks for them: soon at first, then
 * twice a second, which costs half a cent per waiting hour. Topics are made on purpose.
 */
export const ACCOUNT_SETTINGS = { autoCreateTopics: false, pollMsMin: 25, pollMsMax: 500 };

/** Of what was read lately: a reader comes back for the rest of what it was given a part of. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;

export interface AccountClients extends Pick<LogDeps, 'clock' | 'dice'> {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
}

/** Owns nothing that must be closed: the clients stay the caller's. */
export function createAccountLogDeps(
  { tables: tableNames, bucket }: Account,
  { dynamodb, s3, clock, dice }: AccountClients,
): LogDeps {
  const retry = { clock, dice };
  const items = retryItems(createDynamoDbItemStore({ client: dynamodb, tableNames, clock }), retry);
  const large = retryObjects(createS3ObjectStore({ client: s3, bucket }), retry);
  const objects = createTieredObjectStore({ items, large, clock, hotExpiryMs: AWS_LIMITS.hotExpiryMs });
  return {
    ...{ items, clock, dice, limits: AWS_LIMITS },
    objects: cacheObjects(objects, { bytesMax: CACHE_BYTES_MAX }),
  };
}
