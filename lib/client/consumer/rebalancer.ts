// Applies what the group assigns: gives partitions up in good order, takes new ones over, drops those that are lost.
import { toBrokerError } from '../../base/errors.ts';
import type { AssignedTopic, OwnedTopic } from '../../groups/groups.ts';
import type { TopicPartition } from './consumer-options.ts';
import type { PartitionReader } from './partition-reader.ts';
import type { ReaderPool } from './reader-pool.ts';
import type { PartitionToStart, Start } from './start-offsets.ts';

/** A partition that is taken over. */
export interface PartitionToRead extends PartitionToStart {
  /** Where the user says to begin. Default: what is committed, else as the reset says. */
  readonly offset?: number;
}

export interface RebalancerOptions {
  readonly pool: ReaderPool;
  /** Makes a reader that does not fetch yet. */
  readonly openReader: (partition: PartitionToRead) => PartitionReader;
  /** Where these begin; undefined where that is not known at once: the reader finds it. Never throws. */
  readonly findStarts: (partitions: readonly PartitionToStart[]) => Promise<readonly (Start | undefined)[]>;
  /** Before these are given up: nothing of them is in hand any more. Commits, and tells the user. Never throws. */
  readonly onRevoking: (readers: readonly PartitionReader[]) => Promise<void>;
  /** Before the first fetch. Throws what the user's listener throws. */
  readonly onAssigned: (partitions: readonly TopicPartition[]) => Promise<void>;
  readonly onLost: (partitions: readonly TopicPartition[]) => Promise<void>;
  /** Tells the group what is owned now. */
  readonly own: (owned: readonly OwnedTopic[]) => void;
}

/** Owned by one consumer. One assignment is applied after the other; one that is overtaken by the next is left out. */
export class Rebalancer {
  readonly #options: RebalancerOptions;
  #target: readonly AssignedTopic[] | undefined;
  #lost: PartitionReader[] = [];
  /** Of which the user has not been told yet. */
  #opening: readonly PartitionReader[] = [];
  #generation = 0;
  #replacements = 0;
  #isClosed = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: RebalancerOptions) {
    this.#options = options;
  }

  /** Works towards `target`, all that may be owned. Nothing more is taken over once `close` was called. */
  assign(target: readonly AssignedTopic[]): void {
    if (this.#isClosed) return;
    this.#target = target;
    this.#enqueue(async () => {
      const latest = this.#target;
      this.#target = undefined;
      if (latest !== undefined) await this.#apply(latest, this.#generation);
    });
  }

  /** Gives up what is owned, takes these over, and resolves when that is done, or was overtaken by the next. */
  async replace(places: readonly PartitionToRead[]): Promise<void> {
    this.#stopOpening();
    const mine = ++this.#replacements;
    this.#enqueue(async () => {
      await this.#giveUp([...this.#options.pool.readers], this.#generation);
      if (mine === this.#replacements) await this.#takeOver(places, this.#generation);
    });
    await this.#work;
  }

  /** All partitions are lost, at once. */
  lose(): void {
    const { pool, onLost } = this.#options;
    const readers = [...pool.readers];
    this.#generation++;
    this.#target = undefined;
    for (const reader of readers) reader.abandon();
    pool.remove(readers);
    this.#lost.push(...readers);
    const known = readers.filter((reader) => !this.#opening.includes(reader));
    if (known.length > 0) this.#enqueue(() => onLost(known.map(placeOf)));
  }

  /** Gives everything up in good order, and resolves when that and all before it is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#target = undefined;
    this.#stopOpening();
    this.#enqueue(() => this.#giveUp([...this.#options.pool.readers], this.#generation));
    await this.#work;
  }

  /** What is to be given up again at once is not waited for. */
  #stopOpening(): void {
    for (const reader of this.#opening) void reader.giveUp();
  }

  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      this.#options.pool.fail(toBrokerError(error));
    });
  }

  async #apply(target: readonly AssignedTopic[], generation: number): Promise<void> {
    const { pool, own } = this.#options;
    const wanted = target.flatMap(partitionsOf);
    const revoked = pool.readers.filter((reader) => !wanted.some((place) => isSame(reader, place)));
    await this.#giveUp(revoked, generation);
    if (generation !== this.#generation) return;
    const added = wanted.filter((place) => !pool.readers.some((reader) => isSame(reader, place)));
    await this.#takeOver(added, generation);
    if (generation === this.#generation && revoked.length + added.length > 0) own(target.map(ownedOf));
  }

  async #giveUp(readers: readonly PartitionReader[], generation: number): Promise<void> {
    if (readers.length === 0) return;
    await Promise.all(readers.map((reader) => reader.giveUp()));
    if (generation !== this.#generation) return;
    await this.#options.onRevoking(readers);
    this.#options.pool.remove(readers);
  }

  async #takeOver(places: readonly PartitionToRead[], generation: number): Promise<void> {
    if (places.length === 0) return;
    const { pool, openReader, onAssigned } = this.#options;
    // Records of a partition that was lost may still be in hand: two of them must not be processed side by side.
    await Promise.all(this.#lost.splice(0).map((reader) => reader.returned()));
    if (this.#isOver(generation)) return;
    const readers = places.map(openReader);
    pool.add(readers);
    this.#opening = readers;
    await this.#begin(readers.filter(({ position }) => position === undefined));
    this.#opening = [];
    if (this.#isOver(generation)) {
      pool.remove(readers);
      return;
    }
    await onAssigned(places.map(placeOf));
    for (const reader of readers) reader.start();
  }

  /** All was lost since, or is given up: nothing more is taken over. */
  #isOver(generation: number): boolean {
    return generation !== this.#generation || this.#isClosed;
  }

  /**
   * The readers are in the pool already: what the user commits or seeks meanwhile is theirs to know. Answers are not waited for
   * once none is needed.
   */
  async #begin(readers: readonly PartitionReader[]): Promise<void> {
    if (readers.length === 0) return;
    const found = this.#options.findStarts(readers).then((starts) => {
      for (const [at, reader] of readers.entries()) {
        const start = starts[at];
        if (start !== undefined) reader.begin(start);
      }
    });
    await Promise.race([found, Promise.all(readers.map((reader) => reader.begun()))]);
  }
}

type AssignedPartition = PartitionToStart & Required<Pick<PartitionToStart, 'topicId'>>;

const placeOf = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });

const ownedOf = ({ topicId, partitions }: AssignedTopic): OwnedTopic => ({ topicId, partitions });

const partitionsOf = ({ topic, topicId, partitions }: AssignedTopic): AssignedPartition[] =>
  partitions.map((partition) => ({ topic, topicId, partition }));

const isSame = (reader: PartitionReader, { topicId, partition }: AssignedPartition): boolean =>
  reader.topicId === topicId && reader.partition === partition;
