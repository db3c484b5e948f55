// The object port on S3: plain PUT, ranged GET, LIST and DELETE of a bucket. No conditional write is needed.
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { assert, present } from '../../base/assert.ts';
import { checkObjectKey } from '../object-key.ts';
import { readBody } from './read-body.ts';
import { isNoSuchKey, isPastEnd, toS3Error } from './s3-errors.ts';
import { wholeOf, type ByteRange, type ObjectEntry, type ObjectStore } from '../ports/object-store.ts';

/** What the store needs. The client belongs to the caller, who makes it with S3_CLIENT_OPTIONS. */
export interface S3Context {
  readonly client: S3Client;
  readonly bucket: string;
}

/** S3's limit of one DeleteObjects, and of one page of ListObjectsV2 (S3 API reference). */
const KEYS_PER_REQUEST_MAX = 1000;

/**
 * An ObjectStore in a general purpose bucket. Its role needs s3:ListBucket also to read: without it, S3 answers
 * AccessDenied for a missing object, and `get` throws where it should answer undefined.
 */
export function createS3ObjectStore(context: S3Context): ObjectStore {
  return {
    put: async (key, contents) => putObject(context, key, wholeOf(contents)),
    get: async (key, range) => getObject(context, key, range),
    list: async (prefix, after, limit) => listObjects(context, prefix, after, limit),
    delete: async (keys) => deleteObjects(context, keys),
    close: () => Promise.resolve(),
  };
}

async function putObject({ client, bucket }: S3Context, key: string, bytes: Uint8Array): Promise<void> {
  checkObjectKey(key);
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentLength: bytes.length,
  });
  try {
    await client.send(command);
  } catch (error) {
    throw toS3Error(error, { what: `PutObject ${key} in bucket ${bucket}`, isWrite: true }, bucket);
  }
}

async function getObject(
  { client, bucket }: S3Context,
  key: string,
  range: ByteRange | undefined,
): Promise<Uint8Array | undefined> {
  checkObjectKey(key);
  const what = `GetObject ${key} in bucket ${bucket}`;
  const isEmpty = range && range.end <= range.start;
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(range && { Range: rangeHeader(range) }),
  });
  try {
    const { Body, ContentLength } = await client.send(command);
    const body = present(Body, 'the body of an object') as unknown as AsyncIterable<Uint8Array>;
    const bytes = await readBody(body, present(ContentLength, 'the length of an object'), what);
    return isEmpty ? new Uint8Array() : bytes;
  } catch (error) {
    if (isNoSuchKey(error)) return undefined;
    if (range && isPastEnd(error)) return new Uint8Array();
    throw toS3Error(error, { what, isWrite: false }, bucket);
  }
}

/** HTTP has no empty range: one byte is asked for instead, to learn whether there is such an object. */
function rangeHeader({ start, end }: ByteRange): string {
  assert(Number.isSafeInteger(start) && start >= 0, `a range that starts at ${start}`);
  return `bytes=${start}-${Math.max(start, end - 1)}`;
}

async function listObjects(
  { client, bucket }: S3Context,
  prefix: string,
  after: string | undefined,
  limit: number,
): Promise<readonly ObjectEntry[]> {
  assert(limit >= 1, `limit ${limit}, at least 1`);
  const entries: ObjectEntry[] = [];
  let next: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: Math.min(limit - entries.length, KEYS_PER_REQUEST_MAX),
      ...(next === undefined ? { StartAfter: after } : { ContinuationToken: next }),
    });
    try {
      const { Contents = [], NextContinuationToken } = await client.send(command);
      entries.push(...Contents.map(toEntry));
      next = NextContinuationToken;
    } catch (error) {
      throw toS3Error(
        error,
        { what: `ListObjectsV2 ${prefix}* in bucket ${bucket}`, isWrite: false },
        bucket,
      );
    }
  } while (next !== undefined && entries.length < limit);
  return entries;
}

const toEntry = ({ Key, Size, LastModified }: ListedObject): ObjectEntry => ({
  key: present(Key, 'the key of a listed object'),
  bytes: Size ?? 0,
  lastModifiedMs: LastModified?.getTime() ?? 0,
});

interface ListedObject {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
}

async function deleteObjects({ client, bucket }: S3Context, keys: readonly string[]): Promise<void> {
  keys.forEach(checkObjectKey);
  for (let start = 0; start < keys.length; start += KEYS_PER_REQUEST_MAX) {
    const some = keys.slice(start, start + KEYS_PER_REQUEST_MAX);
    const what = `DeleteObjects of ${some.length} keys in bucket ${bucket}`;
    const command = new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: some.map((Key) => ({ Key })), Quiet: true },
    });
    try {
      const { Errors = [] } = await client.send(command);
      throwFirst(Errors, what);
    } catch (error) {
      throw toS3Error(error, { what, isWrite: true }, bucket);
    }
  }
}

interface DeleteFailure {
  readonly Key?: string | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/** An answer to DeleteObjects is a success that may list failures, each with its code. */
function throwFirst(failures: readonly DeleteFailure[], what: string): void {
  const [first] = failures.filter(({ Code }) => Code !== 'NoSuchKey');
  if (!first) return;
  const message = `${failures.length} keys, first ${first.Key ?? '?'}: ${first.Message ?? ''}`;
  const httpStatus = first.Code === 'InternalError' ? 500 : 400;
  throw Object.assign(new Error(`${what}: ${message}`), {
    name: first.Code ?? 'Error',
    $metadata: { httpStatusCode: httpStatus },
  });
}
