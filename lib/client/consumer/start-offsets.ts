// Where a consumer begins to read partitions: at what is committed, else where the user said.
import { BrokerError } from '../../base/errors.ts';
import type { CommittedOffset } from '../../groups/groups.ts';
import { retry, type Backoff } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { OffsetReset, TopicPartition } from './consumer-options.ts';

export interface PartitionToStart extends TopicPartition {
  /** An offset that was committed of another topic of the same name counts for nothing. Default: any. */
  readonly topicId?: string;
}

export interface StartOptions {
  /** Undefined: nothing is committed. */
  readonly groupId: string | undefined;
  readonly reset: OffsetReset;
  readonly backoff: Backoff;
  /** Ends all attempts. */
  readonly signal: AbortSignal;
}

export interface Start {
  /** Undefined: nothing says where to begin; `error` tells. */
  readonly offset: number | undefined;
  readonly committed: number | undefined;
  readonly error?: BrokerError;
}

/**
 * The start of each partition, in their order; tries until it knows. Throws errors that do not pass by themselves.
 */
export async function startOffsets(
  deps: ClientDeps,
  partitions: readonly PartitionToStart[],
  options: StartOptions,
): Promise<readonly Start[]> {
  const { groupId, backoff, signal } = options;
  const attempts = { deadlineMs: Infinity, ...backoff, signal };
  const committed =
    groupId === undefined || partitions.length === 0
      ? []
      : await retry(deps, attempts, () =>
          deps.broker.groups.fetchOffsets({
            groupId,
            partitions: partitions.map(({ topic, partition }) => ({ topic, partition })),
          }),
        );
  return Promise.all(
    partitions.map(async (place): Promise<Start> => {
      const found = committed.find((one) => isOf(one, place));
      if (found !== undefined) return { offset: found.offset, committed: found.offset };
      if (options.reset === 'none')
        return { offset: undefined, committed: undefined, error: noOffset(place, groupId) };
      const offset = await retry(deps, attempts, () => resetOffset(deps, place, options.reset));
      return { offset, committed: undefined };
    }),
  );
}

/** The offset that the user's policy gives. Throws OFFSET_OUT_OF_RANGE where that is none. */
export async function resetOffset(
  { broker }: ClientDeps,
  { topic, partition }: TopicPartition,
  reset: OffsetReset,
): Promise<number> {
  if (reset === 'none') {
    const message = `the offset of ${topic}-${partition} is out of range, and autoOffsetReset is none: seek says where to go on`;
    throw new BrokerError('OFFSET_OUT_OF_RANGE', message);
  }
  return (await broker.listOffset(topic, partition, reset)).offset;
}

const isOf = (offset: CommittedOffset, { topic, partition, topicId }: PartitionToStart): boolean =>
  offset.topic === topic &&
  offset.partition === partition &&
  (topicId === undefined || offset.topicId === topicId);

function noOffset({ topic, partition }: TopicPartition, groupId: string | undefined): BrokerError {
  const of = groupId === undefined ? '' : ` by group ${groupId}`;
  const message = `nothing is committed of ${topic}-${partition}${of}, and autoOffsetReset is none: seek says where to begin`;
  return new BrokerError('OFFSET_OUT_OF_RANGE', message);
}
