// Building a segment in memory: batches with their true offsets one after the other, and a sparse index over them.
import { assert, present } from '../base/assert.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { IndexEntry, Segment } from '../storage/schema/log-index.ts';
import type { LogLimits } from './limits.ts';

/** Owned by one sealer. Batches are added in order and without a gap. */
export class SegmentBuilder {
  readonly #baseOffset: number;
  readonly #indexIntervalBytes: number;
  readonly #batches: Uint8Array[] = [];
  readonly #index: { position: number; baseOffset: number; maxTimestampMs: number }[] = [];
  #endOffset: number;
  #bytes = 0;

  constructor(baseOffset: number, { indexIntervalBytes }: Pick<LogLimits, 'indexIntervalBytes'>) {
    this.#baseOffset = baseOffset;
    this.#endOffset = baseOffset;
    this.#indexIntervalBytes = indexIntervalBytes;
  }

  /** Adds batches, whose bytes the builder keeps. */
  add(batches: readonly BatchSlice[]): void {
    for (const { header, bytes } of batches) {
      const { baseOffset, recordCount, maxTimestampMs } = header;
      assert(baseOffset === this.#endOffset, `a batch at ${baseOffset} follows offset ${this.#endOffset}`);
      this.#addToIndex({ position: this.#bytes, baseOffset, maxTimestampMs });
      this.#batches.push(bytes);
      this.#bytes += bytes.length;
      this.#endOffset = baseOffset + recordCount;
    }
  }

  /** The segment's file, which is the batches as they were added, and its row. */
  finish(
    objectKey: string,
    sealedAtMinutes: number,
  ): { readonly contents: readonly Uint8Array[]; readonly row: Segment } {
    const row: Segment = {
      baseOffset: this.#baseOffset,
      endOffset: this.#endOffset,
      objectKey,
      bytes: this.#bytes,
      batchCount: this.#batches.length,
      maxTimestampMs: Math.max(...this.#index.map(({ maxTimestampMs }) => maxTimestampMs)),
      sealedAtMinutes,
      index: this.#index,
    };
    return { contents: this.#batches, row };
  }

  #addToIndex(entry: IndexEntry): void {
    const last = this.#index.at(-1);
    if (!last || entry.position - last.position >= this.#indexIntervalBytes) {
      this.#index.push({ ...entry });
      return;
    }
    const covering = present(last, 'the last index entry');
    covering.maxTimestampMs = Math.max(covering.maxTimestampMs, entry.maxTimestampMs);
  }
}
