// One partition of a fetch: what is asked of it, and what was taken from it so far.
import type { FetchedBatches, PartitionFetch } from './broker.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { ReadResult } from '../log/read.ts';
import type { Head } from '../storage/schema/head.ts';

/** Bytes that the places of one fetch share. */
export interface ByteShare {
  leftBytes: number;
  takenBytes: number;
}

/** Owned by one fetch. */
export class FetchedPlace {
  readonly request: PartitionFetch;
  /** Of the topic as it is now; undefined until that is known. */
  partitionId: string | undefined;
  /** The view of the head to read with, until it is used. */
  head: Head | undefined;
  /** What was thrown; the place is not read any more. */
  error: unknown;
  #ends: Pick<ReadResult, 'highWatermark' | 'logStartOffset'> = { highWatermark: -1, logStartOffset: -1 };
  readonly #batches: BatchSlice[] = [];
  #takenBytes = 0;
  #nextOffset: number;

  constructor(request: PartitionFetch) {
    this.request = request;
    this.#nextOffset = request.offset;
  }

  /** Where to go on reading. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  get highWatermark(): number {
    return this.#ends.highWatermark;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  get isFailed(): boolean {
    return this.error !== undefined;
  }

  get roomBytes(): number {
    return Math.max(0, this.request.maxBytes - this.#takenBytes);
  }

  /** Whether all there was is taken, and there is room for more: such a place is worth waiting for. */
  get mayGrow(): boolean {
    return !this.isFailed && this.#nextOffset === this.highWatermark && (this.isEmpty || this.roomBytes > 0);
  }

  /** Takes note of a newer view of the head. */
  see(head: Head): void {
    this.head = head;
    this.#ends = { highWatermark: head.next, logStartOffset: head.startOffset };
  }

  /**
   * Takes what was read, as far as there is room for it. The first batch of a place may exceed the place's room, and the
   * first of the whole fetch all room (KIP-74). Answers whether all was taken.
   */
  take({ batches, highWatermark, logStartOffset }: ReadResult, share: ByteShare): boolean {
    this.#ends = { highWatermark, logStartOffset };
    for (const batch of batches) {
      const bytes = batch.bytes.length;
      const fits = bytes <= share.leftBytes && (this.isEmpty || bytes <= this.roomBytes);
      if (!fits && share.takenBytes > 0) return false;
      this.#batches.push(batch);
      this.#takenBytes += bytes;
      share.takenBytes += bytes;
      share.leftBytes = Math.max(0, share.leftBytes - bytes);
      this.#nextOffset = batch.header.baseOffset + batch.header.recordCount;
    }
    return true;
  }

  /** What the fetch answers of a place that has not failed. */
  result(): FetchedBatches {
    return { batches: joinBytes(this.#batches.map(({ bytes }) => bytes)), ...this.#ends };
  }
}

/** One view where all are views of one buffer, one after the other, as what one read answers; else a copy. */
function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (!first) return new Uint8Array();
  let end = first.byteOffset;
  for (const { buffer, byteOffset, length } of parts) {
    if (buffer !== first.buffer || byteOffset !== end) return Buffer.concat(parts);
    end += length;
  }
  return new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset);
}
