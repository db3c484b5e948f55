// S3 that slows down, fails, cuts connections or answers half: what the adapter says of it, and that repeating mends it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { retryObjects } from '../../../lib/storage/retrying.ts';
import { createS3ObjectStore } from '../../../lib/storage/s3/s3-object-store.ts';
import { freePort } from '../../support/free-port.ts';
import { BUCKET, createS3Client, startFakeS3, type FakeS3, type Fault } from './support/fake-s3.ts';
import type { ObjectStore } from '../../../lib/storage/ports/object-store.ts';

let s3: FakeS3;
let store: ObjectStore;
beforeAll(async () => {
  s3 = await startFakeS3();
  store = createS3ObjectStore({ client: s3.client, bucket: BUCKET });
});
afterEach(() => {
  s3.objects.clear();
  s3.faults.length = 0;
  s3.requests.length = 0;
});
afterAll(() => s3.close());

const answers = (status: number, code: string): Fault => ({ kind: 'answers', status, code });
const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at & 0xff);

const FAILURES: readonly (readonly [string, Fault, read: object, write: object])[] = [
  [
    '503 SlowDown',
    answers(503, 'SlowDown'),
    { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true },
    { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true },
  ],
  [
    '503 ServiceUnavailable',
    answers(503, 'ServiceUnavailable'),
    { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true },
    { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true },
  ],
  [
    '500 InternalError',
    answers(500, 'InternalError'),
    { code: 'REQUEST_TIMED_OUT', outcome: 'not-applied', retriable: true },
    { code: 'REQUEST_TIMED_OUT', outcome: 'unknown', retriable: true },
  ],
  [
    '403 AccessDenied',
    answers(403, 'AccessDenied'),
    { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: false },
    { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: false },
  ],
  [
    '404 NoSuchBucket',
    answers(404, 'NoSuchBucket'),
    { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: false },
    { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: false },
  ],
  [
    '400 BadDigest',
    answers(400, 'BadDigest'),
    { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true },
    { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true },
  ],
  [
    'a connection cut before the answer',
    { kind: 'cutAfter' },
    { code: 'REQUEST_TIMED_OUT', outcome: 'not-applied', retriable: true },
    { code: 'REQUEST_TIMED_OUT', outcome: 'unknown', retriable: true },
  ],
];

describe.each(FAILURES)('%s', (_name, fault, read, write) => {
  it('while reading', async () => {
    s3.objects.set('a', Buffer.from(bytes));
    s3.faults.push(fault);
    await expect(store.get('a')).rejects.toMatchObject(read);
    s3.faults.push(fault);
    await expect(store.list('a', undefined, 1)).rejects.toMatchObject(read);
    expect(s3.requests).toHaveLength(2);
  });

  it('while writing', async () => {
    s3.faults.push(fault);
    await expect(store.put('a', bytes)).rejects.toMatchObject(write);
    s3.faults.push(fault);
    await expect(store.delete(['a'])).rejects.toMatchObject(write);
    expect(s3.requests).toHaveLength(2);
  });
});

describe('half an object', () => {
  it.each(['cutWithin', 'shortened'] as const)('is never taken for a whole one: %s', async (kind) => {
    s3.objects.set('a', Buffer.from(bytes));
    s3.faults.push({ kind });
    await expect(store.get('a')).rejects.toMatchObject({
      ...{ code: 'REQUEST_TIMED_OUT', outcome: 'not-applied', retriable: true },
    });
    expect(Buffer.compare((await store.get('a')) ?? Buffer.from('none'), bytes)).toBe(0);
  });
});

describe('no S3 at all', () => {
  it('was certainly not applied', async () => {
    const client = createS3Client(`http://127.0.0.1:${await freePort()}`);
    const none = createS3ObjectStore({ client, bucket: BUCKET });
    const refused = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: true };
    await expect(none.put('a', bytes)).rejects.toMatchObject(refused);
    await expect(none.get('a')).rejects.toMatchObject(refused);
    client.destroy();
  });
});

describe('repeating', () => {
  const retries = { clock: createSystemClock(), dice: createSystemDice(), firstPauseMs: 1, pauseMsMax: 2 };
  const passing: readonly Fault[] = [
    answers(503, 'SlowDown'),
    { kind: 'cutBefore' },
    answers(500, 'InternalError'),
    { kind: 'cutAfter' },
  ];

  it('stores the object in the end, whole and once', async () => {
    const patient = retryObjects(store, retries);
    s3.faults.push(...passing);
    await patient.put('a', bytes);
    expect(s3.requests).toHaveLength(5);
    expect([...s3.objects.keys()]).toEqual(['a']);
    s3.faults.push(...passing, { kind: 'cutWithin' }, { kind: 'shortened' });
    expect(Buffer.compare((await patient.get('a')) ?? Buffer.from('none'), bytes)).toBe(0);
    s3.faults.push(...passing);
    expect(await patient.list('', undefined, 9)).toMatchObject([{ key: 'a', bytes: bytes.length }]);
    s3.faults.push(...passing);
    await patient.delete(['a']);
    expect(s3.objects.size).toBe(0);
  });

  it('says unknown where any attempt of a put may have been applied', async () => {
    const patient = retryObjects(store, { ...retries, attemptsMax: 2 });
    s3.faults.push({ kind: 'cutAfter' }, answers(403, 'AccessDenied'));
    await expect(patient.put('a', bytes)).rejects.toMatchObject({ outcome: 'unknown', retriable: false });
  });
});
