// POST /groups/{group}/heartbeat and the offsets beside it: what a member of a group does, for clients that speak JSON.
import type { Context } from 'hono';
import * as Type from 'typebox';
import type { CommittedPartition, FetchOffsetsRequest } from '../../groups/groups.ts';
import { answerPlain } from './answer-plain.ts';
import { clientHostOf } from '../client-host.ts';
import { invalidParameter, toHttpError } from '../errors.ts';
import { readJsonBody } from '../json-body.ts';
import { PLAIN_JSON } from '../media-types.ts';
import { pathParameter, readQuery, requireContentType } from '../request.ts';
import type { ConsumeDeps, ConsumeRoute } from '../route.ts';
import {
  CommitOffsetsBody,
  type CommittedPartitions,
  CommittedOffsets,
  CommittedPartitions as CommittedPartitionsSchema,
  GroupHeartbeatAnswer,
  GroupHeartbeatBody,
} from './schemas-groups.ts';
import { v3Answer } from '../schemas.ts';

const OffsetsQuery = Type.Object(
  {
    topic: Type.Optional(
      Type.String({ description: 'Of all partitions of this topic. Default: all that are committed' }),
    ),
    memberId: Type.Optional(
      Type.String({ description: 'With memberEpoch: they are checked as those of a commit' }),
    ),
    memberEpoch: Type.Optional(Type.Integer({ minimum: -1, maximum: 2_147_483_647 })),
  },
  { additionalProperties: false },
);

async function heartbeat(c: Context, { broker }: ConsumeDeps): Promise<Response> {
  requireContentType(c, [PLAIN_JSON]);
  const body = await readJsonBody(c, GroupHeartbeatBody);
  const answer = await broker.groups.consumerGroupHeartbeat({
    ...body,
    groupId: pathParameter(c, 'group'),
    clientId: body.clientId ?? '',
    clientHost: clientHostOf(c),
  });
  return answerPlain(c, answer);
}

async function commit(c: Context, { broker }: ConsumeDeps): Promise<Response> {
  requireContentType(c, [PLAIN_JSON]);
  const body = await readJsonBody(c, CommitOffsetsBody);
  const committed = await broker.groups.commitOffsets({ ...body, groupId: pathParameter(c, 'group') });
  return answerPlain(c, committedAnswer(committed));
}

/** What became of each partition, as JSON: errors as the bodies of errors are. */
export const committedAnswer = (committed: readonly CommittedPartition[]): CommittedPartitions =>
  committed.map(({ topic, partition, error }) => ({
    ...{ topic, partition },
    ...(error && { error: toHttpError(error).toBody() }),
  }));

async function fetchOffsets(c: Context, { broker }: ConsumeDeps): Promise<Response> {
  const { topic, memberId, memberEpoch } = readQuery(c, OffsetsQuery);
  if ((memberId === undefined) !== (memberEpoch === undefined)) {
    const missing = memberId === undefined ? 'memberId' : 'memberEpoch';
    throw invalidParameter(missing, 'is missing: memberId and memberEpoch go together');
  }
  const request: FetchOffsetsRequest = {
    groupId: pathParameter(c, 'group'),
    ...(topic !== undefined && { partitions: await allPartitions(broker, topic) }),
    ...(memberId !== undefined && memberEpoch !== undefined && { memberId, memberEpoch }),
  };
  return answerPlain(c, await broker.groups.fetchOffsets(request));
}

async function allPartitions(
  broker: Pick<ConsumeDeps['broker'], 'describeTopic'>,
  name: string,
): Promise<{ topic: string; partition: number }[]> {
  const { partitions } = await broker.describeTopic(name);
  return Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition }));
}

/** The routes that members use. */
export const GROUP_MEMBER_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'POST',
    path: '/groups/{group}/heartbeat',
    group: 'consume',
    operationId: 'groupHeartbeat',
    summary: 'Join a consumer group, stay in it, or leave it',
    description:
      "Kafka's ConsumerGroupHeartbeat (KIP-848). 404 with UNKNOWN_MEMBER_ID and 409 with FENCED_MEMBER_EPOCH in kafka_error " +
      'say that the member has to give up its partitions and join again.',
    body: { required: true, content: { [PLAIN_JSON]: GroupHeartbeatBody } },
    answers: { 200: v3Answer('What the member is and may own', GroupHeartbeatAnswer) },
    errors: [404, 406, 409, 413, 415, 422],
    handle: heartbeat,
  },
  {
    method: 'POST',
    path: '/groups/{group}/offsets',
    group: 'consume',
    operationId: 'commitGroupOffsets',
    summary: 'Commit offsets of a group',
    description:
      'An offset is the next one to read. Where single partitions are refused, the answer is 200 and says so of each of them.',
    body: { required: true, content: { [PLAIN_JSON]: CommitOffsetsBody } },
    answers: {
      200: v3Answer('What became of each offset, in the order of the request', CommittedPartitionsSchema),
    },
    errors: [404, 406, 409, 413, 415, 422],
    handle: commit,
  },
  {
    method: 'GET',
    path: '/groups/{group}/offsets',
    group: 'consume',
    operationId: 'fetchGroupOffsets',
    summary: 'Get the committed offsets of a group',
    query: OffsetsQuery,
    answers: {
      200: v3Answer('Those that are committed; a group that is not there has none', CommittedOffsets),
    },
    errors: [404, 406, 409],
    handle: fetchOffsets,
  },
];
