// The HTTP application over a broker, for tests: each answer is held against the OpenAPI document before a test sees it.
import type { Hono } from 'hono';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { createHttpApp } from '../../../lib/http/app.ts';
import { openApiDocument } from '../../../lib/http/openapi.ts';
import type { HttpDeps, RequestLogEntry } from '../../../lib/http/route.ts';
import { HTTP_ROUTES } from '../../../lib/http/routes.ts';
import { createMemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';
import { watchBroker, type WatchedBroker } from './watched-broker.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where there is none. */
  readonly json: unknown;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or bytes as they are, anything else as JSON. */
  readonly body?: unknown;
}

export interface Api {
  readonly broker: WatchedBroker;
  readonly app: Hono;
  readonly log: RequestLogEntry[];
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Answer>;
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** Produces in the v2 API. */
  readonly produce: (path: string, records: readonly unknown[], options?: ProduceOptions) => Promise<Answer>;
}

export interface ProduceOptions {
  /** Default: json. */
  readonly format?: 'json' | 'binary' | 'text';
  /** Fields beside `records`. */
  readonly fields?: object;
}

export interface ApiOptions extends MemoryBrokerOptions {
  readonly deps?: Partial<HttpDeps>;
  /** Of the topic `orders`. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** An application over a broker with the topic `orders` of four partitions. */
export async function createApi({ deps, configs = {}, ...options }: ApiOptions = {}): Promise<Api> {
  const broker = watchBroker(await createMemoryBroker(options));
  await broker.createTopic({ name: 'orders', partitions: 4, configs });
  const log: RequestLogEntry[] = [];
  const app = createHttpApp(
    {
      broker,
      clock: createSystemClock(),
      dice: createSystemDice(),
      onRequest: (entry) => {
        log.push(entry);
      },
      ...deps,
    },
    HTTP_ROUTES,
  );
  const request: Api['request'] = async (method, path, { headers, body } = {}) => {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await app.request(`http://127.0.0.1${path}`, {
      method,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, json: parse(text) };
    expectDocumented(method, path, answer);
    return answer;
  };
  return {
    broker,
    app,
    log,
    request,
    get: (path, headers) => request('GET', path, headers === undefined ? {} : { headers }),
    produce: (path, records, { format = 'json', fields = {} } = {}) =>
      request('POST', path, {
        headers: { 'content-type': `application/vnd.kafka.${format}.v2+json` },
        body: { records, ...fields },
      }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The parts of an OpenAPI document that tests read. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { schema: object }>> }
    >
  >;
}

export const DOCUMENT = openApiDocument(HTTP_ROUTES) as unknown as OpenApi;

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
ajv.addSchema({ $id: 'openapi', ...DOCUMENT });

const validators = new Map<string, ReturnType<Ajv2020['compile']>>();

function validatorOf(schema: object): ReturnType<Ajv2020['compile']> {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components');
  let validator = validators.get(text);
  if (validator === undefined) {
    validator = ajv.compile(JSON.parse(text) as object);
    validators.set(text, validator);
  }
  return validator;
}

/** Fails unless the document foresees this answer: its route, status, media type and body. */
function expectDocumented(method: string, path: string, { status, headers, text }: Answer): void {
  const operation = operationOf(method, path);
  if (operation === undefined) {
    expect([404, 405]).toContain(status);
    return;
  }
  const documented = operation.responses[String(status)];
  if (documented === undefined)
    throw new Error(`${operation.operationId} does not document ${status}: ${text}`);
  if (documented.content === undefined) {
    expect(text).toBe('');
    return;
  }
  const type = headers.get('content-type') ?? 'none';
  const schema = documented.content[type]?.schema;
  if (schema === undefined)
    throw new Error(`${operation.operationId} does not document ${status} as ${type}`);
  if (type === 'text/event-stream' || method === 'HEAD') return;
  const validate = validatorOf(schema);
  for (const body of text.split('\r\n').filter((part) => part !== '')) {
    if (!validate(JSON.parse(body))) {
      throw new Error(
        `${operation.operationId} ${status}: ${ajv.errorsText(validate.errors)} in ${body.slice(0, 500)}`,
      );
    }
  }
}

function operationOf(method: string, path: string): OpenApiOperation | undefined {
  const { pathname } = new URL(path, 'http://127.0.0.1');
  const templates = Object.keys(DOCUMENT.paths).filter((template) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
  // A fixed segment wins over a parameter.
  const [template] = templates.sort((a, b) => a.split('{').length - b.split('{').length);
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  return template === undefined ? undefined : DOCUMENT.paths[template]?.[verb];
}
