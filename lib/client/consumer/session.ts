// One stay of a consumer with its partitions, from the first poll on: members of a group, or partitions it was told.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { CommittedPartition, OffsetCommit } from '../../groups/groups.ts';
import type { ClientDeps } from '../client-deps.ts';
import { backoffMs } from '../backoff.ts';
import { untilAborted } from '../until-aborted.ts';
import { AutoCommit, type CommitSchedule } from './auto-commit.ts';
import { Committer, type Committing, NO_MEMBER } from './committer.ts';
import type { ConsumerSettings, Subscription, TopicPartition } from './consumer-options.ts';
import type { Delivery } from './delivery.ts';
import { GroupMember } from './group-member.ts';
import { PartitionReader } from './partition-reader.ts';
import { ReaderPool } from './reader-pool.ts';
import { type PartitionToRead, Rebalancer } from './rebalancer.ts';
import { resetOffset, StartFinder } from './start-offsets.ts';

export interface SessionOptions {
  readonly settings: ConsumerSettings;
  /** Of a group's member; absent: the consumer reads what `assign` says. */
  readonly subscription?: Subscription;
  /** The end of the consumer's stay before this: it must have left the group first. Never rejects. */
  readonly previous?: Promise<void>;
}

/** Owned by one consumer; ends with `close`. */
export class Session {
  readonly pool: ReaderPool;
  readonly autoCommit: AutoCommit;
  readonly #deps: ClientDeps;
  readonly #settings: ConsumerSettings;
  readonly #subscription: Subscription | undefined;
  readonly #committer: Committer | undefined;
  readonly #starts: StartFinder;
  readonly #rebalancer: Rebalancer;
  readonly #closing = new AbortController();
  readonly #previous: Promise<void> | undefined;
  #member: GroupMember | undefined;
  #closed: Promise<void> | undefined;

  constructor(deps: ClientDeps, { settings, subscription, previous }: SessionOptions) {
    this.#deps = deps;
    this.#settings = settings;
    this.#subscription = subscription;
    this.#previous = previous;
    const { groupId, onError, autoOffsetReset: reset, backoff } = settings;
    this.#committer = groupId === undefined ? undefined : new Committer(deps, groupId, settings);
    this.pool = new ReaderPool({
      clock: deps.clock,
      onProcessed: (records) => {
        this.autoCommit.count(records);
      },
    });
    this.autoCommit = new AutoCommit({
      ...{ clock: deps.clock, onError, commit: (offsets) => this.#commit(offsets) },
      readers: () => this.pool.readers,
      schedule: scheduleOf(settings),
    });
    this.#starts = new StartFinder(deps, { groupId, reset, backoff, signal: this.#closing.signal });
    this.#rebalancer = this.#createRebalancer();
    this.autoCommit.start();
  }

  /** It has begun to end. */
  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Commits by itself as these settings say from now on. */
  reschedule(settings: ConsumerSettings): void {
    this.autoCommit.reschedule(scheduleOf(settings));
  }

  /**
   * The next records; undefined when the session is closed or the signal aborted. Joins the group first, also after the
   * member had to leave it. Throws what went wrong since the last call.
   */
  async take(signal?: AbortSignal): Promise<Delivery | undefined> {
    if (this.#previous !== undefined) await untilAborted(this.#previous, signal);
    for (;;) {
      if (this.#subscription !== undefined && !this.isClosing && signal?.aborted !== true)
        this.#join(this.#subscription);
      const delivery = await this.pool.take(signal);
      if (delivery === undefined || !this.#settings.isAtMostOnce) return delivery;
      if (await this.#commitAhead(delivery, signal)) return delivery;
    }
  }

  /** Reads exactly these from now on; resolves when what was in hand is returned and committed. */
  async assign(places: readonly PartitionToRead[]): Promise<void> {
    await this.#rebalancer.replace(places);
  }

  /**
   * Commits these, while `inHand` is being worked on. Throws the first error, of the request or of a partition: also for one
   * that is not, or no longer, this member's when it comes to it. Throws where there is no group.
   */
  async commitOffsets(offsets: readonly OffsetCommit[], inHand?: Delivery): Promise<void> {
    await this.#commitEach(offsets, inHand, ({ offset: { offset }, reader, generation }) => {
      if (generation !== undefined) reader?.noteByHand(offset, generation);
    });
  }

  async #commitEach(
    offsets: readonly OffsetCommit[],
    inHand: Delivery | undefined,
    note: (committed: ToCommit) => void,
  ): Promise<void> {
    const asked = offsets.map((offset) => {
      const reader = this.pool.find(offset.topic, offset.partition);
      return { offset, reader, generation: reader?.generation };
    });
    let ours = asked;
    const results = await this.#commit(() => {
      ours = asked.filter(({ offset, reader }) => this.#isOurs(offset, reader, inHand));
      return ours.map(({ offset, reader }) => {
        const topicId = offset.topicId ?? reader?.topicId;
        return { ...offset, ...(topicId !== undefined && { topicId }) };
      });
    });
    for (const [at, one] of ours.entries()) if (results[at]?.error === undefined) note(one);
    const refused = results.find(({ error }) => error !== undefined);
    if (refused?.error !== undefined) throw refused.error;
    const lost = asked.find((one) => !ours.includes(one));
    if (lost !== undefined) throw lostError(lost.offset);
  }

  /**
   * Hands out no more, waits for what is in hand, commits it and leaves. Throws what hinders the member from leaving: the
   * group then waits for its session timeout.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.pool.close();
    await this.#previous;
    await this.#rebalancer.close();
    await this.autoCommit.stop();
    await this.#member?.leave();
  }

  /** A partition that was lost may have come back: its records in hand are stale all the same, as others may be further on. */
  #isOurs(place: TopicPartition, reader: PartitionReader | undefined, inHand: Delivery | undefined): boolean {
    if (this.#subscription === undefined) return true;
    if (reader === undefined || reader !== this.pool.find(place.topic, place.partition)) return false;
    return inHand === undefined || !inHand.isLost || !isSamePlace(inHand, place);
  }

  #commit(offsets: () => readonly OffsetCommit[]): Promise<readonly CommittedPartition[]> {
    if (this.#committer === undefined) {
      throw new BrokerError('INVALID_GROUP_ID', 'a consumer without a groupId commits nothing');
    }
    return this.#committer.commit(this.#committing(), offsets);
  }

