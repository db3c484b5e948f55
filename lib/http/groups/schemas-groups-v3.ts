// Bodies of the v3 API's consumer groups, as Kafka REST's own OpenAPI document (api/v3/openapi.yaml) has them.
import * as Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { CollectionMetadata, Relationship, ResourceMetadata } from '../schemas-v3.ts';
import { nullable, Offset, Partition } from '../schemas.ts';

const closed = { additionalProperties: false };

const ofGroup = { metadata: ResourceMetadata, cluster_id: Type.String(), consumer_group_id: Type.String() };
const instance = nullable<string>(Type.String({ description: 'Of a static member' }));

/** A group. */
export const ConsumerGroupData = Type.Object(
  {
    kind: Type.Literal('KafkaConsumerGroup'),
    ...ofGroup,
    is_simple: Type.Boolean({ description: 'Whether it has committed offsets and never had members' }),
    partition_assignor: Type.String(),
    state: Type.Enum([
      ...(['PREPARING_REBALANCE', 'COMPLETING_REBALANCE', 'ASSIGNING', 'RECONCILING'] as const),
      ...(['STABLE', 'DEAD', 'EMPTY'] as const),
    ]),
    type: Type.Enum(['CLASSIC', 'CONSUMER']),
    is_mixed_consumer_group: Type.Boolean(),
    coordinator: Relationship,
    consumers: Relationship,
    lag_summary: Relationship,
  },
  { ...closed, title: 'ConsumerGroupData' },
);
export type ConsumerGroupData = Static<typeof ConsumerGroupData>;

/** A member. */
export const ConsumerData = Type.Object(
  {
    kind: Type.Literal('KafkaConsumer'),
    ...ofGroup,
    consumer_id: Type.String(),
    instance_id: instance,
    client_id: Type.String(),
    assignments: Relationship,
  },
  { ...closed, title: 'ConsumerData' },
);
export type ConsumerData = Static<typeof ConsumerData>;

/** A partition that a member has. */
export const ConsumerAssignmentData = Type.Object(
  {
    kind: Type.Literal('KafkaConsumerAssignment'),
    ...ofGroup,
    consumer_id: Type.String(),
    topic_name: Type.String(),
    partition_id: Partition,
    partition: Relationship,
    lag: Relationship,
  },
  { ...closed, title: 'ConsumerAssignmentData' },
);
export type ConsumerAssignmentData = Static<typeof ConsumerAssignmentData>;

/** How far the group is behind in a partition that it has committed. */
export const ConsumerLagData = Type.Object(
  {
    kind: Type.Literal('KafkaConsumerLag'),
    ...ofGroup,
    topic_name: Type.String(),
    partition_id: Partition,
    current_offset: Offset,
    log_end_offset: Offset,
    lag: Offset,
    consumer_id: Type.String({ description: 'Empty: no member has the partition' }),
    instance_id: instance,
    client_id: Type.String(),
  },
  { ...closed, title: 'ConsumerLagData' },
);
export type ConsumerLagData = Static<typeof ConsumerLagData>;

/** How far the group is behind in all, and where most. */
export const LagSummaryData = Type.Object(
  {
    kind: Type.Literal('KafkaConsumerGroupLagSummary'),
    ...ofGroup,
    max_lag_consumer_id: Type.String(),
    max_lag_instance_id: instance,
    max_lag_client_id: Type.String(),
    max_lag_topic_name: Type.String(),
    max_lag_partition_id: Partition,
    max_lag: Offset,
    total_lag: Offset,
    max_lag_consumer: Relationship,
    max_lag_partition: Relationship,
  },
  { ...closed, title: 'ConsumerGroupLagSummaryData' },
);
export type LagSummaryData = Static<typeof LagSummaryData>;

const listOf = (kind: string, item: TSchema, title: string): TSchema =>
  Type.Object(
    { kind: Type.Literal(kind), metadata: CollectionMetadata, data: Type.Array(item) },
    { ...closed, title },
  );

/** Groups by id. */
export const ConsumerGroupList = listOf('KafkaConsumerGroupList', ConsumerGroupData, 'ConsumerGroupDataList');
/** Members by id. */
export const ConsumerList = listOf('KafkaConsumerList', ConsumerData, 'ConsumerDataList');
/** Partitions by topic and number. */
export const ConsumerAssignmentList = listOf(
  'KafkaConsumerAssignmentList',
  ConsumerAssignmentData,
  'ConsumerAssignmentDataList',
);
/** Lags by topic and partition. */
export const ConsumerLagList = listOf('KafkaConsumerLagList', ConsumerLagData, 'ConsumerLagDataList');
