// ListOffsets: the first offset, the next one, and the first at or after a time.
import { BrokerError } from '../../base/errors.ts';
import { LIST_OFFSETS } from '../protocol/apis/02-list-offsets.ts';
import { errorOf, handler, LEADER_EPOCH, type RequestContext } from './handler.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';
import type { ListedOffset } from '../../broker/broker.ts';

type Partition = RequestOf<typeof LIST_OFFSETS>['topics'][number]['partitions'][number];
type Answer = ResponseOf<typeof LIST_OFFSETS>['topics'][number]['partitions'][number];

/** The timestamps that stand for something else. */
const SPECIAL = {
  latest: -1,
  earliest: -2,
  maxTimestamp: -3,
  earliestLocal: -4,
  latestTiered: -5,
  earliestPendingUpload: -6,
};

/** ListOffsets. */
export const listOffsets = handler<typeof LIST_OFFSETS>({
  schema: LIST_OFFSETS,
  handle: async (context, { topics }) => ({
    topics: await Promise.all(
      topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map((one) => answer(context, name, one))),
      })),
    ),
  }),
});

async function answer(context: RequestContext, topic: string, one: Partition): Promise<Answer> {
  const { partitionIndex, timestamp } = one;
  try {
    const { offset, timestampMs } = await find(context, topic, partitionIndex, timestamp);
    const leaderEpoch = offset < 0 ? -1 : LEADER_EPOCH;
    return { partitionIndex, errorCode: 0, timestamp: timestampMs, offset, leaderEpoch };
  } catch (error) {
    return {
      partitionIndex,
      errorCode: errorOf(error).errorCode,
      timestamp: -1,
      offset: -1,
      leaderEpoch: -1,
    };
  }
}

function find(
  { broker }: RequestContext,
  topic: string,
  partition: number,
  timestamp: number,
): Promise<ListedOffset> {
  switch (timestamp) {
    case SPECIAL.latest:
      return broker.listOffset(topic, partition, 'latest');
    // All that there is, is as near as it gets: nothing is tiered.
    case SPECIAL.earliest:
    case SPECIAL.earliestLocal:
      return broker.listOffset(topic, partition, 'earliest');
    case SPECIAL.maxTimestamp:
      return broker.listOffset(topic, partition, 'maxTimestamp');
    case SPECIAL.latestTiered:
    case SPECIAL.earliestPendingUpload:
      return broker.listOffset(topic, partition, 'latest').then(() => ({ offset: -1, timestampMs: -1 }));
    default:
      if (timestamp >= 0) return broker.listOffset(topic, partition, timestamp);
      throw new BrokerError('UNSUPPORTED_VERSION', `timestamp ${timestamp} stands for nothing`);
  }
}
