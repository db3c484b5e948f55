// Where a consumer begins to read partitions: at what is committed, else where the user said.
import { present } from '../../base/assert.ts';
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { CommittedOffset } from '../../groups/groups.ts';
import type { Backoff } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { OffsetReset, TopicPartition } from './consumer-options.ts';

export interface PartitionToStart extends TopicPartition {
  /** An offset that was committed of another topic of the same name counts for nothing. Default: any. */
  readonly topicId?: string | undefined;
}

export interface StartOptions {
  /** Undefined: nothing is committed. */
  readonly groupId: string | undefined;
  readonly reset: OffsetReset;
  readonly backoff: Backoff;
  /** Ends the gathering. */
  readonly signal: AbortSignal;
}

export interface Start {
  readonly offset: number;
  /** Undefined: nothing is, so that another consumer might begin elsewhere. */
  readonly committed: number | undefined;
}

/** Owned by one session. Never asks for one partition what it could ask for many. */
export class StartFinder {
  readonly #deps: ClientDeps;
  readonly #options: StartOptions;
  /** Partitions that are asked for together soon. */
  #gathering: { readonly places: PartitionToStart[]; readonly found: Promise<readonly Found[]> } | undefined;

  constructor(deps: ClientDeps, options: StartOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** One attempt for all, in their order. Undefined where it failed, so that no partition waits for another. Never throws. */
  async findNow(places: readonly PartitionToStart[]): Promise<readonly (Start | undefined)[]> {
    const found = await this.#ask(places);
    return found.map((one) => (one instanceof BrokerError ? undefined : one));
  }

  /**
   * Another attempt for one, with all that are asked for within the shortest backoff: a group that throttles is not asked by
   * each partition. Throws OFFSET_OUT_OF_RANGE where only `seek` can say, and what groups and log throw.
   */
  async find(place: PartitionToStart): Promise<Start> {
    this.#gathering ??= this.#gather();
    const { places, found } = this.#gathering;
    const at = places.push(place) - 1;
    const start = present((await found)[at], 'the answer');
    if (start instanceof BrokerError) throw start;
    return start;
  }

  #gather() {
    const { signal, backoff } = this.#options;
    const places: PartitionToStart[] = [];
    const found = this.#deps.clock.sleep(backoff.minMs, signal).then(() => {
      this.#gathering = undefined;
      return this.#ask(places);
    });
    return { places, found };
  }

  async #ask(places: readonly PartitionToStart[]): Promise<readonly Found[]> {
    try {
      const committed = await committedOffsets(this.#deps, places, this.#options);
      const options = { ...this.#options, committed };
      return await Promise.all(
        places.map((place) => startAt(this.#deps, place, options).catch(toBrokerError)),
      );
    } catch (thrown) {
      const error = toBrokerError(thrown);
      return places.map(() => error);
    }
  }
}

/** Or why it was not found. */
type Found = Start | BrokerError;

async function committedOffsets(
  { broker }: ClientDeps,
  places: readonly PartitionToStart[],
  { groupId }: StartOptions,
): Promise<readonly CommittedOffset[]> {
  const partitions = places.map(({ topic, partition }) => ({ topic, partition }));
  if (groupId === undefined || partitions.length === 0) return [];
  return broker.groups.fetchOffsets({ groupId, partitions });
}

async function startAt(
  deps: ClientDeps,
  place: PartitionToStart,
  { committed, groupId, reset }: StartOptions & { readonly committed: readonly CommittedOffset[] },
): Promise<Start> {
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
