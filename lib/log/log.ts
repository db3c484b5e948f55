// The log of all partitions as one process sees it: its writers, and reading and sealing beside them.
import { LRUCache } from 'lru-cache';
import {
  logOffsets,
  offsetForTimestamp,
  offsetOfMaxTimestamp,
  type OffsetAndTimestamp,
} from './list-offsets.ts';
import { deleteRecords } from './delete-records.ts';
import { checkLimits } from './limits.ts';
import { getHeads } from './partitions.ts';
import { PartitionWriter, type WriterEvents } from './partition-writer.ts';
import { read, type ReadOptions, type ReadResult } from './read.ts';
import { sealPartition, type SealOptions, type SealResult } from './seal.ts';
import { SharedObjects } from './shared-objects.ts';
import type { AppendResult } from './commit.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { Head } from '../storage/schema/head.ts';
import type { LogDeps } from './log-deps.ts';

const WRITERS_KEPT = 10_000;

/** Owns the writers of a process. Partitions are named by partitionId; which topic that is, is its callers' matter. */
export class Log {
  readonly deps: LogDeps;
  readonly #events: WriterEvents;
  readonly #writerDeps: LogDeps;
  readonly #writers = new LRUCache<string, PartitionWriter>({ max: WRITERS_KEPT });
  readonly #busy = new Set<PartitionWriter>();

  constructor(deps: LogDeps, events: WriterEvents = {}) {
    checkLimits(deps.limits);
    this.deps = deps;
    this.#events = events;
    const shared = new SharedObjects(deps, { mayBeJoined: () => this.#busy.size > 1 });
    this.#writerDeps = deps.limits.sharedObjectBytesMax > 0 ? { ...deps, shared } : deps;
  }

  /** Appends validated batches in order; each is stored or refused on its own. Never throws for what befalls the data. */
  async append(partitionId: string, slices: readonly BatchSlice[]): Promise<readonly AppendResult[]> {
    const writer = this.#writerOf(partitionId);
    this.#busy.add(writer);
    try {
      return await writer.append(slices);
    } finally {
      if (writer.isIdle) this.#busy.delete(writer);
    }
  }

  read(partitionId: string, options: ReadOptions): Promise<ReadResult> {
    return read(this.deps, partitionId, options);
  }

  /** Views of many heads, in the order of the ids: one request for each hundred. Undefined: the topic was deleted. */
  heads(
    partitionIds: readonly string[],
    options?: { readonly consistent?: boolean },
  ): Promise<readonly (Head | undefined)[]> {
    return getHeads(this.deps.items, partitionIds, options);
  }

  offsets(partitionId: string): Promise<{ readonly logStartOffset: number; readonly highWatermark: number }> {
    return logOffsets(this.deps, partitionId);
  }

  offsetForTimestamp(partitionId: string, timestampMs: number): Promise<OffsetAndTimestamp> {
    return offsetForTimestamp(this.deps, partitionId, timestampMs);
  }

  offsetOfMaxTimestamp(partitionId: string): Promise<OffsetAndTimestamp> {
    return offsetOfMaxTimestamp(this.deps, partitionId);
  }

  seal(partitionId: string, options?: SealOptions): Promise<SealResult> {
    return sealPartition(this.deps, partitionId, options);
  }

  deleteRecords(partitionId: string, before: number | 'highWatermark'): Promise<number> {
    return deleteRecords(this.deps, partitionId, before);
  }

  /** Resolves when no append and no roll is under way. */
  async settle(): Promise<void> {
    await Promise.all([...this.#busy].map((writer) => writer.settle()));
    this.#busy.clear();
  }

  #writerOf(partitionId: string): PartitionWriter {
    const known = this.#writers.get(partitionId);
    if (known) return known;
    const writer = new PartitionWriter(this.#writerDeps, partitionId, this.#events);
    this.#writers.set(partitionId, writer);
    return writer;
  }
}
