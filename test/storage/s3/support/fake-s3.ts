// S3 as far as the object port uses it: one bucket in memory behind HTTP, with failures where a test wants them.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { S3_CLIENT_OPTIONS } from '../../../../lib/storage/s3/client-options.ts';
import type { AddressInfo } from 'node:net';

export const BUCKET = 'wadi-test';

/**
 * What befalls a request: an answer in the place of S3's, the connection cut before the request is carried out or after,
 * or within the body of the answer. `shortened`: the body ends early, in good order.
 */
export type Fault =
  | { readonly kind: 'answers'; readonly status: number; readonly code: string }
  | { readonly kind: 'cutBefore' | 'cutAfter' | 'cutWithin' | 'shortened' };

export interface FakeS3 {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** One for each request from now on, in their order; then nothing befalls them any more. */
  readonly faults: (Fault | undefined)[];
  /** Method and path of each request. */
  readonly requests: string[];
  /** A client as production makes it; `close` ends it. */
  readonly client: S3Client;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const faults: (Fault | undefined)[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    void respond(request, response, objects, faults.shift());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createS3Client(endpoint);
  return {
    ...{ endpoint, objects, faults, requests, client },
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client as production makes it, but for an endpoint and credentials that no account has. */
export function createS3Client(endpoint: string): S3Client {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new S3Client({
    ...S3_CLIENT_OPTIONS,
    ...{ endpoint, region: 'us-east-1', credentials, forcePathStyle: true },
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  objects: Map<string, Buffer>,
  fault: Fault | undefined,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (fault?.kind === 'cutBefore') {
    request.socket.destroy();
    return;
  }
  const served =
    fault?.kind === 'answers' ? failure(fault.status, fault.code) : serve(request, chunks, objects);
  if (fault?.kind === 'cutAfter') {
    request.socket.destroy();
    return;
  }
  send(request, response, served, fault?.kind);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body = '' }: Answer,
  fault: Fault['kind'] | undefined,
): void {
  const bytes = Buffer.from(body);
  const half = bytes.subarray(0, bytes.length / 2);
  if (fault === 'shortened') {
    // Without a length: what came is all there is, for a client that trusts the connection's end.
    response.writeHead(status, { ...headers, 'content-length': bytes.length, connection: 'close' });
    response.flushHeaders();
    request.socket.end(half);
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  if (fault !== 'cutWithin') {
    response.end(bytes);
    return;
  }
  response.write(half, () => {
    request.socket.destroy();
  });
}

const failure = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>by plan</Message></Error>`,
});

function serve(request: IncomingMessage, chunks: readonly Buffer[], objects: Map<string, Buffer>): Answer {
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, bucket, ...rest] = url.pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const body = Buffer.concat(chunks);
  if (bucket !== BUCKET) return failure(404, 'NoSuchBucket');
  if (request.method === 'PUT') {
    objects.set(key, body);
    return { status: 200 };
  }
  if (request.method === 'POST') return deleteAll(body.toString(), objects);
  return key === '' ? list(url.searchParams, objects) : get(objects.get(key), request.headers.range);
}

function get(object: Buffer | undefined, range: string | undefined): Answer {
  if (!object) return failure(404, 'NoSuchKey');
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (start === undefined) return { status: 200, body: object };
  if (Number(start) >= object.length) return failure(416, 'InvalidRange');
  const part = object.subarray(Number(start), Number(end) + 1);
  const last = Number(start) + part.length - 1;
  return { status: 206, headers: { 'content-range': `bytes ${start}-${last}/${object.length}` }, body: part };
}

function deleteAll(body: string, objects: Map<string, Buffer>): Answer {
  const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  if (keys.length > 1000) return failure(400, 'MalformedXML');
  for (const key of keys) objects.delete(key);
  return { status: 200, body: '<DeleteResult></DeleteResult>' };
}

/** Pages hold at most 3 keys, so that there is more than one. */
const PAGE_KEYS = 3;

function list(query: URLSearchParams, objects: Map<string, Buffer>): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const limit = Math.min(Number(query.get('max-keys') ?? PAGE_KEYS), PAGE_KEYS);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, limit);
  const contents = page.map((key) => {
    const size = objects.get(key)?.length ?? 0;
    return `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`;
  });
  const next =
    keys.length > limit ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '';
  return { status: 200, body: `<ListBucketResult>${contents.join('')}${next}</ListBucketResult>` };
}
