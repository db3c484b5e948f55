// Where a consumer begins to read partitions: at what is committed, else where the user said.
import { BrokerError } from '../../base/errors.ts';
import type { CommittedOffset } from '../../groups/groups.ts';
import { retry, type Backoff } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { OffsetReset, TopicPartition } from './consumer-options.ts';

export interface PartitionToStart extends TopicPartition {
  /** An offset that was committed of another topic of the same name counts for nothing. Default: any. */
  readonly topicId?: string;
  /** Where the user says to begin. Default: what is committed, else as the reset says. */
  readonly offset?: number;
}

export interface StartOptions {
  /** Undefined: nothing is committed. */
  readonly groupId: string | undefined;
  readonly reset: OffsetReset;
  readonly backoff: Backoff;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
}

export interface Start {
  readonly offset: number;
  /** Undefined: nothing is, so that another consumer might begin elsewhere. */
  readonly committed: number | undefined;
}

/** A group that throttles is asked for all partitions together, for so long, before each of them asks for itself. */
const TOGETHER_MS = 5_000;

/**
 * For many partitions with one question to the group; in their order. Undefined where it failed, so that no partition waits
 * for another: `startOffset` says why. Never throws.
 */
export async function startOffsets(
  deps: ClientDeps,
  places: readonly PartitionToStart[],
  options: StartOptions,
): Promise<readonly (Start | undefined)[]> {
  try {
    const attempts = {
      deadlineMs: deps.clock.now() + TOGETHER_MS,
      signal: options.signal,
      ...options.backoff,
    };
    const committed = await retry(deps, attempts, () => committedOffsets(deps, places, options));
    return await Promise.all(
      places.map((place) => startAt(deps, place, { ...options, committed }).catch(unknown)),
    );
  } catch {
    return places.map(unknown);
  }
}

/** The start of one partition. Throws OFFSET_OUT_OF_RANGE where only `seek` can say, and what groups and log throw. */
export async function startOffset(
  deps: ClientDeps,
  place: PartitionToStart,
  options: StartOptions,
): Promise<Start> {
  return startAt(deps, place, { ...options, committed: await committedOffsets(deps, [place], options) });
}

const unknown = (): undefined => undefined;

async function committedOffsets(
  { broker }: ClientDeps,
  places: readonly PartitionToStart[],
  { groupId }: StartOptions,
): Promise<readonly CommittedOffset[]> {
  const partitions = places
    .filter(({ offset }) => offset === undefined)
    .map(({ topic, partition }) => ({ topic, partition }));
  if (groupId === undefined || partitions.length === 0) return [];
  return broker.groups.fetchOffsets({ groupId, partitions });
}

async function startAt(
  deps: ClientDeps,
  place: PartitionToStart,
  { committed, groupId, reset }: StartOptions & { readonly committed: readonly CommittedOffset[] },
): Promise<Start> {
  if (place.offset !== undefined) return { offset: place.offset, committed: undefined };
  const found = committed.find((one) => isOf(one, place));
  if (found !== undefined) return { offset: found.offset, committed: found.offset };
  if (reset === 'none') throw noOffset(place, groupId);
  return { offset: await resetOffset(deps, place, reset), committed: undefined };
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
