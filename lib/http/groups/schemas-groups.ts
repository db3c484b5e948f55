// Bodies of the routes of groups: the types of lib/groups/groups.ts as JSON, bytes in base64.
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { ErrorBody } from '../errors.ts';
import { Offset, Partition } from '../schemas.ts';

const closed = { additionalProperties: false };

const Epoch = Type.Integer({ minimum: -2, maximum: 2_147_483_647 });
const Milliseconds = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const Bytes = Type.String({ contentEncoding: 'base64' });

/** Who calls; the server adds where from. */
const ClientId = Type.Optional(
  Type.String({ description: 'Shown to whoever describes the group. Default: empty' }),
);

/** A topic and one of its partitions. */
export const GroupPartition = Type.Object(
  { topic: Type.String(), partition: Partition },
  { ...closed, title: 'GroupPartition' },
);

const OwnedTopic = Type.Object(
  { topicId: Type.String(), partitions: Type.Array(Partition) },
  { ...closed, title: 'GroupOwnedTopic' },
);

const AssignedTopic = Type.Object(
  { topic: Type.String(), topicId: Type.String(), partitions: Type.Array(Partition) },
  { ...closed, title: 'GroupAssignedTopic' },
);

/** A heartbeat of the consumer protocol (KIP-848), without the group's id. */
export const GroupHeartbeatBody = Type.Object(
  {
    clientId: ClientId,
    memberId: Type.String({ description: 'Empty only with epoch 0: the member is given an id' }),
    memberEpoch: Type.Integer({
      ...Epoch,
      description: '0: join. -1: leave. -2: a static member leaves and will be back',
    }),
    groupInstanceId: Type.Optional(Type.String()),
    rackId: Type.Optional(Type.String()),
    rebalanceTimeoutMs: Type.Optional(Milliseconds),
    subscribedTopicNames: Type.Optional(Type.Array(Type.String())),
    subscribedTopicRegex: Type.Optional(Type.String({ description: "In RE2's syntax; empty: no more" })),
    serverAssignor: Type.Optional(Type.String({ description: 'uniform or range' })),
    ownedPartitions: Type.Optional(Type.Array(OwnedTopic)),
    sessionTimeoutMs: Type.Optional(Milliseconds),
  },
  { ...closed, title: 'GroupHeartbeatRequest' },
);
export type GroupHeartbeatBody = Static<typeof GroupHeartbeatBody>;

/** What a heartbeat answers. */
export const GroupHeartbeatAnswer = Type.Object(
  {
    memberId: Type.String(),
    memberEpoch: Epoch,
    heartbeatIntervalMs: Type.Integer({ minimum: 0 }),
    assignment: Type.Optional(
      Type.Array(AssignedTopic, {
        description:
          'All that the member may own now; absent where nothing has changed since it was last told',
      }),
    ),
  },
  { ...closed, title: 'GroupHeartbeatResponse' },
);

/** Offsets to commit, without the group's id. */
export const CommitOffsetsBody = Type.Object(
  {
    memberId: Type.String({ description: 'Empty, with generation -1: no member' }),
    groupInstanceId: Type.Optional(Type.String()),
    generationOrMemberEpoch: Type.Integer({ minimum: -1, maximum: 2_147_483_647 }),
    offsets: Type.Array(
      Type.Object(
        {
          topic: Type.String(),
          topicId: Type.Optional(Type.String()),
          partition: Partition,
          offset: Offset,
          leaderEpoch: Type.Optional(Type.Integer({ minimum: -1, maximum: 2_147_483_647 })),
          metadata: Type.Optional(Type.String()),
        },
        { ...closed, title: 'GroupOffsetCommit' },
      ),
    ),
  },
  { ...closed, title: 'GroupCommitRequest' },
);
export type CommitOffsetsBody = Static<typeof CommitOffsetsBody>;

/** What became of each partition, in the order of the request. */
export const CommittedPartitions = Type.Array(
  Type.Object(
    { topic: Type.String(), partition: Partition, error: Type.Optional(ErrorBody) },
    { ...closed, title: 'GroupCommittedPartition' },
  ),
);
export type CommittedPartitions = Static<typeof CommittedPartitions>;

/** Committed offsets in the order of topics and partitions. */
export const CommittedOffsets = Type.Array(
  Type.Object(
    {
      topic: Type.String(),
      topicId: Type.String(),
      partition: Partition,
      offset: Type.Integer({ ...Offset, description: 'The next offset to read' }),
      leaderEpoch: Type.Integer({ minimum: -1 }),
      metadata: Type.String(),
      committedAtMs: Type.Integer(),
    },
    { ...closed, title: 'GroupCommittedOffset' },
  ),
);

/** Whose offsets to delete. */
export const DeleteOffsetsBody = Type.Object(
  { partitions: Type.Array(GroupPartition, { minItems: 1 }) },
  { ...closed, title: 'GroupDeleteOffsetsRequest' },
);

const listing = {
  groupId: Type.String(),
  type: Type.Enum(['classic', 'consumer']),
  protocolType: Type.String(),
  state: Type.Enum([
    'Empty',
    'PreparingRebalance',
    'CompletingRebalance',
    'Stable',
    'Dead',
    'Assigning',
    'Reconciling',
  ]),
};

/** All groups in the order of their ids. */
export const GroupListings = Type.Array(Type.Object(listing, { ...closed, title: 'GroupListing' }));

/** A member as it is described; the bytes of classic members in base64. */
export const GroupMember = Type.Object(
  {
    clientId: Type.String(),
    clientHost: Type.String(),
    memberId: Type.String(),
    groupInstanceId: Type.Optional(Type.String()),
    rackId: Type.Optional(Type.String()),
    classic: Type.Optional(Type.Object({ metadata: Bytes, assignment: Bytes }, closed)),
    consumer: Type.Optional(
      Type.Object(
        {
          memberEpoch: Epoch,
          subscribedTopicNames: Type.Array(Type.String()),
          subscribedTopicRegex: Type.Optional(Type.String()),
          assignment: Type.Array(AssignedTopic),
          targetAssignment: Type.Array(AssignedTopic),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: 'GroupMember' },
);
export type GroupMember = Static<typeof GroupMember>;

/** A group with its members. */
export const GroupDescriptionAnswer = Type.Object(
  {
    ...listing,
    generation: Type.Integer({ description: 'The generation, or the group epoch' }),
    protocolName: Type.String(),
    assignmentEpoch: Type.Optional(Type.Integer()),
    leader: Type.Optional(Type.String()),
    members: Type.Array(GroupMember),
  },
  { ...closed, title: 'GroupDescription' },
);

/** How far the group is behind, in the order of topics and partitions. */
export const PartitionLags = Type.Array(
  Type.Object(
    {
      topic: Type.String(),
      partition: Partition,
      committedOffset: Type.Optional(Offset),
      logStartOffset: Offset,
      logEndOffset: Offset,
      lag: Type.Optional(Offset),
      metadata: Type.String(),
      member: Type.Optional(GroupMember),
    },
    { ...closed, title: 'GroupPartitionLag' },
  ),
);
