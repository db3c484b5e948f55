// One stay of a consumer with its partitions, from the first poll on: members of a group, or partitions it was told.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { OffsetCommit } from '../../groups/groups.ts';
import type { ClientDeps } from '../client-deps.ts';
import { backoffMs } from '../backoff.ts';
import { untilAborted } from '../until-aborted.ts';
import { AutoCommit, type CommitSchedule } from './auto-commit.ts';
import { Committer, type Committing, type DueCommit, NO_MEMBER } from './committer.ts';
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
  /** The consumer's stay before this, which is closing: it must have left the group first. */
  readonly previous?: Session;
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
  /** The stay before this, until it has left. */
  #previous: Session | undefined;
  /** When that is so. Where leaving fails, those who have it leave are told. */
  readonly #begun: Promise<void> | undefined;
  /** Whose word on automatic commits counts. */
  #scheduled: ConsumerSettings;
  #member: GroupMember | undefined;
  #closed: Promise<void> | undefined;

  constructor(deps: ClientDeps, { settings, subscription, previous }: SessionOptions) {
    this.#deps = deps;
    this.#settings = settings;
    this.#scheduled = settings;
    this.#subscription = subscription;
    this.#previous = previous;
    this.#begun = previous
      ?.close()
      .catch(() => undefined)
      .then(() => {
        this.#previous = undefined;
      });
    const { groupId, onError, autoOffsetReset: reset, backoff } = settings;
    this.#committer = groupId === undefined ? undefined : new Committer(deps, groupId, settings);
    this.pool = new ReaderPool({
      clock: deps.clock,
      onProcessed: (records) => {
        this.autoCommit.count(records);
      },
    });
    this.autoCommit = new AutoCommit({
      ...{ clock: deps.clock, onError, commit: (due) => this.#commit(due) },
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

  /** The one that has the partitions: the stay before this until it has left. */
  get current(): Session {
    return this.#previous?.current ?? this;
  }

  /** Commits by itself as these settings say from now on. */
  reschedule(settings: ConsumerSettings): void {
    if (settings === this.#scheduled) return;
    this.#scheduled = settings;
    this.autoCommit.reschedule(scheduleOf(settings));
  }

  /**
   * The next records; undefined when the session is closed or the signal aborted. Joins the group first, also after the
   * member had to leave it. Throws what went wrong since the last call.
   */
  async take(signal?: AbortSignal): Promise<Delivery | undefined> {
    return this.pool.whilePolled(async () => {
      if (this.#begun !== undefined) await untilAborted(this.#begun, signal);
      for (;;) {
        this.pool.throwFailure();
        if (!this.isClosing && signal?.aborted !== true) this.#join();
        const delivery = await this.pool.take(signal);
        if (delivery === undefined || !this.#settings.isAtMostOnce) return delivery;
        if (await this.#commitAhead(delivery)) return delivery;
      }
    });
  }

  /** Reads exactly these from now on; resolves when what was in hand is returned and committed. */
  async assign(places: readonly PartitionToRead[]): Promise<void> {
    await this.#rebalancer.replace(places);
  }

  /**
   * Commits these, while `inHand` is being worked on; at most once nothing below what was committed ahead. Throws the first
   * error, of the request or of a partition: also for one that is not, or no longer, this member's when it comes to it. Throws
   * where there is no group.
   */
  async commitOffsets(offsets: readonly OffsetCommit[], inHand?: Delivery): Promise<void> {
    const asked = offsets.map((offset) => {
      const reader = this.pool.find(offset.topic, offset.partition);
      return { offset, reader, moves: reader?.moves ?? 0 };
    });
    let ours = asked;
    await this.#commit(() => {
      ours = asked.filter(({ offset, reader }) => this.#isOurs(offset, reader, inHand));
      return ours.map((one) => this.#dueByHand(one));
    });
    const lost = asked.find((one) => !ours.includes(one));
    if (lost !== undefined) throw lostError(lost.offset);
  }

  #dueByHand({ offset, reader, moves }: ByHand): DueCommit {
    if (reader === undefined) return { offset, onCommitted: () => undefined, onFailed: () => undefined };
    const said = offset.offset;
    const committed = this.#settings.isAtMostOnce ? Math.max(said, reader.floor) : said;
    return {
      offset: { ...reader.commitOf(committed), ...offset, offset: committed },
      onCommitted: () => {
        reader.noteByHand({ said, committed, moves });
      },
      onFailed: () => {
        reader.doubtCommitted();
      },
    };
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
    await this.#begun;
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

  #commit(due: () => readonly DueCommit[]): Promise<void> {
    if (this.#committer === undefined) {
      throw new BrokerError('INVALID_GROUP_ID', 'a consumer without a groupId commits nothing');
    }
    return this.#committer.commit(this.#committing(), due);
  }

  #committing(): Committing {
    return this.#subscription === undefined ? NO_MEMBER : (this.#member ?? OUT);
  }

  /** Commits all of a delivery before it is handed out. False: it is not to be handed out. Throws where that is refused. */
  async #commitAhead(delivery: Delivery): Promise<boolean> {
    delivery.waitForCommit();
    try {
      if (this.#committer !== undefined) await this.#commit(() => delivery.dueAhead);
      delivery.processAhead();
    } catch (error) {
      this.#putBack(delivery, toBrokerError(error));
      return false;
    }
    if (!delivery.isEnding) return true;
    delivery.finish({ isComplete: false });
    return false;
  }

  /**
   * Returns what could not be committed ahead, or nobody knows: it was not handed out, so that it may come again. Throws what
   * neither passes by itself nor is over with these records.
   */
  #putBack(delivery: Delivery, error: BrokerError): void {
    const { isEnding } = delivery;
    if (isEnding || !error.retriable) delivery.finish({ isComplete: false });
    else delivery.putBack(error.retryAfterMs ?? backoffMs(this.#settings.backoff, 0, this.#deps.dice));
    if (!isEnding && !error.retriable) throw error;
    this.#settings.onError(error);
  }

  /**
   * Commits what is processed of partitions that are given up; at most once, takes back what was committed ahead and never
   * handed out. Never throws.
   */
  async #commitBeforeLeaving(readers: readonly PartitionReader[]): Promise<void> {
    const { isAtMostOnce, onError } = this.#settings;
    if (!isAtMostOnce || this.#committer === undefined) return this.autoCommit.commitNow(readers);
    try {
      await this.autoCommit.commit(readers);
    } catch (error) {
      onError(toBrokerError(error));
    }
  }

  #join(): void {
    const { groupId } = this.#settings;
    const subscription = this.#subscription;
    if (this.#member !== undefined || groupId === undefined || subscription === undefined) return;
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

  /** What a listener throws is thrown by the next poll, if there is one; the rebalance goes on, as others wait for it. */
  async #tell(listen: () => void | Promise<void>): Promise<void> {
    try {
      await listen();
    } catch (thrown) {
      const error = toBrokerError(thrown);
      if (this.isClosing) this.#settings.onError(error);
      else this.pool.fail(error);
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

/** An offset that the user commits, and its reader as it was when that was said. */
interface ByHand {
  readonly offset: OffsetCommit;
  readonly reader: PartitionReader | undefined;
  readonly moves: number;
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
