// A client that stands on DynamoDB and S3 itself, with the rights of its caller: no gateway, no function in between.
import { matchTopics } from '../groups/subscription.ts';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { createSystemClock } from '../base/clock.ts';
import { createSystemDice } from '../base/dice.ts';
import { KeyWatch } from '../base/key-watch.ts';
import { createBroker } from '../broker/create-broker.ts';
import { Log } from '../log/log.ts';
import { DYNAMODB_CLIENT_OPTIONS } from '../storage/dynamodb/client-options.ts';
import { S3_CLIENT_OPTIONS } from '../storage/s3/client-options.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { ACCOUNT_SETTINGS, createAccountLogDeps } from '../account/account-log-deps.ts';
import { type Account, readAccount } from '../account/account.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';

export type InAccountOptions = ClientOptions & {
  /** Region, credentials, endpoint. Default: as the SDK finds them. */
  readonly dynamodb?: DynamoDBClientConfig;
  readonly s3?: S3ClientConfig;
  /** Called when a partition has a segment's worth of records. Default: the deployment's sweep finds it. */
  readonly onSealDue?: (partitionId: string) => void;
} & (Account | { readonly env: Readonly<Record<string, string | undefined>> });

/** As the package's own (connect.ts), which loads this file. Throws what that one rejects with. */
export function connectInAccount(options: InAccountOptions): Client {
  const account = 'env' in options ? readAccount(options.env) : options;
  const clock = options.clock ?? createSystemClock();
  const dice = options.dice ?? createSystemDice();
  const dynamodb = new DynamoDBClient({ ...DYNAMODB_CLIENT_OPTIONS, ...options.dynamodb });
  const s3 = new S3Client({ ...S3_CLIENT_OPTIONS, ...options.s3 });
  const watch = new KeyWatch(clock);
  const log = new Log(createAccountLogDeps(account, { dynamodb, s3, clock, dice }), {
    onAppended: (partitionId) => {
      watch.notify(partitionId);
    },
    ...(options.onSealDue !== undefined && { onSealDue: options.onSealDue }),
  });
  const broker = createBroker({
    ...{ log, watch, topicLimits: TOPIC_LIMITS, matchTopics },
    settings: ACCOUNT_SETTINGS,
  });
  return createClient(broker, { ...options, clock, dice }, async () => {
    await log.settle();
    dynamodb.destroy();
    s3.destroy();
  });
}
