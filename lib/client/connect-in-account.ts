// A client that stands on DynamoDB and S3 itself, with the rights of its caller: no gateway, no function in between.
import { matchTopics } from '../groups/subscription.ts';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { createSystemClock } from '../base/clock.ts';
import { createSystemDice } from '../base/dice.ts';
import { KeyWatch } from '../base/key-watch.ts';
import { createBroker } from '../broker/create-broker.ts';
import { AWS_LIMITS } from '../log/limits.ts';
import type { LogDeps } from '../log/log-deps.ts';
import { Log } from '../log/log.ts';
import { cacheObjects } from '../storage/caching.ts';
import { DYNAMODB_CLIENT_OPTIONS } from '../storage/dynamodb/client-options.ts';
import { createDynamoDbItemStore } from '../storage/dynamodb/dynamodb-item-store.ts';
import { retryItems, retryObjects } from '../storage/retrying.ts';
import { S3_CLIENT_OPTIONS } from '../storage/s3/client-options.ts';
import { createS3ObjectStore } from '../storage/s3/s3-object-store.ts';
import { createTieredObjectStore } from '../storage/tiered-object-store.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { type Account, readAccount } from './account-environment.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';

export type InAccountOptions = ClientOptions & {
  /** Region, credentials, endpoint. Default: as the SDK finds them. */
  readonly dynamodb?: DynamoDBClientConfig;
  readonly s3?: S3ClientConfig;
  /** Called when a partition has a segment's worth of records. Default: the deployment's sweep finds it. */
  readonly onSealDue?: (partitionId: string) => void;
} & (Account | { readonly env: Readonly<Record<string, string | undefined>> });

/** Others append too, so a waiting fetch looks for their records: soon at first, then twice a second, half a cent an hour. */
const POLLING = { pollMsMin: 25, pollMsMax: 500 };

/** Of what was read lately. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;

/** As the package's own (connect.ts), which loads this file. Throws what that one rejects with. */
export function connectInAccount(options: InAccountOptions): Client {
  const account = 'env' in options ? readAccount(options.env) : options;
  const clock = options.clock ?? createSystemClock();
  const dice = options.dice ?? createSystemDice();
  const dynamodb = new DynamoDBClient({ ...DYNAMODB_CLIENT_OPTIONS, ...options.dynamodb });
  const s3 = new S3Client({ ...S3_CLIENT_OPTIONS, ...options.s3 });
  const watch = new KeyWatch(clock);
  const log = new Log(logDepsOf({ dynamodb, s3, account, clock, dice }), {
    onAppended: (partitionId) => {
      watch.notify(partitionId);
    },
    ...(options.onSealDue !== undefined && { onSealDue: options.onSealDue }),
  });
  const settings = { autoCreateTopics: false, ...POLLING };
  const broker = createBroker({ log, watch, topicLimits: TOPIC_LIMITS, settings, matchTopics });
  return createClient(broker, { ...options, clock, dice }, async () => {
    await log.settle();
    dynamodb.destroy();
    s3.destroy();
  });
}

interface AccountDeps extends Pick<LogDeps, 'clock' | 'dice'> {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly account: Account;
}

function logDepsOf({ dynamodb, s3, account, clock, dice }: AccountDeps): LogDeps {
  const retry = { clock, dice };
  const { tables: tableNames, bucket } = account;
  const items = retryItems(createDynamoDbItemStore({ client: dynamodb, tableNames, clock }), retry);
  const large = retryObjects(createS3ObjectStore({ client: s3, bucket }), retry);
  const objects = createTieredObjectStore({ items, large, clock, hotExpiryMs: AWS_LIMITS.hotExpiryMs });
  return {
    ...{ items, clock, dice, limits: AWS_LIMITS },
    objects: cacheObjects(objects, { bytesMax: CACHE_BYTES_MAX }),
  };
}