  #committing(): Committing {
    return this.#subscription === undefined ? NO_MEMBER : (this.#member ?? OUT);
  }

  /** Commits all of a delivery before it is handed out. False: it is not to be handed out. Throws where that is refused. */
  async #commitAhead(delivery: Delivery, signal: AbortSignal | undefined): Promise<boolean> {
    const { topic, partition, aheadOffset: offset } = delivery;
    try {
      if (this.#committer !== undefined)
        await this.#commitEach([{ topic, partition, offset }], delivery, noteCommitted);
      delivery.processAhead();
    } catch (error) {
      await this.#skip(delivery, toBrokerError(error), signal);
      return false;
    }
    if (!delivery.isEnding) return true;
    delivery.finish({ isComplete: false });
    return false;
  }

  /** Returns what could not be committed ahead. Throws what neither passes by itself nor is over with these records. */
  async #skip(delivery: Delivery, error: BrokerError, signal: AbortSignal | undefined): Promise<void> {
    const { onError, backoff } = this.#settings;
    // Nobody can tell whether it is committed: handing it out later might be the second time.
    const isDone = error.outcome === 'unknown' || delivery.isEnding;
    delivery.finish({ isComplete: error.outcome === 'unknown' });
    if (!isDone && !error.retriable) throw error;
    onError(error);
    if (isDone) return;
    const { clock, dice } = this.#deps;
    const either = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    await clock.sleep(error.retryAfterMs ?? backoffMs(backoff, 0, dice), either);
  }

  /**
   * Commits what is processed of partitions that are given up; at most once, takes back what was committed ahead and never
   * handed out. Never throws.
   */
  async #commitBeforeLeaving(readers: readonly PartitionReader[]): Promise<void> {
    const { isAtMostOnce, onError } = this.#settings;
    if (!isAtMostOnce || this.#committer === undefined) return this.autoCommit.commitNow(readers);
    const offsets = readers.flatMap(({ topic, partition, resumeOffset: offset, committed }) =>
      offset === undefined || offset === committed ? [] : [{ topic, partition, offset }],
    );
    try {
      if (offsets.length > 0) await this.#commitEach(offsets, undefined, noteCommitted);
    } catch (error) {
      onError(toBrokerError(error));
    }
  }

  #join(subscription: Subscription): void {
    const { groupId } = this.#settings;
    if (this.#member !== undefined || groupId === undefined) return;
    this.#member = new GroupMember(this.#deps, {
      ...{ groupId, subscription, settings: this.#settings },
      events: {
        onAssignment: (assignment) => {
          this.#rebalancer.assign(assignment);
        },
        onFenced: () => {
          this.#rebalancer.lose();
        },
        onOut: (error) => {
          this.#member = undefined;
          this.#rebalancer.lose();
          this.pool.fail(error);
        },
        reasonToLeave: () => this.#pollError(),
      },
    });
    this.#member.start();
  }

  #pollError(): BrokerError | undefined {
    const { maxPollIntervalMs, groupId } = this.#settings;
    const { idleMs } = this.pool;
    if (idleMs <= maxPollIntervalMs) return undefined;
    const message =
      `the consumer left group ${groupId ?? ''}, as it took no records for ${idleMs} ms, more than maxPollIntervalMs of ` +
      `${maxPollIntervalMs}: what it processed since its last commit comes again; the next poll joins anew`;
    return new BrokerError('UNKNOWN_MEMBER_ID', message);
  }

  #createRebalancer(): Rebalancer {
    const listener = this.#subscription === undefined ? {} : this.#settings.listener;
    return new Rebalancer({
      pool: this.pool,
      openReader: (place) => this.#openReader(place),
      findStarts: (places) => this.#starts.findNow(places),
      onRevoking: async (readers) => {
        await this.#commitBeforeLeaving(readers);
        await this.#tell(() => listener.onRevoked?.(readers.map(placeOf)));
      },
      onAssigned: (places) => this.#tell(() => listener.onAssigned?.(places)),
      onLost: (places) => this.#tell(() => listener.onLost?.(places)),
      own: (owned) => this.#member?.own(owned),
    });
  }

  /** What a listener throws is thrown by the next poll; the rebalance goes on, as others wait for it. */
  async #tell(listen: () => void | Promise<void>): Promise<void> {
    try {
      await listen();
    } catch (error) {
      this.pool.fail(toBrokerError(error));
    }
  }

  #openReader(place: PartitionToRead): PartitionReader {
    const { topic, partition, topicId, offset } = place;
    const { maxBytes, maxWaitMs, backoff, autoOffsetReset } = this.#settings;
    const reader = new PartitionReader(this.#deps, {
      ...{ topic, partition, maxBytes, maxWaitMs, backoff },
      ...(topicId !== undefined && { topicId }),
      findStart: () => this.#starts.find(place),
      resetOffset: () => resetOffset(this.#deps, place, autoOffsetReset),
      onChange: this.pool.wake,
    });
    if (offset !== undefined) reader.begin({ offset, committed: undefined });
    return reader;
  }
}

