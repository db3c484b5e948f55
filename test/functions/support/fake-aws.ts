// AWS as the functions see it: DynamoDB by an emulator, S3 and Lambda's queue in memory, and IAM in front of all of them.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isAllowed, matches, type Access, type Statement } from '../../infra/support/policy.ts';
import type { AddressInfo } from 'node:net';

/** A request to a service: what it needs the right to, and how to answer it. */
export interface ServiceRequest {
  /** Who asks: its access key id is the function's name. */
  readonly caller: string;
  readonly accesses: readonly Access[];
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface FakeAws {
  readonly endpoint: string;
  /** Objects by their key. */
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Events that were handed to functions asynchronously, in their order. */
  readonly events: { readonly functionName: string; readonly event: unknown }[];
  /** What each caller was allowed to do and did. */
  readonly granted: readonly {
    readonly caller: string;
    readonly statement: Statement;
    readonly access: Access;
  }[];
  /** Answers in the place of a service, for requests that go wrong. */
  intercept: (request: ServiceRequest) => Answer | undefined;
  close(): Promise<void>;
}

interface Body {
  readonly request: IncomingMessage;
  readonly bytes: Buffer;
}

/** `rights` are the statements of each caller; `dynamodb` is the emulator's endpoint. */
export async function startFakeAws(
  dynamodb: string,
  rights: Readonly<Record<string, readonly Statement[]>>,
): Promise<FakeAws> {
  const objects = new Map<string, Buffer>();
  const events: { functionName: string; event: unknown }[] = [];
  const granted: { caller: string; statement: Statement; access: Access }[] = [];
  const aws: Pick<FakeAws, 'intercept'> = { intercept: () => undefined };

  const answer = async (body: Body): Promise<Answer> => {
    const caller = /Credential=([^/]+)\//.exec(body.request.headers.authorization ?? '')?.[1] ?? '';
    const accesses = accessesOf(body);
    const statements = rights[caller] ?? [];
    const denied = accesses.find((access) => !isAllowed(statements, access));
    if (denied) return accessDenied(body, caller, denied);
    for (const access of accesses) {
      for (const statement of statements) {
        if (matches(statement, access)) granted.push({ caller, statement, access });
      }
    }
    return aws.intercept({ caller, accesses }) ?? serve(body, { dynamodb, objects, events });
  };
  const server = createServer((request, response) => {
    void respond(request, response, answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(aws, {
    endpoint: `http://127.0.0.1:${port}`,
    ...{ objects, events, granted },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (body: Body) => Promise<Answer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { status, headers = {}, body = '' } = await answer({ request, bytes: Buffer.concat(chunks) });
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

const targetOf = ({ request }: Body): string | undefined =>
  (request.headers['x-amz-target'] as string | undefined)?.split('.')[1];

interface Keyed {
  readonly TableName: string;
  readonly Key?: { readonly pk: { readonly S: string } };
  readonly Item?: { readonly pk: { readonly S: string } };
}

function accessesOf(body: Body): readonly Access[] {
  const target = targetOf(body);
  if (target !== undefined) return tableAccesses(target, JSON.parse(body.bytes.toString()) as object);
  const url = new URL(body.request.url ?? '/', 'http://aws');
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname)?.[1];
  if (invoked !== undefined) return [{ action: 'lambda:InvokeFunction', resource: `arn:${invoked}` }];
  return objectAccesses(body, url);
}

function tableAccesses(target: string, input: object): readonly Access[] {
  const accessOf = (action: string, { TableName, Key, Item }: Keyed): Access => {
    const leading = Key?.pk.S ?? Item?.pk.S;
    const leadingKeys = leading === undefined ? {} : { leadingKeys: [leading] };
    return { action: `dynamodb:${action}`, resource: `arn:${TableName}`, ...leadingKeys };
  };
  if (target === 'TransactWriteItems') {
    const { TransactItems } = input as { TransactItems: readonly Readonly<Record<string, Keyed>>[] };
    const actions: Readonly<Record<string, string>> = {
      ...{ Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem' },
    };
    return TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, keyed]) => accessOf(actions[kind] ?? kind, keyed)),
    );
  }
  if (target === 'BatchGetItem') {
    const { RequestItems } = input as { RequestItems: Readonly<Record<string, object>> };
    return Object.keys(RequestItems).map((TableName) => accessOf(target, { TableName }));
  }
  return [accessOf(target, input as Keyed)];
}

const DELETED_KEY = /<Key>([^<]*)<\/Key>/g;

function objectAccesses({ request, bytes }: Body, url: URL): readonly Access[] {
  const [bucket, key] = splitPath(url);
  const object = (action: string, of: string): Access => ({ action, resource: `arn:${bucket}/${of}` });
  if (request.method === 'POST' && url.searchParams.has('delete')) {
    return [...bytes.toString().matchAll(DELETED_KEY)].map(([, one = '']) => object('s3:DeleteObject', one));
  }
  if (key === '') return [{ action: 's3:ListBucket', resource: `arn:${bucket}` }];
  return [object(request.method === 'PUT' ? 's3:PutObject' : 's3:GetObject', key)];
}

function splitPath(url: URL): readonly [string, string] {
  const [, bucket = '', ...rest] = url.pathname.split('/');
  return [bucket, decodeURIComponent(rest.join('/'))];
}

function accessDenied(body: Body, caller: string, { action, resource }: Access): Answer {
  const message = `${caller} is not authorized to perform ${action} on ${resource}`;
  if (targetOf(body) === undefined) {
    return { status: 403, body: `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>` };
  }
  return { status: 400, ...dynamoDbError('AccessDeniedException', message) };
}

/** An error in DynamoDB's form, but for its status. */
export const dynamoDbError = (name: string, message: string) => ({
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }),
});

interface Services {
  readonly dynamodb: string;
  readonly objects: Map<string, Buffer>;
  readonly events: { functionName: string; event: unknown }[];
}

async function serve(body: Body, { dynamodb, objects, events }: Services): Promise<Answer> {
  if (targetOf(body) !== undefined) return forward(body, dynamodb);
  const url = new URL(body.request.url ?? '/', 'http://aws');
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname)?.[1];
  if (invoked === undefined) return serveObject(body, url, objects);
  events.push({ functionName: invoked, event: JSON.parse(body.bytes.toString()) as unknown });
  return { status: body.request.headers['x-amz-invocation-type'] === 'Event' ? 202 : 400 };
}

async function forward({ request, bytes }: Body, dynamodb: string): Promise<Answer> {
  const names = ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'];
  const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name] ?? '')]));
  const response = await fetch(dynamodb, { method: 'POST', headers, body: new Uint8Array(bytes) });
  return {
    status: response.status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(await response.arrayBuffer()),
  };
}

function serveObject({ request, bytes }: Body, url: URL, objects: Map<string, Buffer>): Answer {
  const [, key] = splitPath(url);
  if (request.method === 'PUT') {
    objects.set(key, bytes);
    return { status: 200 };
  }
  if (request.method === 'POST') {
    for (const [, one = ''] of bytes.toString().matchAll(DELETED_KEY)) objects.delete(one);
    return { status: 200, body: '<DeleteResult></DeleteResult>' };
  }
  const object = objects.get(key);
  if (!object) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) return { status: 200, body: object };
  const part = object.subarray(Number(start), Number(end) + 1);
  const range = `bytes ${start}-${Number(start) + part.length - 1}/${object.length}`;
  return { status: 206, headers: { 'content-range': range }, body: part };
}
