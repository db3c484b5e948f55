// The exact requests that the S3 adapter sends.
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createS3ObjectStore } from '../../../lib/storage/s3/s3-object-store.ts';

const client = new S3Client({ region: 'us-east-1' });
const aws = mockClient(client);
const store = createS3ObjectStore({ client, bucket: 'b' });
const sent = (): unknown[] => aws.calls().map(({ args: [command] }) => command.input);

beforeEach(() => {
  aws.reset();
});

/** A body as the SDK answers it. */
const bodyOf = (...chunks: readonly Uint8Array[]) => ({
  Body: (async function* () {
    yield* await Promise.resolve(chunks);
  })() as never,
  ContentLength: chunks.reduce((sum, { length }) => sum + length, 0),
});

describe('put', () => {
  it('sends the bytes with their length, and no condition', async () => {
    aws.on(PutObjectCommand).resolves({});
    const bytes = Uint8Array.of(1, 2, 3);
    await store.put('hot/a', bytes);
    expect(sent()).toEqual([{ Bucket: 'b', Key: 'hot/a', Body: bytes, ContentLength: 3 }]);
  });

  it('sends nothing for a key that is illegal', async () => {
    await expect(store.put('a//b', new Uint8Array())).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(store.delete(['a', '../b'])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(sent()).toEqual([]);
  });
});

describe('get', () => {
  it('asks for the whole object, and joins its chunks', async () => {
    aws.on(GetObjectCommand).resolves(bodyOf(Uint8Array.of(1, 2), Uint8Array.of(3)));
    expect(await store.get('a')).toEqual(Uint8Array.of(1, 2, 3));
    expect(sent()).toEqual([{ Bucket: 'b', Key: 'a' }]);
  });

  it.each([
    [{ start: 0, end: 1 }, 'bytes=0-0'],
    [{ start: 10, end: 20 }, 'bytes=10-19'],
    [{ start: 5, end: 5 }, 'bytes=5-5'],
  ])('asks for the range %j as %s', async (range, header) => {
    aws.on(GetObjectCommand).resolves(bodyOf(Uint8Array.of(1)));
    const isEmpty = range.end === range.start;
    expect(await store.get('a', range)).toEqual(isEmpty ? new Uint8Array() : Uint8Array.of(1));
    expect(sent()).toEqual([{ Bucket: 'b', Key: 'a', Range: header }]);
  });

  it('is refused a range that begins before the object', async () => {
    await expect(store.get('a', { start: -1, end: 3 })).rejects.toThrow('a range that starts at -1');
  });

  it('refuses a body that is longer or shorter than was said', async () => {
    aws
      .on(GetObjectCommand)
      .resolvesOnce({ ...bodyOf(Uint8Array.of(1, 2)), ContentLength: 1 })
      .resolvesOnce({ ...bodyOf(Uint8Array.of(1, 2)), ContentLength: 3 });
    await expect(store.get('a')).rejects.toThrow('answered more than 1 bytes');
    await expect(store.get('a')).rejects.toMatchObject({
      ...{ code: 'REQUEST_TIMED_OUT', outcome: 'not-applied', retriable: true },
      message: 'GetObject a in bucket b was cut off after 2 of 3 bytes',
    });
  });
});

describe('list', () => {
  const entry = (key: string) => ({ Key: key, Size: 1, LastModified: new Date(7) });

  it('goes on where a page ends until it has enough', async () => {
    aws
      .on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [entry('p1'), entry('p2')], NextContinuationToken: 't' })
      .resolvesOnce({ Contents: [entry('p3')], NextContinuationToken: 'u' });
    const entries = await store.list('p', 'p0', 3);
    expect(entries).toEqual(['p1', 'p2', 'p3'].map((key) => ({ key, bytes: 1, lastModifiedMs: 7 })));
    expect(sent()).toEqual([
      { Bucket: 'b', Prefix: 'p', MaxKeys: 3, StartAfter: 'p0' },
      { Bucket: 'b', Prefix: 'p', MaxKeys: 1, ContinuationToken: 't' },
    ]);
  });

  it('asks for at most 1,000 keys at once', async () => {
    aws.on(ListObjectsV2Command).resolves({});
    expect(await store.list('p', undefined, 5000)).toEqual([]);
    expect(sent()).toEqual([{ Bucket: 'b', Prefix: 'p', MaxKeys: 1000, StartAfter: undefined }]);
  });
});

describe('delete', () => {
  it('sends 1,000 keys at once', async () => {
    aws.on(DeleteObjectsCommand).resolves({});
    await store.delete(Array.from({ length: 2001 }, (_, at) => `k${at}`));
    const counts = aws.commandCalls(DeleteObjectsCommand).map(({ args }) => args[0].input.Delete?.Objects);
    expect(counts.map((objects) => objects?.length)).toEqual([1000, 1000, 1]);
    expect(counts[2]).toEqual([{ Key: 'k2000' }]);
  });

  it('tells of keys that S3 could not remove, but not of those that were not there', async () => {
    aws
      .on(DeleteObjectsCommand)
      .resolvesOnce({ Errors: [{ Key: 'a', Code: 'NoSuchKey' }] })
      .resolvesOnce({ Errors: [{ Key: 'a', Code: 'InternalError', Message: 'sorry' }] })
      .resolvesOnce({ Errors: [{ Key: 'a', Code: 'AccessDenied', Message: 'no' }] })
      .resolvesOnce({ Errors: [{ Key: 'a', Code: 'SlowDown', Message: 'later' }] });
    await store.delete(['a']);
    await expect(store.delete(['a'])).rejects.toMatchObject({ outcome: 'unknown', retriable: true });
    await expect(store.delete(['a'])).rejects.toMatchObject({ retriable: false });
    await expect(store.delete(['a'])).rejects.toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED' });
  });
});
