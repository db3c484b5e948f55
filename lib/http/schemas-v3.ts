// Bodies of the v3 API, as Kafka REST's own OpenAPI document (api/v3/openapi.yaml of confluentinc/kafka-rest) has them.
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { nullable, Offset, Partition } from './schemas.ts';

const closed = { additionalProperties: false };

/** A link to another resource. */
export const Relationship = Type.Object({ related: Type.String() }, { ...closed, title: 'Relationship' });
/** Where a resource is, and its name. */
export const ResourceMetadata = Type.Object(
  { self: Type.String(), resource_name: Type.String() },
  { ...closed, title: 'ResourceMetadata' },
);
/** Where a list is, and where it goes on. */
export const CollectionMetadata = Type.Object(
  {
    self: Type.String(),
    next: nullable<string>(Type.String({ description: 'Where the list goes on, null at its end' })),
  },
  { ...closed, title: 'ResourceCollectionMetadata' },
);

/** The cluster. Its links stand for what Kafka REST has there, served or not: generated clients require them. */
export const Cluster = Type.Object(
  {
    kind: Type.Literal('KafkaCluster'),
    metadata: ResourceMetadata,
    cluster_id: Type.String(),
    acls: Relationship,
    brokers: Relationship,
    broker_configs: Relationship,
    consumer_groups: Relationship,
    topics: Relationship,
    partition_reassignments: Relationship,
  },
  { ...closed, title: 'ClusterData' },
);
export type Cluster = Static<typeof Cluster>;

/** A topic. */
export const TopicData = Type.Object(
  {
    kind: Type.Literal('KafkaTopic'),
    metadata: ResourceMetadata,
    cluster_id: Type.String(),
    topic_name: Type.String(),
    topic_id: Type.String({
      description: 'Another one once the topic is deleted and made anew. An addition to Kafka REST',
    }),
    is_internal: Type.Boolean(),
    replication_factor: Type.Integer(),
    partitions_count: Type.Integer(),
    partitions: Relationship,
    configs: Relationship,
    partition_reassignments: Relationship,
  },
  { ...closed, title: 'TopicData' },
);
export type TopicData = Static<typeof TopicData>;

/** A partition. */
export const PartitionData = Type.Object(
  {
    kind: Type.Literal('KafkaPartition'),
    metadata: ResourceMetadata,
    cluster_id: Type.String(),
    topic_name: Type.String(),
    partition_id: Partition,
    leader: Relationship,
    replicas: Relationship,
    reassignment: Relationship,
  },
  { ...closed, title: 'PartitionData' },
);
export type PartitionData = Static<typeof PartitionData>;

const ConfigSource = Type.Enum(['DYNAMIC_TOPIC_CONFIG', 'DEFAULT_CONFIG']);

/** A config of a topic as it is in force. */
export const TopicConfigData = Type.Object(
  {
    kind: Type.Literal('KafkaTopicConfig'),
    metadata: ResourceMetadata,
    cluster_id: Type.String(),
    topic_name: Type.String(),
    name: Type.String(),
    value: nullable<string>(Type.String()),
    is_default: Type.Boolean(),
    is_read_only: Type.Boolean(),
    is_sensitive: Type.Boolean(),
    source: ConfigSource,
    synonyms: Type.Array(
      Type.Object(
        { name: Type.String(), value: nullable<string>(Type.String()), source: ConfigSource },
        closed,
      ),
    ),
  },
  { ...closed, title: 'TopicConfigData' },
);
export type TopicConfigData = Static<typeof TopicConfigData>;

/** All clusters: one. */
export const ClusterList = Type.Object(
  { kind: Type.Literal('KafkaClusterList'), metadata: CollectionMetadata, data: Type.Array(Cluster) },
  { ...closed, title: 'ClusterDataList' },
);
/** Topics by name. */
export const TopicList = Type.Object(
  { kind: Type.Literal('KafkaTopicList'), metadata: CollectionMetadata, data: Type.Array(TopicData) },
  { ...closed, title: 'TopicDataList' },
);
/** Partitions from 0. */
export const PartitionList = Type.Object(
  { kind: Type.Literal('KafkaPartitionList'), metadata: CollectionMetadata, data: Type.Array(PartitionData) },
  { ...closed, title: 'PartitionDataList' },
);
/** Configs by name. */
export const TopicConfigList = Type.Object(
  {
    kind: Type.Literal('KafkaTopicConfigList'),
    metadata: CollectionMetadata,
    data: Type.Array(TopicConfigData),
  },
  { ...closed, title: 'TopicConfigDataList' },
);

