// OffsetCommit: offsets of a group, by a member of it, or by anybody while it has none.
import { BrokerError } from '../../base/errors.ts';
import { OFFSET_COMMIT } from '../protocol/apis/08-offset-commit.ts';
import { groupErrorOf } from './group-errors.ts';
import { handler, type RequestContext } from './handler.ts';
import { nameOfTopic } from './topic-names.ts';
import type { OffsetCommit } from '../../groups/groups.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';

type Request = RequestOf<typeof OFFSET_COMMIT>;
type TopicOf = Request['topics'][number];
type Answer = ResponseOf<typeof OFFSET_COMMIT>['topics'][number];

/** Retention in the request (versions 2 to 4) is passed over: it is the cluster's, as in Kafka since 2.1. */
export const offsetCommit = handler<typeof OFFSET_COMMIT>({
  schema: OFFSET_COMMIT,
  handle: async (context, request) => {
    const topics = await Promise.all(request.topics.map((topic) => named(context, topic)));
    const known = topics.filter((topic) => 'offsets' in topic);
    try {
      const committed = await context.broker.groups.commitOffsets({
        ...{ groupId: request.groupId, memberId: request.memberId },
        generationOrMemberEpoch: request.generationIdOrMemberEpoch,
        ...(request.groupInstanceId !== null && { groupInstanceId: request.groupInstanceId }),
        offsets: known.flatMap(({ offsets }) => offsets),
      });
      let next = 0;
      return {
        topics: topics.map((topic) =>
          answer(topic, () => {
            const error = committed[next++]?.error;
            return error ? groupErrorOf(error).errorCode : 0;
          }),
        ),
      };
    } catch (error) {
      const { errorCode } = groupErrorOf(error);
      return { topics: topics.map((topic) => answer(topic, () => errorCode)) };
    }
  },
});

type Named = { readonly of: TopicOf } & (
  { readonly offsets: readonly OffsetCommit[] } | { readonly errorCode: number }
);

async function named({ broker }: RequestContext, topic: TopicOf): Promise<Named> {
  try {
    const name = await nameOfTopic(broker, topic);
    const offsets = topic.partitions.map((one) => ({
      ...{ topic: name, partition: one.partitionIndex, offset: one.committedOffset },
      ...{ leaderEpoch: one.committedLeaderEpoch, metadata: one.committedMetadata ?? '' },
      ...(topic.name === '' && { topicId: topic.topicId }),
    }));
    return { of: topic, offsets };
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return { of: topic, errorCode: groupErrorOf(error).errorCode };
  }
}

function answer(topic: Named, nextCode: () => number): Answer {
  const { name, topicId, partitions } = topic.of;
  return {
    ...{ name, topicId },
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: 'errorCode' in topic ? topic.errorCode : nextCode(),
    })),
  };
}
