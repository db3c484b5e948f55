// Bodies of the v2 API: Kafka REST v2's, with the headers and timestamps of Strimzi's bridge.
import * as Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import type { EmbeddedFormat } from './media-types.ts';
import { nullable, Offset, Partition, TimestampMs } from './schemas.ts';

const closed = { additionalProperties: false };

/** A record's header. A null or absent value is null. */
export const Header = Type.Object(
  {
    key: Type.String(),
    value: Type.Optional(nullable<string>(Type.String({ contentEncoding: 'base64' }))),
  },
  { ...closed, title: 'RecordHeader' },
);
export type Header = Static<typeof Header>;

const KEY_AND_VALUE: Record<EmbeddedFormat, TSchema> = {
  json: Type.Unknown({ description: 'Any JSON; null is a null key or value, not the text null' }),
  binary: nullable<string>(Type.String({ contentEncoding: 'base64', description: 'The bytes in base64' })),
  text: nullable<string>(Type.String({ description: 'UTF-8 text, stored as it is' })),
};

const ProduceRecordFields = {
  key: Type.Optional(Type.Unknown()),
  value: Type.Optional(Type.Unknown()),
  partition: Type.Optional(nullable<number>(Partition)),
  timestamp: Type.Optional(nullable<number>(TimestampMs)),
  headers: Type.Optional(nullable<Header[]>(Type.Array(Header))),
};

/** A record to produce; `key` and `value` are checked by the record's format. */
export const ProduceRecord = Type.Object(ProduceRecordFields, { ...closed, title: 'ProduceRecord' });
export type ProduceRecord = Static<typeof ProduceRecord>;

const Unused = Type.Optional(Type.Null({ description: 'For formats with schemas, which are not served' }));

const ProduceBodyFields = {
  producer_id: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'From POST /v3/clusters/{cluster_id}/producers: the records are then stored once however often they are sent',
    }),
  ),
  producer_epoch: Type.Optional(Type.Integer({ minimum: 0, maximum: 32_767 })),
  sequences: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^(0|[1-9][0-9]{0,9})$' }),
      Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
      {
        ...closed,
        description:
          'With producer_id: for each partition that records land in, the sequence of its first record. It begins at 0 and ' +
          'goes on by the number of records sent to that partition; after 2147483647 comes 0. A record without key and ' +
          'partition goes to the one partition named here.',
      },
    ),
  ),
  key_schema: Unused,
  key_schema_id: Unused,
  value_schema: Unused,
  value_schema_id: Unused,
};

/** A produce request of any format. */
export const ProduceBody = Type.Object(
  { records: Type.Array(ProduceRecord, { minItems: 1 }), ...ProduceBodyFields },
  closed,
);
export type ProduceBody = Static<typeof ProduceBody>;

const FORMAT_NAMES: Record<EmbeddedFormat, string> = { json: 'Json', binary: 'Binary', text: 'Text' };

/** What a client sends in a format, as the OpenAPI document says it. */
export function produceBodyOf(format: EmbeddedFormat): TSchema {
  const data = Type.Optional(KEY_AND_VALUE[format]);
  const record = Type.Object(
    { ...ProduceRecordFields, key: data, value: data },
    { ...closed, title: `${FORMAT_NAMES[format]}ProduceRecord` },
  );
  return Type.Object(
    { records: Type.Array(record, { minItems: 1 }), ...ProduceBodyFields },
    { ...closed, title: `${FORMAT_NAMES[format]}ProduceRequest` },
  );
}

/** What became of a record. */
export const ProducedOffset = Type.Object(
  {
    partition: nullable<number>(Partition),
    offset: nullable<number>(Offset),
    error_code: nullable<number>(Type.Integer({ description: '1: final. 2: may pass when tried again' })),
    error: nullable<string>(Type.String()),
    outcome: Type.Optional(
      Type.Enum(['not-applied', 'applied', 'unknown'], {
        description: 'With an error: what is known of the record',
      }),
    ),
    kafka_error: Type.Optional(Type.String({ description: "With an error: Kafka's name of it" })),
  },
  { ...closed, title: 'ProducedOffset' },
);
export type ProducedOffset = Static<typeof ProducedOffset>;

/** What became of the records of a request. */
export const ProduceAnswer = Type.Object(
  {
    key_schema_id: Type.Null(),
    value_schema_id: Type.Null(),
    offsets: Type.Array(ProducedOffset, { description: 'One for each record, in their order' }),
  },
  { ...closed, title: 'ProduceResponse' },
);
export type ProduceAnswer = Static<typeof ProduceAnswer>;

/** What a client gets in a format. */
export function consumedRecordOf(format: EmbeddedFormat): TSchema {
  return Type.Object(
    {
      topic: Type.String(),
      key: KEY_AND_VALUE[format],
      value: KEY_AND_VALUE[format],
      partition: Partition,
      offset: Offset,
      timestamp: Type.Integer({
        description: 'Milliseconds since the Unix epoch, -1 where the record has none',
      }),
      headers: Type.Optional(Type.Array(Header, { description: 'Absent where there are none' })),
    },
    { ...closed, title: `${FORMAT_NAMES[format]}ConsumerRecord` },
  );
}

/** A partition, with the one broker that clients see. */
export const PartitionAnswer = Type.Object(
  {
    partition: Partition,
    leader: Type.Integer(),
    replicas: Type.Array(
      Type.Object({ broker: Type.Integer(), leader: Type.Boolean(), in_sync: Type.Boolean() }, closed),
    ),
  },
  { ...closed, title: 'PartitionMetadata' },
);
export type PartitionAnswer = Static<typeof PartitionAnswer>;

/** A topic with all of its configs. */
export const TopicAnswer = Type.Object(
  {
    name: Type.String(),
    configs: Type.Record(Type.String(), Type.String()),
    partitions: Type.Array(PartitionAnswer),
  },
  { ...closed, title: 'TopicMetadata' },
);
export type TopicAnswer = Static<typeof TopicAnswer>;

/** Where a partition begins and ends; half-open. */
export const OffsetsAnswer = Type.Object(
  {
    beginning_offset: Type.Integer({ minimum: 0, description: 'The first offset that can be read' }),
    end_offset: Type.Integer({ minimum: 0, description: 'The offset that the next record will get' }),
    offset: Type.Optional(
      Type.Integer({
        minimum: -1,
        description: 'Of the first record at the time asked for or later; -1: none',
      }),
    ),
    timestamp: Type.Optional(Type.Integer({ minimum: -1, description: 'Of that record; -1: none' })),
  },
  { ...closed, title: 'OffsetsSummary' },
);
export type OffsetsAnswer = Static<typeof OffsetsAnswer>;
