// OffsetForLeaderEpoch: the one epoch that there ever is ends where the log does.
import { OFFSET_FOR_LEADER_EPOCH } from '../protocol/apis/23-offset-for-leader-epoch.ts';
import { errorOf, handler, LEADER_EPOCH, type RequestContext } from './handler.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';

type Partition = RequestOf<typeof OFFSET_FOR_LEADER_EPOCH>['topics'][number]['partitions'][number];
type Answer = ResponseOf<typeof OFFSET_FOR_LEADER_EPOCH>['topics'][number]['partitions'][number];

/** OffsetForLeaderEpoch. */
export const offsetForLeaderEpoch = handler<typeof OFFSET_FOR_LEADER_EPOCH>({
  schema: OFFSET_FOR_LEADER_EPOCH,
  handle: async (context, { topics }) => ({
    topics: await Promise.all(
      topics.map(async ({ topic, partitions }) => ({
        topic,
        partitions: await Promise.all(partitions.map((one) => answer(context, topic, one))),
      })),
    ),
  }),
});

async function answer(
  { broker }: RequestContext,
  topic: string,
  { partition, leaderEpoch }: Partition,
): Promise<Answer> {
  const none = { errorCode: 0, partition, leaderEpoch: -1, endOffset: -1 };
  try {
    const { offset } = await broker.listOffset(topic, partition, 'latest');
    return leaderEpoch === LEADER_EPOCH ? { ...none, leaderEpoch, endOffset: offset } : none;
  } catch (error) {
    return { ...none, errorCode: errorOf(error).errorCode };
  }
}
