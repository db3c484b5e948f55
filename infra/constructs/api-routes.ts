// The routes of the HTTP API, and which of them each grant covers, as patterns of execute-api resources. Data only.
import { HTTP_ROUTES } from '../../lib/http/routes.ts';
import { STREAM_ROUTES } from '../../lib/http/stream.ts';
import { checkTopicName } from '../../lib/topics/topic-name.ts';
import type { Route } from '../../lib/http/route.ts';

/** The routes that an HTTP API can serve. */
export const API_ROUTES: readonly Route[] = HTTP_ROUTES.filter((route) => !STREAM_ROUTES.includes(route));

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
  group === 'admin' && method === 'GET' && TOPIC_PARAMETER.test(path) && !path.includes('/configs');

/** An idempotent producer asks for the cluster's id and then for its own: Write implies IdempotentWrite. */
const isIdempotentWrite = ({ method, path }: Route): boolean =>
  (method === 'GET' && path === '/v3/clusters') || path === '/v3/clusters/{cluster_id}/producers';

function isCovered(route: Route, grant: Grant): boolean {
  if (grant === 'admin') return true;
  return route.group === grant || isDescribe(route) || (grant === 'produce' && isIdempotentWrite(route));
}

/**
 * The resources of a grant. With a topic, those whose path names it, and for producers what gives a producer id; without,
 * every topic's. A grant of admin covers everything and takes no topic. Throws INVALID_TOPIC_EXCEPTION for a name that no
 * topic can have, a pattern among them.
 */
export function apiResourcesOf(grant: Grant, topic?: string): readonly ApiResource[] {
  if (topic !== undefined) checkTopicName(topic);
  return API_ROUTES.filter((route) => isCovered(route, grant)).map(({ method, path }) => ({
    method,
    path: path.replace(TOPIC_PARAMETER, topic ?? '*').replace(/\{\w+\}/g, '*'),
  }));
}
