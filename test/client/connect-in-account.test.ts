// The client on DynamoDB and S3 themselves, through their emulators, and what it reads of an environment.
import { describe, expect, it } from 'vitest';
import { readAccount } from '../../lib/account/account.ts';
import { connectInAccount } from '../../lib/client/connect.ts';
import { prefixedTableNames } from '../../lib/storage/dynamodb/dynamodb-item-store.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, startDynoxide } from '../support/dynoxide.ts';
import { TABLE_PREFIX } from '../support/emulator.ts';
import { BUCKET, startFakeS3 } from '../storage/s3/support/fake-s3.ts';
import { first } from './support/subjects.ts';

const ACCESS = { region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

describe('a client in the account', () => {
  it.skipIf(DYNOXIDE_PATH === undefined)(
    `shares the log with other processes${DYNOXIDE_PATH === undefined ? ` (skipped: ${NO_DYNOXIDE})` : ''}`,
    async () => {
      const [database, bucket] = await Promise.all([startDynoxide(), startFakeS3()]);
      const tables = prefixedTableNames(TABLE_PREFIX);
      const connect = () =>
        connectInAccount({
          env: { WADI_TABLES: JSON.stringify(tables), WADI_BUCKET: BUCKET },
          dynamodb: { ...ACCESS, endpoint: database.endpoint },
          s3: { ...ACCESS, endpoint: bucket.endpoint, forcePathStyle: true },
        });
      const [writing, reading] = await Promise.all([connect(), connect()]);
      await writing.admin().createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] });
      const consumer = reading.consumer({ autoOffsetReset: 'earliest' });
      await consumer.assign([{ topic: 'orders', partition: 0 }]);
      const records = first(2, consumer);
      const large = 'x'.repeat(500_000);
      const placed = await writing.producer().send({
        topic: 'orders',
        messages: [{ value: 'a' }, { value: large }],
      });
      expect(placed.map(({ offset }) => offset)).toEqual([0, 1]);
      expect((await records).map(({ value }) => value?.length)).toEqual([1, large.length]);
      expect(bucket.objects.size).toBeGreaterThan(0);
      await Promise.all([writing.close(), reading.close()]);
      await Promise.all([database.close(), bucket.close()]);
    },
  );

  it.each([
    [{}, 'WADI_TABLES is not set'],
    [{ WADI_TABLES: '{}' }, 'WADI_BUCKET is not set'],
    [{ WADI_TABLES: '[]', WADI_BUCKET: 'b' }, 'must be a JSON object'],
    [{ WADI_TABLES: '{"heads":""}', WADI_BUCKET: 'b' }, 'WADI_TABLES.heads must be the name of a table'],
    [{ WADI_TABLES: '{"hands":"x"}', WADI_BUCKET: 'b' }, 'names hands, which is no table'],
  ])('refuses an environment that is not complete: %j', (env, message) => {
    expect(() => readAccount(env)).toThrow(message);
  });
});
