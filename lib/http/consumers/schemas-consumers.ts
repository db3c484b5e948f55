// Bodies of the routes of consumer instances, as Kafka REST v2 has them.
import * as Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { GROUP_LIMITS } from '../../groups/limits.ts';
import { nullable, Offset, Partition } from '../schemas.ts';

const closed = { additionalProperties: false };

/** Kafka REST's consumer.instance.timeout.ms. */
export const SESSION_TIMEOUT_MS_DEFAULT = 300_000;
/** Kafka REST's bound of fetch.min.bytes. */
const FETCH_MIN_BYTES_MAX = 10_000_000;

// Jackson, which reads these bodies in Kafka REST, takes the text of a value for the value.
const optionally = (schema: TSchema & { type: string }) => Type.Optional(nullable<string | number>(schema));
const number = (minimum: number, maximum: number, description: string) =>
  Type.Optional(
    Type.Union(
      [Type.Integer({ minimum, maximum }), Type.String({ pattern: '^-?[0-9]{1,10}$' }), Type.Null()],
      { description },
    ),
  );

/** How a consumer is to be. */
export const CreateConsumerBody = Type.Object(
  {
    name: optionally(Type.String({ minLength: 1, description: 'One in its group. Default: made up' })),
    format: optionally(Type.String({ description: 'binary (default), json or text' })),
    'auto.offset.reset': optionally(
      Type.String({
        description: 'latest (default), earliest or none: where to begin where nothing is committed',
      }),
    ),
    'auto.commit.enable': Type.Optional(
      Type.Union(
        [
          Type.Boolean(),
          Type.String({ pattern: '^(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$' }),
          Type.Null(),
        ],
        {
          description: 'Whether the next read, and closing, commit what was delivered. Default: true',
        },
      ),
    ),
    'fetch.min.bytes': number(
      -1,
      FETCH_MIN_BYTES_MAX,
      'Bytes of keys and values that a read waits for. Default, and -1: any record',
    ),
    'consumer.request.timeout.ms': number(
      0,
      2_147_483_647,
      'How long a read waits unless it says so itself. Default: 1000',
    ),
    'session.timeout.ms': number(
      GROUP_LIMITS.sessionTimeoutMsMin,
      GROUP_LIMITS.sessionTimeoutMsMax,
      `How long the consumer lives without a call. Default: ${SESSION_TIMEOUT_MS_DEFAULT}. An addition to Kafka REST`,
    ),
  },
  { ...closed, title: 'CreateConsumerRequest' },
);

/** Bounds of the numbers of CreateConsumerBody that come as text. */
export const NUMBER_BOUNDS = {
  'fetch.min.bytes': [-1, FETCH_MIN_BYTES_MAX],
  'consumer.request.timeout.ms': [0, 2_147_483_647],
  'session.timeout.ms': [GROUP_LIMITS.sessionTimeoutMsMin, GROUP_LIMITS.sessionTimeoutMsMax],
} as const satisfies Record<string, readonly [number, number]>;

/** A consumer that was made. */
export const CreateConsumerAnswer = Type.Object(
  { instance_id: Type.String(), base_uri: Type.String({ description: 'Where its other calls go' }) },
  { ...closed, title: 'CreateConsumerResponse' },
);
export type CreateConsumerAnswer = Static<typeof CreateConsumerAnswer>;

/** What to subscribe to: one of the two. */
export const SubscriptionBody = Type.Object(
  {
    topics: Type.Optional(nullable<string[]>(Type.Array(Type.String({ minLength: 1 })))),
    topic_pattern: Type.Optional(
      nullable<string>(
        Type.String({ minLength: 1, description: "In RE2's syntax; it has to match the whole name" }),
      ),
    ),
  },
  { ...closed, title: 'ConsumerSubscriptionRequest' },
);

/** What the consumer is subscribed to. */
export const SubscriptionAnswer = Type.Object(
  { topics: Type.Array(Type.String(), { description: 'With a pattern: the topics that match it now' }) },
  { ...closed, title: 'ConsumerSubscription' },
);
export type SubscriptionAnswer = Static<typeof SubscriptionAnswer>;

const Place = Type.Object(
  { topic: Type.String(), partition: Partition },
  { ...closed, title: 'ConsumerPartition' },
);

/** Partitions of topics. */
export const PartitionsBody = Type.Object(
  { partitions: Type.Array(Place) },
  { ...closed, title: 'ConsumerPartitions' },
);
export type PartitionsBody = Static<typeof PartitionsBody>;

const PlacedOffset = Type.Object(
  {
    topic: Type.String(),
    partition: Partition,
    offset: Offset,
    metadata: Type.Optional(nullable<string>(Type.String())),
  },
  { ...closed, title: 'ConsumerOffset' },
);

/** Where to go on. */
export const PositionsBody = Type.Object(
  { offsets: Type.Array(PlacedOffset) },
  { ...closed, title: 'ConsumerPositions' },
);

/** What to commit; without offsets, everything that was delivered. */
export const CommitBody = Type.Object(
  {
    offsets: Type.Optional(
      nullable<Static<typeof PlacedOffset>[]>(
        Type.Array(PlacedOffset, {
          description: 'Of each the last record that is done with: the offset after it is committed',
        }),
      ),
    ),
  },
  { ...closed, title: 'ConsumerCommitRequest' },
);
export type CommitBody = Static<typeof CommitBody>;

/** Kafka REST answers an empty list. */
export const CommitAnswer = Type.Array(Type.Unknown(), { maxItems: 0 });

/** Committed offsets, each the next one to read. Partitions without one are left out. */
export const CommittedAnswer = Type.Object(
  {
    offsets: Type.Array(
      Type.Object(
        { topic: Type.String(), partition: Partition, offset: Offset, metadata: Type.String() },
        { ...closed, title: 'ConsumerCommittedOffset' },
      ),
    ),
  },
  { ...closed, title: 'ConsumerCommittedOffsets' },
);
export type CommittedAnswer = Static<typeof CommittedAnswer>;
