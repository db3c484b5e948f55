// What the client needs of the server's answers, and no more: fields it does not know are passed over.
import * as Type from 'typebox';
import type { Static } from 'typebox';

const bytesOrNull = Type.Union([Type.String(), Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

/** An answer of which nothing is read. */
export const Nothing = Type.Unknown();

/** Of GET /v3/clusters. */
export const ClustersAnswer = Type.Object({ data: Type.Array(Type.Object({ cluster_id: Type.String() })) });

/** Of a topic in /v3/clusters/{id}/topics. */
export const TopicAnswer = Type.Object({
  topic_name: Type.String(),
  topic_id: Type.String(),
  partitions_count: Type.Integer({ minimum: 1 }),
});
export type TopicAnswer = Static<typeof TopicAnswer>;

/** Of GET /v3/clusters/{id}/topics; `next` is where the list goes on. */
export const TopicsAnswer = Type.Object({
  metadata: Type.Object({ next: Type.Union([Type.String(), Type.Null()]) }),
  data: Type.Array(TopicAnswer),
});

/** Of GET /topics/{topic}/partitions/{p}/offsets; half-open. */
export const OffsetsAnswer = Type.Object({
  beginning_offset: Count,
  end_offset: Count,
  /** With a timestamp in the query; -1: there is none. */
  offset: Type.Optional(Type.Integer({ minimum: -1 })),
  timestamp: Type.Optional(Type.Integer({ minimum: -1 })),
});

/** Of POST /v3/clusters/{id}/producers. */
export const ProducerAnswer = Type.Object({ producer_id: Count, producer_epoch: Count });

const ProducedOffset = Type.Object({
  offset: Type.Union([Type.Integer(), Type.Null()]),
  error_code: Type.Union([Type.Integer(), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()]),
  outcome: Type.Optional(Type.String()),
  kafka_error: Type.Optional(Type.String()),
});
export type ProducedOffset = Static<typeof ProducedOffset>;

/** Of POST /topics/{topic}/partitions/{p}: a place or an error for each record. */
export const ProduceAnswer = Type.Object({ offsets: Type.Array(ProducedOffset) });

/** Of GET /topics/{topic}/partitions/{p}/records in the binary format: keys, values and headers in base64. */
export const RecordsAnswer = Type.Array(
  Type.Object({
    offset: Count,
    timestamp: Type.Integer(),
    key: bytesOrNull,
    value: bytesOrNull,
    headers: Type.Optional(
      Type.Array(Type.Object({ key: Type.String(), value: Type.Optional(bytesOrNull) })),
    ),
  }),
);
export type RecordsAnswer = Static<typeof RecordsAnswer>;
