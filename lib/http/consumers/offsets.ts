// /consumers/{group}/instances/{instance}/offsets: what a consumer has committed.
import type { Context } from 'hono';
import * as Type from 'typebox';
import type { OffsetCommit } from '../../groups/groups.ts';
import { answerV2 } from '../answer.ts';
import { clientHostOf } from '../client-host.ts';
import { HttpError, invalidParameter } from '../errors.ts';
import { checkBody } from '../json-body.ts';
import { PLAIN_JSON, V2_JSON } from '../media-types.ts';
import { readQuery, requireAccepted } from '../request.ts';
import type { ConsumeDeps, ConsumeRoute } from '../route.ts';
import { Partition, v2Answer } from '../schemas.ts';
import { commitOffsets, positionsOf } from './commit.ts';
import { consumerBody, readConsumerJson } from './consumer-body.ts';
import { illegalState, isRefusedCommit } from './consumer-errors.ts';
import { readGetJson } from './get-body.ts';
import type { Place } from './instance-state.ts';
import { keepMembership } from './membership.ts';
import { resolvePlaces } from './places.ts';
import { CommitAnswer, CommitBody, CommittedAnswer, PartitionsBody } from './schemas-consumers.ts';
import { changeInstance, consumerDepsOf, instanceIdOf, type ConsumerDeps, type Session } from './session.ts';

const CommitQuery = Type.Object(
  {
    async: Type.Optional(
      Type.Enum(['true', 'false'], {
        description: 'Taken and passed over: the answer always says how it went',
      }),
    ),
  },
  { additionalProperties: false },
);

async function postOffsets(c: Context, deps: ConsumeDeps): Promise<Response> {
  requireAccepted(c, [V2_JSON, PLAIN_JSON]);
  readQuery(c, CommitQuery);
  const { offsets } = checkBody(CommitBody, (await readConsumerJson(c)) ?? {});
  const consumerDeps = consumerDepsOf(deps);
  const explicit = offsets ? await commitsOf(deps, offsets) : undefined;
  await changeInstance(consumerDeps, instanceIdOf(c), (session) =>
    commit(consumerDeps, session, explicit, clientHostOf(c)),
  );
  return answerV2(c, []);
}

/** As Kafka REST has it: the offset is that of the last record that is done with, and the one after it is committed. */
async function commitsOf(
  deps: Pick<ConsumerDeps, 'broker'>,
  offsets: NonNullable<CommitBody['offsets']>,
): Promise<readonly OffsetCommit[]> {
  const places = await resolvePlaces(deps, offsets);
  const idOf = new Map(places.map(({ topic, topicId }) => [topic, topicId]));
  return offsets.map(({ topic, partition, offset, metadata }) => {
    const topicId = idOf.get(topic);
    return {
      ...{ topic, partition, offset: offset + 1 },
      ...(topicId !== undefined && { topicId }),
      ...(metadata !== undefined && metadata !== null && { metadata }),
    };
  });
}

async function commit(
  deps: ConsumerDeps,
  session: Session,
  explicit: readonly OffsetCommit[] | undefined,
  clientHost: string,
): Promise<Session | undefined> {
  const offsets = explicit ?? positionsOf(session.instance.partitions);
  try {
    const { session: committed, error } = await commitOffsets(deps, session, offsets);
    if (error) throw error;
    return committed;
  } catch (error) {
    if (!isRefusedCommit(error)) throw error;
    if (error.code !== 'STALE_MEMBER_EPOCH')
      throw illegalState(`${error.message}; read again to rejoin the group`, error);
    // The member's epoch went on in an answer that was lost: it is asked for again, and the commit with it.
    const overdue = { ...session, instance: { ...session.instance, heartbeatDueMs: 0 } };
    const kept = await keepMembership(deps, overdue, clientHost);
    if (!kept) return undefined;
    if (kept.instance.memberEpoch === session.instance.memberEpoch) throw illegalState(error.message, error);
    return commit(deps, kept, explicit, clientHost);
  }
}

const CommittedQuery = Type.Object(
  {
    topic: Type.Optional(Type.String({ description: 'For clients that cannot send a body with GET' })),
    partition: Type.Optional({ ...Partition, description: 'Of topic; default: all of its partitions' }),
  },
  { additionalProperties: false },
);

async function getOffsets(c: Context, deps: ConsumeDeps): Promise<Response> {
  const id = instanceIdOf(c);
  const places = await askedPlaces(c, deps);
  await changeInstance(consumerDepsOf(deps), id, (session) => session);
  const partitions = await resolvePlaces(deps, places);
  const committed = await deps.broker.groups.fetchOffsets({ groupId: id.groupId, partitions });
  const answer: CommittedAnswer = {
    offsets: committed.map(({ topic, partition, offset, metadata }) => ({
      ...{ topic, partition, offset, metadata },
    })),
  };
  return answerV2(c, answer);
}

async function askedPlaces(c: Context, { broker }: ConsumeDeps): Promise<readonly Place[]> {
  const { topic: name, partition } = readQuery(c, CommittedQuery);
  const json = await readGetJson(c);
  if (json !== undefined) return checkBody(PartitionsBody, json).partitions;
  if (name !== undefined && partition !== undefined) return [{ topic: name, partition }];
  if (name === undefined && partition !== undefined)
    throw invalidParameter('topic', 'is missing: partition is given');
  if (name === undefined) throw noPartitions();
  const topic = await broker.describeTopic(name);
  return Array.from({ length: topic.partitions }, (_, at) => ({ topic: name, partition: at }));
}

/** As Kafka REST answers a request without a body. */
const noPartitions = (): HttpError =>
  new HttpError({
    status: 404,
    errorCode: 40402,
    message: 'Partition not found: neither the body names partitions, nor the query a topic',
    details: { field: 'partitions' },
  });

const PATH = '/consumers/{group}/instances/{instance}/offsets';

/** The routes of a consumer's committed offsets. */
export const CONSUMER_OFFSET_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'POST',
    path: PATH,
    group: 'consume',
    operationId: 'commitConsumerOffsets',
    summary: 'Commit what a consumer has read',
    description:
      'Without offsets, everything that was delivered. An offset is that of the last record that is done with: the next one ' +
      'is committed, and GET answers that.',
    query: CommitQuery,
    body: consumerBody(CommitBody, false),
    answers: { 200: v2Answer('An empty list', CommitAnswer) },
    errors: [404, 406, 409, 413, 415, 422],
    handle: postOffsets,
  },
  {
    method: 'GET',
    path: PATH,
    group: 'consume',
    operationId: 'getConsumerOffsets',
    summary: 'Get the committed offsets of partitions',
    description:
      'The partitions are named in a JSON body ({"partitions": [{"topic", "partition"}]}), as Kafka REST has it, where the ' +
      'server lets one come with GET; an HTTP API of AWS does not. The query does the same.',
    query: CommittedQuery,
    answers: { 200: v2Answer('The offsets; partitions without one are left out', CommittedAnswer) },
    errors: [404, 406, 409, 413, 422],
    handle: getOffsets,
  },
];
