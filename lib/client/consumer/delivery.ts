// Records of one partition in the hands of the user, until they are returned: which of them are processed, and whether they still count.
import type { PlacedRecord } from '../../record/record.ts';
import type { DueCommit } from './committer.ts';
import type { PartitionReader } from './partition-reader.ts';
import type { FetchedChunk } from './fetched-chunk.ts';

export interface DeliveryOptions {
  readonly records: readonly PlacedRecord[];
  readonly chunk: FetchedChunk;
  readonly now: () => number;
  /** Called for each count of records that were processed, and once when the delivery is returned. */
  readonly onProcessed: (records: number) => void;
  readonly onReturned: (delivery: Delivery) => void;
}

/** Owned by who took it, who must call `finish`. */
export class Delivery {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly PlacedRecord[];
  readonly highWatermark: number;
  readonly #reader: PartitionReader;
  readonly #options: DeliveryOptions;
  readonly #generation: number;
  readonly #moves: number;
  #progressMs: number;
  #isWaiting = false;
  #isProcessedAhead = false;
  /** So many of the records, from the first on, are processed. */
  #processed = 0;
  #isFinished = false;

  constructor(reader: PartitionReader, options: DeliveryOptions) {
    this.topic = reader.topic;
    this.partition = reader.partition;
    this.records = options.records;
    this.highWatermark = options.chunk.highWatermark;
    this.#reader = reader;
    this.#options = options;
    this.#generation = reader.generation;
    this.#moves = reader.moves;
    this.#progressMs = options.now();
  }

  /** When the user last showed that work goes on; now, while the user has nothing of it yet. */
  get progressMs(): number {
    return this.#isWaiting ? this.#options.now() : this.#progressMs;
  }

  /** Some of the records are processed. */
  get hasProgress(): boolean {
    return this.#processed > 0;
  }

  /** The partition may belong to another by now. */
  get isLost(): boolean {
    return this.#reader.isAbandoned;
  }

  /** What is done with these records counts for nothing any more: the user went elsewhere, or the partition was lost. */
  get isStale(): boolean {
    return this.#isFinished || this.isLost || this.#generation !== this.#reader.generation;
  }

  /** The rest of the records is better left alone: they are stale, or the partition is to be given up. */
  get isEnding(): boolean {
    return this.isStale || this.#reader.isLeaving;
  }

  get isPaused(): boolean {
    return this.#reader.isPaused;
  }

  /** Where reading goes on after all of it. */
  get nextOffset(): number {
    return this.#options.chunk.nextOffset;
  }

  /** At most once: what is to be committed before any of it is handed out. */
  get dueAhead(): readonly DueCommit[] {
    return this.#reader.dueAt(this.#reader.orByHand(this.nextOffset));
  }

  /** Work goes on. */
  touch(): void {
    this.#progressMs = this.#options.now();
  }

  /** At most once: the user gets nothing of it before `processAhead`. */
  waitForCommit(): void {
    this.#isWaiting = true;
  }

  /** At most once: all of it is committed. From now on a record is done with when it is handed out. */
  processAhead(): void {
    this.#isWaiting = false;
    this.#isProcessedAhead = true;
    this.touch();
    if (this.#isOfReader) this.#reader.setProcessed(this.nextOffset);
  }

  /** Records up to the one at `offset`, which is one of these, are in the user's hands. */
  handOut(offset: number): void {
    if (this.#isProcessedAhead && this.#isOfReader) this.#reader.moveTo(offset + 1);
  }

  /** All of these records up to `offset` are processed. */
  resolve(offset: number): void {
    this.touch();
    if (this.isStale) return;
    const before = this.#processed;
    while ((this.records[this.#processed]?.offset ?? Infinity) <= offset) this.#processed++;
    if (this.#processed === before || this.#isProcessedAhead) return;
    this.#advance(offset + 1);
    this.#options.onProcessed(this.#processed - before);
  }

  /** Returns all of the records, which come again, though not for so long. */
  putBack(durationMs: number): void {
    this.#reader.holdBack(durationMs);
    this.finish({ isComplete: false });
  }

  /**
   * Returns the records; `isComplete`: all are processed. Those that are not come again, but at most once only those that
   * were not handed out. Only the first call counts.
   */
  finish({ isComplete }: { readonly isComplete: boolean }): void {
    if (this.#isFinished) return;
    const isOfReader = this.#isOfReader;
    if (isComplete) this.#advance(this.nextOffset);
    else if (isOfReader && this.#isProcessedAhead) this.#reader.takeBack();
    this.#isFinished = true;
    this.#options.onReturned(this);
    this.#reader.release({ isComplete: !isOfReader || isComplete });
  }

  /** It says something of where the reader is: that went nowhere else, by the user or by a reset, and was not lost. */
  get #isOfReader(): boolean {
    return !this.isStale && this.#moves === this.#reader.moves;
  }

  #advance(offset: number): void {
    if (!this.#isOfReader) return;
    this.#reader.moveTo(offset);
    this.#reader.setProcessed(offset);
  }
}
