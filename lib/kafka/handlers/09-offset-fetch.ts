// OffsetFetch: committed offsets, of one group up to version 7, of several from version 8 on.
import { OFFSET_FETCH } from '../protocol/apis/09-offset-fetch.ts';
import { groupErrorOf } from './group-errors.ts';
import { handler, type RequestContext } from './handler.ts';
import { nameOfTopic } from './topic-names.ts';
import type { CommittedOffset, FetchOffsetsRequest } from '../../groups/groups.ts';
import type { RequestOf } from '../protocol/schema.ts';

type Group = RequestOf<typeof OFFSET_FETCH>['groups'][number];
type AskedTopic = NonNullable<Group['topics']>[number];

const SEVERAL_SINCE = 8;

/** OffsetFetch. */
export const offsetFetch = handler<typeof OFFSET_FETCH>({
  schema: OFFSET_FETCH,
  handle: async (context, request) => {
    if (context.apiVersion >= SEVERAL_SINCE) {
      const groups = await Promise.all(request.groups.map((group) => fetchGroup(context, group)));
      return { topics: [], groups };
    }
    const topics = request.topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null;
    const { groupId } = request;
    const one = await fetchGroup(context, { groupId, memberId: null, memberEpoch: -1, topics });
    return { topics: one.topics, errorCode: one.errorCode, groups: [] };
  },
});

async function fetchGroup(context: RequestContext, group: Group) {
  const { groupId, memberId, memberEpoch, topics } = group;
  try {
    const member: Partial<FetchOffsetsRequest> = memberId === null ? {} : { memberId, memberEpoch };
    if (topics === null) {
      const all = await context.broker.groups.fetchOffsets({ groupId, ...member });
      return { groupId, errorCode: 0, topics: byTopic(all) };
    }
    const named = await Promise.all(topics.map((topic) => nameTopic(context, topic)));
    const partitions = named.flatMap(({ topic, asked }) =>
      topic === undefined ? [] : asked.partitionIndexes.map((partition) => ({ topic, partition })),
    );
    const found = await context.broker.groups.fetchOffsets({ groupId, partitions, ...member });
    const places = new Map(found.map((one) => [`${one.topic}:${one.partition}`, one]));
    return { groupId, errorCode: 0, topics: named.map((one) => answerOf(one, places)) };
  } catch (error) {
    return { groupId, errorCode: groupErrorOf(error).errorCode, topics: [] };
  }
}

interface NamedTopic {
  readonly asked: AskedTopic;
  /** undefined: there is none of that id. */
  readonly topic: string | undefined;
  readonly errorCode: number;
}

async function nameTopic({ broker }: RequestContext, asked: AskedTopic): Promise<NamedTopic> {
  try {
    return { asked, topic: await nameOfTopic(broker, asked), errorCode: 0 };
  } catch (error) {
    return { asked, topic: undefined, errorCode: groupErrorOf(error).errorCode };
  }
}

const answerOf = ({ asked, topic, errorCode }: NamedTopic, places: ReadonlyMap<string, CommittedOffset>) => ({
  name: asked.name,
  topicId: asked.topicId,
  partitions: asked.partitionIndexes.map((partitionIndex) => ({
    ...placeOf(topic === undefined ? undefined : places.get(`${topic}:${partitionIndex}`), partitionIndex),
    errorCode,
  })),
});

const placeOf = (committed: CommittedOffset | undefined, partitionIndex: number) => ({
  partitionIndex,
  committedOffset: committed?.offset ?? -1,
  committedLeaderEpoch: committed?.leaderEpoch ?? -1,
  metadata: committed?.metadata ?? '',
  errorCode: 0,
});

function byTopic(all: readonly CommittedOffset[]) {
  const topics = new Map<
    string,
    { name: string; topicId: string; partitions: ReturnType<typeof placeOf>[] }
  >();
  for (const one of all) {
    const topic = topics.get(one.topic) ?? { name: one.topic, topicId: one.topicId, partitions: [] };
    topic.partitions.push(placeOf(one, one.partition));
    topics.set(one.topic, topic);
  }
  return [...topics.values()];
}
