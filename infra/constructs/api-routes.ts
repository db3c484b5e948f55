// The routes of the HTTP API, and which of them each grant covers, as patterns of execute-api resources. Data only.
import { HTTP_ROUTES } from '../../lib/http/routes.ts';
import { STREAM_ROUTES } from '../../lib/http/stream.ts';
import { checkTopicName } from '../../lib/topics/topic-name.ts';
import type { Route } from '../../lib/http/route.ts';

const streams: readonly Route[] = STREAM_ROUTES;

/** The routes that an HTTP API can serve. */
export const API_ROUTES: readonly Route[] = HTTP_ROUTES.filter((route) => !streams.includes(route));

/** What a caller may be granted. */
export type Grant = 'produce' | 'consume' | 'admin';

/** As `arn:...:execute-api:<region>:<account>:<api>/<stage>/<method><path>` ends; `*` stands for any text. */
export interface ApiResource {
  readonly method: Route['method'];
  readonly path: string;
}

const TOPIC_PARAMETER = /\{topic(_name)?\}/;

/**
 * What a topic grant of Kafka implies beside its own operations: Write and Read imply Describe. Configs are not part of
 * it (DescribeConfigs is an operation of its own).
 */
const isDescribe = ({ method, path, group }: Route): boolean =>
  group === 'admin' &&
  method === 'GET' &&
  TOPIC_PARAMETER.test(path) &&
  !path.includes('/configs') &&
  !isOfGroups(path);

/** Of consumer groups and consumers over HTTP: they read whatever topic their members subscribe to. */
const isOfGroups = (path: string): boolean => /^\/(groups|consumers)\b|\/consumer-groups\b/.test(path);

/** The cluster's id is part of other paths, and every client of Kafka may ask for it. */
const isClusterId = ({ method, path }: Route): boolean => method === 'GET' && path === '/v3/clusters';

/** Which routes the grant is for. Write implies IdempotentWrite: the route of producer ids is in the group of produce. */
const isFor = (route: Route, grant: Grant, topic: string | undefined): boolean =>
  grant === 'admin' ||
  (route.group === grant && (topic === undefined || !isOfGroups(route.path))) ||
  isDescribe(route) ||
  isClusterId(route);

const resourceOf = ({ method, path }: Route, topic: string | undefined): ApiResource => ({
  method,
  path: path.replace(TOPIC_PARAMETER, topic ?? '*').replace(/\{\w+\}/g, '*'),
});

/** Whether IAM takes a request of the route, with the same topic, for one that the resource is about. */
function covers(resource: ApiResource, route: Route): boolean {
  // A parameter is one segment for the route, while `*` goes over slashes.
  const pattern = resource.path.replace(/[.]/g, '\\.').replaceAll('*', '.*');
  return resource.method === route.method && new RegExp(`^${pattern}$`).test(route.path);
}

/**
 * The resources of a grant. With a topic, those whose path names it, and what gives cluster and producer ids; without,
 * every topic's, and consumer groups, which no path ties to a topic. A describing route is left out where its resource would cover producing or consuming that the grant is
 * not for: v3 has the same answers at paths of their own. A grant of admin covers everything and takes no topic. Throws
 * INVALID_TOPIC_EXCEPTION for a name that no topic can have, a pattern among them.
 */
export function apiResourcesOf(grant: Grant, topic?: string): readonly ApiResource[] {
  if (topic !== undefined) checkTopicName(topic);
  const others = API_ROUTES.filter((route) => !isFor(route, grant, topic) && route.group !== 'admin').map(
    (route) => ({ ...route, path: route.path.replace(TOPIC_PARAMETER, topic ?? '{topic}') }),
  );
  return API_ROUTES.filter((route) => isFor(route, grant, topic))
    .map((route) => resourceOf(route, topic))
    .filter((resource) => !others.some((other) => covers(resource, other)));
}
