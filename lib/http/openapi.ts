// The OpenAPI 3.1 document, made from the routes themselves. Pure.
import * as Type from 'typebox';
import type { TObject, TSchema } from 'typebox';
import { ErrorBody } from './errors.ts';
import { PLAIN_JSON, V2_JSON } from './media-types.ts';
import type { Route, RouteAnswer } from './route.ts';
import { Partition } from './schemas.ts';

type Json = Record<string, unknown>;

/** The version of this API, which is the package's. */
export const API_VERSION = '0.1.0';

const PATH_PARAMETERS: Readonly<Record<string, { description: string; schema: TSchema }>> = {
  topic: {
    description: "The topic's name",
    schema: Type.String({ maxLength: 249, pattern: '^[a-zA-Z0-9._-]+$' }),
  },
  topic_name: {
    description: "The topic's name",
    schema: Type.String({ maxLength: 249, pattern: '^[a-zA-Z0-9._-]+$' }),
  },
  partition: { description: 'The partition, from 0', schema: Partition },
  partition_id: { description: 'The partition, from 0', schema: Partition },
  cluster_id: { description: "The cluster's id, from GET /v3/clusters", schema: Type.String() },
  name: { description: 'The name of the config', schema: Type.String() },
  group: { description: "The consumer group's id", schema: Type.String({ minLength: 1 }) },
  instance: { description: "The consumer instance's name", schema: Type.String({ minLength: 1 }) },
  consumer_group_id: { description: "The consumer group's id", schema: Type.String({ minLength: 1 }) },
  consumer_id: { description: "The member's id", schema: Type.String({ minLength: 1 }) },
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'A parameter or a value is wrong (40002)',
  404: 'There is no such cluster (404), topic (40401), partition (40402), consumer or member (40403) or group (40405)',
  405: 'The method is not served here (405)',
  406: 'Nothing that is offered is accepted (406), or a record does not fit the format (40601)',
  409: 'The producer or the member is fenced, unknown or out of sequence (409), or the consumer is there (40902), in no state for this (40903) or in use (40904)',
  413: 'The request, a record of it, or a record to be answered is too large (413)',
  415: 'The content type or encoding is not served (415)',
  416: 'The offset is out of range (41601)',
  422: 'The body is wrong (42206), a consumer is not configured right (42204), or a key, value or header does not fit the format (42207)',
  429: 'Throttled: come back after retry-after seconds (42901)',
  500: 'The storage or the server failed (50003 where it may pass); outcome says what is known of the data',
};

/** Statuses that every route may answer. */
const ERRORS_EVERYWHERE = [400, 429, 500];

/** The document that describes `routes`. Schemas with a title become components of that name. */
export function openApiDocument(routes: readonly Route[]): Json {
  const components = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wadi',
      version: API_VERSION,
      description:
        "A Kafka-compatible event log over HTTP, in the conventions of Kafka REST's v2 and v3 APIs.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function operation(route: Route, components: Map<string, Json>): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route.query), ...headerParameters(route)];
  const statuses = [...new Set([...ERRORS_EVERYWHERE, ...route.errors])].sort((a, b) => a - b);
  return {
    operationId: route.operationId,
    tags: [route.group],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(parameters.length === 0
      ? {}
      : { parameters: parameters.map((parameter) => hoist(parameter, components)) }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: route.body.required, content: contentOf(route.body.content, components) },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, response(answer, components)]),
      ),
      ...Object.fromEntries(statuses.map((status) => [status, errorResponse(route, status, components)])),
    },
  };
}

function pathParameters({ path }: Route): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...PATH_PARAMETERS[name],
  }));
}

function queryParameters(query: TObject | undefined): Json[] {
  const required: readonly string[] = query?.required ?? [];
  return Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function headerParameters({ headers }: Route): Json[] {
  return Object.entries(headers ?? {}).map(([name, header]) => ({
    name,
    in: 'header',
    required: false,
    ...header,
  }));
}

function response({ description, content }: RouteAnswer, components: Map<string, Json>): Json {
  return { description, ...(content === undefined ? {} : { content: contentOf(content, components) }) };
}

function errorResponse({ path }: Route, status: number, components: Map<string, Json>): Json {
  const types = path.startsWith('/v3/') ? [PLAIN_JSON] : [V2_JSON, PLAIN_JSON];
  return {
    description: ERRORS[status] ?? 'An error',
    ...(status === 429
      ? { headers: { 'retry-after': { description: 'Seconds to wait', schema: { type: 'integer' } } } }
      : {}),
    content: contentOf(Object.fromEntries(types.map((type) => [type, ErrorBody])), components),
  };
}

function contentOf(content: Readonly<Record<string, TSchema>>, components: Map<string, Json>): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, { schema: hoist(schema, components) }]),
  );
}

/** A copy of a schema in which each part with a title is a reference to the component of that name. */
function hoist(value: unknown, components: Map<string, Json>): unknown {
  if (Array.isArray(value)) return value.map((item) => hoist(item, components));
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hoist(part, components)]));
  const { title } = copy;
  if (typeof title !== 'string') return copy;
  components.set(title, copy);
  return { $ref: `#/components/schemas/${title}` };
}
