// The writer of one partition in this process: whoever waits at the same time is committed together.
import { unpackTailEntry } from '../storage/schema/tail-entry.ts';
import { commitBatches, type AppendResult } from './commit.ts';
import { createEntry, type PendingEntry } from './entry.ts';
import { crossesSoftLimit } from './head-state.ts';
import { roll } from './roll.ts';
import { WriterMemory } from './writer-memory.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { Head } from '../storage/schema/head.ts';
import type { LogDeps } from './log-deps.ts';

interface Waiting {
  readonly slices: readonly BatchSlice[];
  readonly resolve: (results: readonly AppendResult[]) => void;
}

/** Appends that are committed together. */
interface Group {
  readonly members: readonly Waiting[];
  readonly slices: readonly BatchSlice[];
  /** Its entry, where that was begun before its turn. */
  readonly prepared?: Promise<PendingEntry>;
}

/** What a writer tells of its commits, for those who wait for records and those who seal. */
export interface WriterEvents {
  /** After each commit that stored something; `next` is the high watermark. */
  onAppended?(partitionId: string, next: number): void;
  /** Enough was rolled that a segment is probably due. */
  onSealDue?(partitionId: string): void;
  /** A roll that failed is nobody's loss (the next one does its work), but worth a line in the log. */
  onRollFailed?(partitionId: string, error: unknown): void;
}

/** Serialises the appends of one process to one partition; other processes may write at the same time. */
export class PartitionWriter {
  readonly #deps: LogDeps;
  readonly #events: WriterEvents;
  readonly #memory: WriterMemory;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isCommitting = false;
  /** What is committed after what is being committed; undefined: whoever waits then. */
  #next: Group | undefined;
  #rolling: Promise<void> | undefined;
  #idle: Promise<void> = Promise.resolve();

  constructor(deps: LogDeps, partitionId: string, events: WriterEvents = {}) {
    this.#deps = deps;
    this.#events = events;
    this.#memory = new WriterMemory(partitionId);
  }

  /** Whether nothing waits or runs, so that the writer may be dropped. */
  get isIdle(): boolean {
    return !this.#isCommitting && this.#rolling === undefined;
  }

  /** Appends batches, in order and after those of earlier calls; resolves when each is stored or refused. */
  append(slices: readonly BatchSlice[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve) => {
      this.#waiting.push({ slices, resolve });
      this.#waitingBytes += bytesOf(slices);
      if (this.#isCommitting) this.#next ??= this.#prepareNext();
      else this.#idle = this.#commitAll();
    });
  }

  /** Resolves when nothing is under way, rolls included: a Lambda function waits for it before it answers. */
  async settle(): Promise<void> {
    await this.#idle;
    await this.#rolling;
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    while (this.#next || this.#waiting.length > 0) {
      if (!this.#next) await this.#deps.gather?.();
      const { members, slices, prepared } = this.#takeNext();
      const committing = commitBatches(this.#deps, this.#memory, slices, prepared);
      this.#next ??= this.#prepareNext();
      const results = await committing;
      this.#afterCommit(results);
      let at = 0;
      for (const waiting of members) {
        waiting.resolve(results.slice(at, at + waiting.slices.length));
        at += waiting.slices.length;
      }
    }
    this.#isCommitting = false;
  }

  #takeNext(): Group {
    const group = this.#next ?? this.#takeGroup();
    this.#next = undefined;
    return group;
  }

  #takeGroup(): Group {
    const members = this.#takeTogether();
    const slices = members.flatMap((waiting) => waiting.slices);
    this.#waitingBytes -= bytesOf(slices);
    return { members, slices };
  }

  /**
   * Puts the next object before its turn, where what waits fills an entry: nobody else could join it.
   * That it is there early changes nothing for the log, which an object enters only by the append that names it.
   */
  #prepareNext(): Group | undefined {
    const { entryBytesMax, inlineBytesMax } = this.#deps.limits;
    if (this.#waitingBytes <= Math.max(entryBytesMax, inlineBytesMax)) return undefined;
    const group = this.#takeGroup();
    if (bytesOf(group.slices) <= inlineBytesMax) return group;
    const prepared = createEntry(this.#deps, this.#memory.partitionId, group.slices, undefined);
    // A failure is told by the commit that takes it.
    prepared.catch(() => undefined);
    return { ...group, prepared };
  }

  /** The first of those waiting, and as many more as one entry may hold. */
  #takeTogether(): readonly Waiting[] {
    const { entryBytesMax, entryProducersMax } = this.#deps.limits;
    const producers = new Set<bigint>();
    let bytes = 0;
    let count = 0;
    for (const { slices } of this.#waiting) {
      for (const { header } of slices) if (header.producerId >= 0n) producers.add(header.producerId);
      bytes += bytesOf(slices);
      if (count > 0 && (bytes > entryBytesMax || producers.size > entryProducersMax)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #afterCommit(results: readonly AppendResult[]): void {
    const isStored = results.some((result) => result.kind === 'stored' && !result.isDuplicate);
    const { view, partitionId } = this.#memory;
    if (!isStored || !view) return;
    this.#events.onAppended?.(partitionId, view.next);
    if (this.#rolling || !crossesSoftLimit(view, this.#deps.limits)) return;
    this.#rolling = this.#roll().finally(() => {
      this.#rolling = undefined;
    });
  }

  /**
   * True about twice for every smallest segment's worth of bytes that all writers together roll, however many they are
   * and however short they live: each asks the dice, in proportion to the bytes it rolled.
   */
  #isSealDue({ tail }: Head): boolean {
    const rolledBytes = tail.reduce((sum, packed) => sum + unpackTailEntry(packed).byteLength, 0);
    return this.#deps.dice.random() < (2 * rolledBytes) / this.#deps.limits.segmentBytesMin;
  }

  async #roll(): Promise<void> {
    const { view, partitionId } = this.#memory;
    try {
      if (!view) return;
      const after = await roll(this.#deps, view, { keep: this.#deps.limits.tailEntriesKept });
      if (after) this.#memory.remember(after, this.#deps.clock.now());
      if (after && this.#isSealDue(view)) this.#events.onSealDue?.(partitionId);
    } catch (error) {
      this.#events.onRollFailed?.(partitionId, error);
    }
  }
}

const bytesOf = (slices: readonly BatchSlice[]): number =>
  slices.reduce((sum, { bytes }) => sum + bytes.length, 0);
