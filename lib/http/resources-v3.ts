// What v3 resources have in common: the cluster they belong to, the links and names they carry, lists that fit an answer.
import type { Context } from 'hono';
import * as Type from 'typebox';
import type { RecordBroker } from '../broker/broker.ts';
import { answerV3 } from './answer.ts';
import { HttpError } from './errors.ts';
import { ANSWER_BYTES_MAX } from './limits.ts';
import { pathParameter, readQuery } from './request.ts';

/** The cluster's id, which the path must name. Throws 404 for another one. */
export async function requireCluster(c: Context, broker: RecordBroker): Promise<string> {
  const clusterId = await broker.clusterId();
  const asked = pathParameter(c, 'cluster_id');
  if (asked === clusterId) return clusterId;
  throw new HttpError({
    status: 404,
    errorCode: 404,
    message: `Cluster ${asked} cannot be found: this is ${clusterId}`,
    details: { field: 'cluster_id' },
  });
}

/** Where a resource stands: path segments for its link, and name and value pairs for its Confluent resource name. */
export interface ResourcePlace {
  readonly path: readonly (string | number)[];
  readonly name: readonly (readonly [string, string | number])[];
}

/** The absolute address of a resource below /v3/clusters. */
export function linkTo(c: Context, ...path: readonly (string | number)[]): string {
  const { origin } = new URL(c.req.url);
  return [`${origin}/v3/clusters`, ...path.map(encodeURIComponent)].join('/');
}

/** `metadata` of a resource. */
export function metadataOf(
  c: Context,
  { path, name }: ResourcePlace,
): { self: string; resource_name: string } {
  return {
    self: linkTo(c, ...path),
    resource_name: `crn:///${name.map(([kind, value]) => `${kind}=${value}`).join('/')}`,
  };
}

/** The query of a list. */
export const ListQuery = Type.Object(
  { page_token: Type.Optional(Type.String({ description: 'From metadata.next of the answer before' })) },
  { additionalProperties: false },
);

/** Room for the list's own fields and for the commas. */
const LIST_FRAME_BYTES = 8 * 1024;

/**
 * Answers a list, or as much of it as fits, with the address of the rest in metadata.next. A page token is the key of
 * the first item that did not fit, and `items` come in the order of their keys, so that it holds while the list changes.
 */
// Kafka differs: Kafka REST never pages these lists, which is why nobody need follow `next` before there are thousands.
export function answerList<T>(c: Context, kind: string, items: readonly T[], list: ListShape<T>): Response {
  const { page_token: token } = readQuery(c, ListQuery);
  const start = token === undefined ? 0 : items.findIndex((item) => list.keyOf(item) >= token);
  const self = new URL(c.req.url);
  const data: unknown[] = [];
  let bytes = LIST_FRAME_BYTES;
  for (const item of start === -1 ? [] : items.slice(start)) {
    const value = list.render(item);
    bytes += Buffer.byteLength(JSON.stringify(value)) + 1;
    if (bytes > ANSWER_BYTES_MAX) {
      const next = `${self.origin}${self.pathname}?page_token=${encodeURIComponent(list.keyOf(item))}`;
      return answerV3(c, { kind, metadata: { self: self.href, next }, data });
    }
    data.push(value);
  }
  return answerV3(c, { kind, metadata: { self: self.href, next: null }, data });
}

/** How the items of a list are named and shown. */
export interface ListShape<T> {
  /** Ascends in the order of the items, as strings compare. */
  readonly keyOf: (item: T) => string;
  readonly render: (item: T) => unknown;
}
