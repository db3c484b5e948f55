// One partition as a consumer reads it: fetches ahead by one chunk, and knows what was handed out, processed and committed.
import { type BrokerError, toBrokerError } from '../../base/errors.ts';
import type { OffsetCommit } from '../../groups/groups.ts';
import { backoffMs, type Backoff } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { DueCommit } from './committer.ts';
import { untilAborted } from '../until-aborted.ts';
import { Wakeup } from '../wakeup.ts';
import type { Start } from './start-offsets.ts';
import { chunkOf, type FetchedChunk } from './fetched-chunk.ts';

export interface ReaderOptions {
  readonly topic: string;
  readonly partition: number;
  /** Default: whatever topic has the name. */
  readonly topicId?: string;
  /** Asked until it knows where to begin, unless `begin` or `seek` says. */
  readonly findStart: () => Promise<Start>;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly backoff: Backoff;
  /** Where to go on when the position is out of range. Throws where that is the user's to say. */
  readonly resetOffset: () => Promise<number>;
  /** Called when there may be something new to take, or a failure. */
  readonly onChange: () => void;
}

export interface CommittedByHand {
  /** By the user. */
  readonly said: number;
  /** That, or what was committed ahead beyond it. */
  readonly committed: number;
  /** The reader's, when it was said. */
  readonly moves: number;
}

/** Owned by one consumer. */
export class PartitionReader {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | undefined;
  readonly #deps: ClientDeps;
  readonly #options: ReaderOptions;
  readonly #stopping = new AbortController();
  readonly #changed = new Wakeup();
  #fetching = new AbortController();
  #fetchOffset: number | undefined;
  #position: number | undefined;
  #processed: number | undefined;
  /** As far as this consumer knows. */
  #committed: number | undefined;
  /** The last offset that the user has committed, since the last `seek`. */
  #byHand: number | undefined;
  #ready: FetchedChunk | undefined;
  #failure: BrokerError | undefined;
  #held: AbortController | undefined;
  #generation = 0;
  #moves = 0;
  #isStarted = false;
  #isPaused = false;
  #isInHand = false;
  #isAbandoned = false;
  #isLeaving = false;

  constructor(deps: ClientDeps, options: ReaderOptions) {
    this.#deps = deps;
    this.#options = options;
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicId = options.topicId;
  }

  /** The next offset to process; undefined while nobody has said where to begin. */
  get position(): number | undefined {
    return this.#position;
  }

  /** What may be committed; undefined where nothing was processed since what is committed. */
  get processed(): number | undefined {
    return this.#processed;
  }

