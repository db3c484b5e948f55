// Groups over HTTP: the consumer protocol, offsets and administration, under /groups.
import * as Type from 'typebox';
import type { TSchema, Static } from 'typebox';
import type {
  CommittedOffset,
  CommittedPartition,
  ConsumerGroupHeartbeatAnswer,
  GroupDescription,
  GroupListing,
  MemberDescription,
} from '../../groups/groups.ts';
import type { ClientGroups } from '../client-deps.ts';
import { type HttpCall, httpCall, type HttpCallDeps } from './http-call.ts';
import { errorOfBody } from './http-error.ts';

const HeartbeatAnswer = Type.Object({
  memberId: Type.String(),
  memberEpoch: Type.Integer(),
  heartbeatIntervalMs: Type.Integer({ minimum: 0 }),
  assignment: Type.Optional(
    Type.Array(
      Type.Object({
        topic: Type.String(),
        topicId: Type.String(),
        partitions: Type.Array(Type.Integer({ minimum: 0 })),
      }),
    ),
  ),
});

const PartitionsAnswer = Type.Array(
  Type.Object({
    topic: Type.String(),
    partition: Type.Integer(),
    error: Type.Optional(
      Type.Object({
        kafka_error: Type.Optional(Type.String()),
        message: Type.String(),
        outcome: Type.Optional(Type.String()),
      }),
    ),
  }),
);

const OffsetsAnswer = Type.Array(
  Type.Object({
    topic: Type.String(),
    topicId: Type.String(),
    partition: Type.Integer(),
    offset: Type.Integer({ minimum: 0 }),
    leaderEpoch: Type.Integer(),
    metadata: Type.String(),
    committedAtMs: Type.Integer(),
  }),
);

const ListingFields = {
  groupId: Type.String(),
  type: Type.Enum(['classic', 'consumer']),
  protocolType: Type.String(),
  state: Type.String(),
};
const ListingsAnswer = Type.Array(Type.Object(ListingFields));

const DescriptionAnswer = Type.Object({
  ...ListingFields,
  generation: Type.Integer(),
  protocolName: Type.String(),
  members: Type.Array(
    Type.Object({
      memberId: Type.String(),
      classic: Type.Optional(Type.Object({ metadata: Type.String(), assignment: Type.String() })),
    }),
  ),
});

/** The classic protocol is not offered over HTTP: its members speak Kafka's own. */
export function createHttpGroups(deps: HttpCallDeps): ClientGroups {
  const ask = async <T extends TSchema>(call: HttpCall<T>): Promise<Static<T>> =>
    (await httpCall(deps, call)).value;
  return {
    consumerGroupHeartbeat: async ({
      groupId,
      clientHost: _,
      ...body
    }): Promise<ConsumerGroupHeartbeatAnswer> => {
      const path = ['groups', groupId, 'heartbeat'];
      return ask({ method: 'POST', path, body, answer: HeartbeatAnswer });
    },
    commitOffsets: async ({ groupId, ...body }) => {
      const path = ['groups', groupId, 'offsets'];
      return partitionsOf(await ask({ method: 'POST', path, body, answer: PartitionsAnswer }));
    },
    fetchOffsets: async ({ groupId, partitions }): Promise<readonly CommittedOffset[]> => {
      const path = ['groups', groupId, 'offsets'];
      const all = await ask({ method: 'GET', path, answer: OffsetsAnswer });
      return all.filter(
        ({ topic, partition }) =>
          partitions?.some((one) => one.topic === topic && one.partition === partition) ?? true,
      );
    },
    listGroups: async () =>
      (await ask({ method: 'GET', path: ['groups'], answer: ListingsAnswer })) as readonly GroupListing[],
    describeGroup: async (groupId) =>
      descriptionOf(await ask({ method: 'GET', path: ['groups', groupId], answer: DescriptionAnswer })),
    deleteGroup: async (groupId) => {
      await ask({ method: 'DELETE', path: ['groups', groupId], answer: Type.Unknown() });
    },
    deleteOffsets: async (groupId, partitions) => {
      const path = ['groups', groupId, 'offsets'];
      return partitionsOf(
        await ask({ method: 'DELETE', path, body: { partitions }, answer: PartitionsAnswer }),
      );
    },
  };
}

function partitionsOf(answer: Static<typeof PartitionsAnswer>): readonly CommittedPartition[] {
  return answer.map(({ topic, partition, error }) => ({
    ...{ topic, partition },
    ...(error !== undefined && { error: errorOfBody(error) }),
  }));
}

/** Bytes come in base64. */
function descriptionOf(answer: Static<typeof DescriptionAnswer>): GroupDescription {
  const description = answer as unknown as GroupDescription;
  const members = answer.members.map(({ classic }, at): MemberDescription => {
    const member = description.members[at] as MemberDescription;
    if (classic === undefined) return member;
    const { metadata, assignment } = classic;
    return {
      ...member,
      classic: { metadata: Buffer.from(metadata, 'base64'), assignment: Buffer.from(assignment, 'base64') },
    };
  });
  return { ...description, members };
}
