// What the CLI needs of the server's answers, and no more: fields it does not know are passed over.
import * as Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';

const bytesOrNull = Type.Union([Type.String(), Type.Null()]);

/** An answer without a body. */
export const Nothing = Type.Unknown();

/** Of GET /v3/clusters. */
export const ClustersAnswer = Type.Object({ data: Type.Array(Type.Object({ cluster_id: Type.String() })) });

/** Of GET /v3/clusters/{id}/topics/{topic}. */
export const TopicAnswer = Type.Object({
  topic_name: Type.String(),
  topic_id: Type.String(),
  partitions_count: Type.Integer({ minimum: 1 }),
});
export type TopicAnswer = Static<typeof TopicAnswer>;

/** Of GET /v3/clusters/{id}/topics. */
export const TopicsAnswer = Type.Object({ data: Type.Array(TopicAnswer) });

/** Of GET /v3/clusters/{id}/topics/{topic}/configs. */
export const ConfigsAnswer = Type.Object({
  data: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.Union([Type.String(), Type.Null()]),
      is_default: Type.Boolean(),
    }),
  ),
});

/** Of GET /topics/{topic}/partitions/{p}/offsets; half-open. */
export const OffsetsAnswer = Type.Object({ beginning_offset: Type.Integer(), end_offset: Type.Integer() });
export type Offsets = Static<typeof OffsetsAnswer>;

/** Of POST /v3/clusters/{id}/producers. */
export const ProducerAnswer = Type.Object({ producer_id: Type.Integer(), producer_epoch: Type.Integer() });
export type ProducerIdentity = Static<typeof ProducerAnswer>;

/** Of POST /topics/{topic} and POST /topics/{topic}/partitions/{p}: a place or an error for each record. */
export const ProduceAnswer = Type.Object({
  offsets: Type.Array(
    Type.Object({
      partition: Type.Union([Type.Integer(), Type.Null()]),
      offset: Type.Union([Type.Integer(), Type.Null()]),
      error_code: Type.Union([Type.Integer(), Type.Null()]),
      error: Type.Union([Type.String(), Type.Null()]),
      outcome: Type.Optional(Type.Enum(['not-applied', 'applied', 'unknown'])),
    }),
  ),
});

/** Of GET /topics/{topic}/partitions/{p}/records in the binary format: keys, values and headers in base64. */
export const RecordsAnswer = Type.Array(
  Type.Object({
    partition: Type.Integer(),
    offset: Type.Integer(),
    timestamp: Type.Optional(Type.Integer()),
    key: bytesOrNull,
    value: bytesOrNull,
    headers: Type.Optional(
      Type.Array(Type.Object({ key: Type.String(), value: Type.Optional(bytesOrNull) })),
    ),
  }),
);
export type ConsumedRecord = Static<typeof RecordsAnswer>[number];

/** GET: changes nothing, may be repeated. */
export function get<T extends TSchema>(
  api: ApiClient,
  path: readonly string[],
  answer: T,
  signal?: AbortSignal,
): Promise<Static<T>> {
  return api.call({ method: 'GET', path, answer, isRepeatable: true, ...(signal ? { signal } : {}) });
}

/** The id of the server's one cluster. */
export async function clusterIdOf(api: ApiClient): Promise<string> {
  const { data } = await get(api, ['v3', 'clusters'], ClustersAnswer);
  const [cluster] = data;
  if (cluster) return cluster.cluster_id;
  throw new ApiError(`${api.url.origin} serves no cluster`, { outcome: 'not-applied', retriable: false });
}

/** A topic, or undefined where there is none of that name. */
export async function findTopic(api: ApiClient, topic: string): Promise<TopicAnswer | undefined> {
  // Not GET /topics/{topic}: no IAM policy can cover that for all topics without covering their records.
  const path = ['v3', 'clusters', await clusterIdOf(api), 'topics', topic];
  try {
    return await get(api, path, TopicAnswer);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