/** What a topic is to be. */
export const CreateTopicBody = Type.Object(
  {
    topic_name: Type.String(),
    partitions_count: Type.Optional(
      nullable<number>(Type.Integer({ maximum: 2_147_483_647, minimum: -2_147_483_648 })),
    ),
    replication_factor: Type.Optional(
      nullable<number>(
        Type.Integer({
          minimum: -1,
          maximum: 32_767,
          description: 'Taken and passed over, 0 excepted: the storage replicates, and topics say 1',
        }),
      ),
    ),
    configs: Type.Optional(
      nullable<{ name: string; value?: string | null }[]>(
        Type.Array(
          Type.Object({ name: Type.String(), value: Type.Optional(nullable<string>(Type.String())) }, closed),
        ),
      ),
    ),
    validate_only: Type.Optional(Type.Boolean({ description: 'Check everything, make nothing, answer 200' })),
  },
  { ...closed, title: 'CreateTopicRequest' },
);
export type CreateTopicBody = Static<typeof CreateTopicBody>;

const Data = Type.Object(
  {
    type: Type.Enum(['BINARY', 'JSON', 'STRING'], {
      description: 'BINARY is base64; formats with schemas are not served',
    }),
    data: Type.Optional(Type.Unknown()),
  },
  { ...closed, title: 'ProduceRequestData' },
);
export type ProduceData = Static<typeof Data>;

/** One record to produce. */
export const ProduceBodyV3 = Type.Object(
  {
    partition_id: Type.Optional(nullable<number>(Partition)),
    headers: Type.Optional(
      nullable<{ name: string; value?: string | null }[]>(
        Type.Array(
          Type.Object(
            {
              name: Type.String(),
              value: Type.Optional(nullable<string>(Type.String({ contentEncoding: 'base64' }))),
            },
            { ...closed, title: 'ProduceRequestHeader' },
          ),
        ),
      ),
    ),
    key: Type.Optional(nullable<ProduceData>(Data)),
    value: Type.Optional(nullable<ProduceData>(Data)),
    timestamp: Type.Optional(
      nullable<string>(Type.String({ format: 'date-time', description: 'Default: now' })),
    ),
  },
  { ...closed, title: 'ProduceRecordRequest' },
);
export type ProduceBodyV3 = Static<typeof ProduceBodyV3>;

const ProducedData = Type.Object(
  {
    type: Type.Enum(['BINARY', 'JSON', 'STRING']),
    size: Type.Integer({ minimum: 0, description: 'Bytes stored' }),
  },
  { ...closed, title: 'ProduceResponseData' },
);

/** The report of one record. */
export const ProduceAnswerV3 = Type.Object(
  {
    error_code: Type.Integer({ description: '200, or what is wrong with this record' }),
    message: Type.Optional(Type.String()),
    outcome: Type.Optional(Type.Enum(['not-applied', 'applied', 'unknown'])),
    kafka_error: Type.Optional(Type.String()),
    cluster_id: Type.Optional(Type.String()),
    topic_name: Type.Optional(Type.String()),
    partition_id: Type.Optional(Partition),
    offset: Type.Optional(Offset),
    timestamp: Type.Optional(Type.String({ format: 'date-time' })),
    key: Type.Optional(ProducedData),
    value: Type.Optional(ProducedData),
    field: Type.Optional(Type.String()),
  },
  { ...closed, title: 'ProduceRecordResponse' },
);
export type ProduceAnswerV3 = Static<typeof ProduceAnswerV3>;

/** A producer id. */
export const ProducerData = Type.Object(
  {
    kind: Type.Literal('KafkaProducer'),
    metadata: ResourceMetadata,
    cluster_id: Type.String(),
    producer_id: Type.Integer({ minimum: 0 }),
    producer_epoch: Type.Integer({ minimum: 0, maximum: 32_767 }),
  },
  { ...closed, title: 'ProducerData' },
);
export type ProducerData = Static<typeof ProducerData>;