/** An offset that is to be committed, and its reader as it was when that was said. */
interface ToCommit {
  readonly offset: OffsetCommit;
  readonly reader: PartitionReader | undefined;
  readonly generation: number | undefined;
}

function noteCommitted({ offset, reader }: ToCommit): void {
  reader?.noteCommitted(offset.offset);
}

/** At most once, everything is committed ahead, and nothing by itself. */
function scheduleOf(settings: ConsumerSettings): CommitSchedule {
  return {
    isEnabled: settings.autoCommit && settings.groupId !== undefined && !settings.isAtMostOnce,
    intervalMs: settings.autoCommitIntervalMs,
    threshold: settings.autoCommitThreshold,
  };
}

/** A member that had to leave its group commits nothing. */
const OUT: Committing = { memberId: '', epoch: 0, beatNow: () => Promise.resolve() };

const placeOf = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });

const isSamePlace = (a: TopicPartition, b: TopicPartition): boolean =>
  a.topic === b.topic && a.partition === b.partition;

function lostError({ topic, partition }: TopicPartition): BrokerError {
  const message =
    `${topic}-${partition} is not this member's, or was lost to the group meanwhile: its offset was not committed, and its ` +
    'records come again';
  return new BrokerError('STALE_MEMBER_EPOCH', message);
}