  /** `offset`, or what the user has committed beyond it. */
  orByHand(offset: number): number {
    return Math.max(offset, this.#byHand ?? 0);
  }

  /** Changes with each `seek`: what was handed out before is stale. */
  get generation(): number {
    return this.#generation;
  }

  /** Changes with each `seek`, and with each reset: what was committed before says nothing about what is processed. */
  get moves(): number {
    return this.#moves;
  }

  /** No more records are wanted: the partition is given up, or was lost. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** The partition may belong to another by now: nothing of it is to be committed. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Reading begins there, unless `seek` has said where; behind what the user has committed meanwhile. */
  begin({ offset, committed }: Start): void {
    if (this.#position !== undefined) return;
    this.#position = this.#byHand ?? offset;
    this.#fetchOffset = this.#position;
    this.#committed ??= committed;
    // Else the next one to own the partition would be sent where the reset says then, and leave out what has come by then.
    if (this.#committed === undefined) this.#processed = offset;
    this.#changed.wake();
  }

  /** Resolves when it is known where to begin, or no more records are wanted. */
  async begun(): Promise<void> {
    while (this.#position === undefined && !this.#isLeaving) await this.#changed.wait();
  }

  /** Begins to fetch. */
  start(): void {
    if (this.#isStarted || this.#isLeaving) return;
    this.#isStarted = true;
    void this.#run();
  }

  /** Hands the fetched chunk out, if there is one and no other is in hand. It is to be returned by `release`. */
  take(): FetchedChunk | undefined {
    if (this.#isInHand || this.#isPaused || this.#isLeaving || this.#held !== undefined) return undefined;
    if (this.#ready === undefined) return undefined;
    const chunk = this.#ready;
    this.#ready = undefined;
    this.#isInHand = true;
    this.#changed.wake();
    return chunk;
  }

  /** The last error that does not pass by itself, once; the reader tries again all the same. */
  takeFailure(): BrokerError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** What is before `offset` is not handed out again. */
  moveTo(offset: number): void {
    this.#position = offset;
  }

  /** All before `offset` may be committed. A lower one than before counts for nothing: only `seek` goes back. */
  setProcessed(offset: number): void {
    this.#processed = Math.max(this.#processed ?? 0, offset);
  }

  /** At most once: what was committed ahead and not handed out is not processed after all. */
  takeBack(): void {
    if (this.#position !== undefined) this.#processed = this.orByHand(this.#position);
  }

  /** At most once: nothing below is committed by hand, as records may be in hand that were committed ahead. */
  get floor(): number {
    return this.#processed ?? this.#committed ?? 0;
  }

  /** To commit `offset`; nothing where that is committed, or the partition was lost. */
  dueAt(offset: number | undefined): readonly DueCommit[] {
    if (this.#isAbandoned || offset === undefined || offset === this.#committed) return [];
    return [
      {
        offset: this.commitOf(offset),
        onCommitted: () => {
          this.#committed = offset;
        },
        onFailed: () => {
          this.doubtCommitted();
        },
      },
    ];
  }

  /** Nobody knows what is committed: it is to be said again. */
  doubtCommitted(): void {
    this.#committed = undefined;
    this.#processed ??= this.#position;
  }

  commitOf(offset: number): OffsetCommit {
    const { topic, partition, topicId } = this;
    return { topic, partition, offset, ...(topicId !== undefined && { topicId }) };
  }

  /** All before what the user has committed is processed, unless the reader has moved since. */
  noteByHand({ said, committed, moves }: CommittedByHand): void {
    this.#committed = committed;
    if (moves !== this.#moves) return;
    this.#byHand = said;
    if (this.#position === undefined) this.#processed = said;
    else this.setProcessed(said);
  }

  /** Returns what was in hand; the rest of it, from the position on, is handed out again where `isComplete` is false. */
  release({ isComplete }: { readonly isComplete: boolean }): void {
    this.#isInHand = false;
    if (!isComplete && this.#position !== undefined) this.#restart(this.#position);
    this.#notify();
  }

  /** Hands nothing out for so long, or until `seek`. */
  holdBack(durationMs: number): void {
    const held = new AbortController();
    this.#held = held;
    const signal = AbortSignal.any([this.#stopping.signal, held.signal]);
    void this.#deps.clock.sleep(durationMs, signal).then(() => {
      if (this.#held === held) this.#held = undefined;
      this.#notify();
    });
  }

  /** Goes on at `offset`; what is in hand becomes stale. */
  seek(offset: number): void {
    this.#generation++;
    this.#held?.abort();
    this.#held = undefined;
    this.#failure = undefined;
    this.#goOnAt(offset);
    this.#notify();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#notify();
  }

  /** Fetches no more, hands out no more, and resolves when nothing is in hand, or at once when it is abandoned. */
  async giveUp(): Promise<void> {
    this.#isLeaving = true;
    this.#ready = undefined;
    this.#stopping.abort();
    this.#notify();
    while (this.#isInHand && !this.#isAbandoned) await this.#changed.wait();
  }

  /** The partition is lost: what is in hand is stale from now on. */
  abandon(): void {
    this.#isAbandoned = true;
    void this.giveUp();
  }

  /** Resolves when nothing is in hand. */
  async returned(): Promise<void> {
    while (this.#isInHand) await this.#changed.wait();
  }

  /** Whatever was processed or committed before. */
  #goOnAt(offset: number): void {
    this.#moves++;
    this.#restart(offset);
    this.#processed = offset;
    this.#byHand = undefined;
  }

  #restart(offset: number): void {
    this.#position = offset;
    this.#fetchOffset = offset;
    this.#ready = undefined;
    this.#fetching.abort();
  }

  #notify(): void {
    this.#changed.wake();
    this.#options.onChange();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isLeaving;) {
      if (this.#ready !== undefined || this.#isPaused) {
        await this.#changed.wait(this.#stopping.signal);
        continue;
      }
      this.#fetching = new AbortController();
      const signal = AbortSignal.any([this.#stopping.signal, this.#fetching.signal]);
      const offset = this.#fetchOffset;
      try {
        await (offset === undefined ? this.#findStart(signal) : this.#fetch(offset, signal));
        failures = 0;
      } catch (error) {
        if (!signal.aborted) await this.#pause(toBrokerError(error), failures++, signal);
      }
    }
  }

  async #findStart(signal: AbortSignal): Promise<void> {
    const start = await untilAborted(this.#options.findStart(), signal);
    if (start !== undefined) this.begin(start);
  }

  async #fetch(offset: number, signal: AbortSignal): Promise<void> {
    const chunk = await this.#fetchChunk(offset, signal);
    if (signal.aborted || chunk === undefined) return;
    this.#ready = chunk;
    this.#fetchOffset = chunk.nextOffset;
    this.#options.onChange();
  }

  /** Undefined: nothing was there, or reading goes on elsewhere. */
  async #fetchChunk(offset: number, signal: AbortSignal): Promise<FetchedChunk | undefined> {
    const { topic, partition, topicId, maxBytes, maxWaitMs } = this.#options;
    try {
      const fetched = await this.#deps.broker.fetch({
        ...{ topic, partition, offset, maxBytes, maxWaitMs, signal },
        ...(topicId === undefined ? {} : { topicId }),
      });
      return chunkOf(`${topic}-${partition}`, offset, fetched);
    } catch (error) {
      if (toBrokerError(error).code !== 'OFFSET_OUT_OF_RANGE') throw error;
      const reset = await untilAborted(this.#options.resetOffset(), signal);
      if (reset !== undefined && !signal.aborted) this.#goOnAt(reset);
      return undefined;
    }
  }

  async #pause(error: BrokerError, failures: number, signal: AbortSignal): Promise<void> {
    if (!error.retriable) {
      this.#failure = error;
      this.#options.onChange();
    }
    const pauseMs = error.retryAfterMs ?? backoffMs(this.#options.backoff, failures, this.#deps.dice);
    await this.#deps.clock.sleep(pauseMs, signal);
  }
}
