// The table of all routes: what the whole application serves, and which function on AWS serves each.
import { CLUSTERS_V3_ROUTES } from './clusters-v3.ts';
import { CONSUMER_ROUTES } from './consumers/consumer-routes.ts';
import { CONSUMER_GROUPS_V3_ROUTES } from './groups/consumer-groups-v3.ts';
import { LAGS_V3_ROUTES } from './groups/lags-v3.ts';
import { GROUP_MEMBER_ROUTES } from './groups/member-routes.ts';
import { GROUP_DESCRIPTION_ROUTES, GROUP_REMOVAL_ROUTES } from './groups/group-routes.ts';
import { HEALTH_ROUTES } from './health.ts';
import { openApiDocument } from './openapi.ts';
import { PRODUCE_ROUTES } from './produce-routes.ts';
import { RECORDS_V2_ROUTES } from './records-v2.ts';
import type { Route, RouteGroup } from './route.ts';
import { STREAM_ROUTES } from './stream.ts';
import { TOPIC_PARTS_V3_ROUTES } from './topic-parts-v3.ts';
import { TOPIC_OFFSETS_V2_ROUTES, TOPICS_V2_ROUTES } from './topics-v2.ts';
import { TOPICS_V3_ROUTES } from './topics-v3.ts';
import { answerText } from './answer.ts';
import * as Type from 'typebox';

const OPENAPI_ROUTE: Route = {
  method: 'GET',
  path: '/openapi.json',
  group: 'admin',
  operationId: 'getOpenApi',
  summary: 'This document',
  answers: {
    200: {
      description: 'All routes in OpenAPI 3.1',
      content: { 'application/json': Type.Object({ openapi: Type.String() }) },
    },
  },
  errors: [],
  handle: () => Promise.resolve(answerText(openApiText(), 'application/json')),
};

/** Every route, each path and method once. */
export const HTTP_ROUTES: readonly Route[] = [
  ...TOPICS_V2_ROUTES,
  ...TOPIC_OFFSETS_V2_ROUTES,
  ...PRODUCE_ROUTES,
  ...RECORDS_V2_ROUTES,
  ...STREAM_ROUTES,
  ...CONSUMER_ROUTES,
  ...GROUP_MEMBER_ROUTES,
  ...GROUP_DESCRIPTION_ROUTES,
  ...GROUP_REMOVAL_ROUTES,
  ...CLUSTERS_V3_ROUTES,
  ...TOPICS_V3_ROUTES,
  ...TOPIC_PARTS_V3_ROUTES,
  ...CONSUMER_GROUPS_V3_ROUTES,
  ...LAGS_V3_ROUTES,
  ...HEALTH_ROUTES,
  OPENAPI_ROUTE,
];

/** The routes that one function serves. */
export function routesOf(group: RouteGroup): readonly Route[] {
  return HTTP_ROUTES.filter((route) => route.group === group);
}

let openApi: string | undefined;

/** The document's text, made when it is first asked for. */
function openApiText(): string {
  openApi ??= JSON.stringify(openApiDocument(HTTP_ROUTES));
  return openApi;
}
