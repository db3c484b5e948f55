// Making one tail entry of the batches that are committed together. Its bytes are frozen once an attempt was made.
import { assert } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import { hotObjectKey } from '../storage/schema/object-key.ts';
import { headBytes, type Head } from '../storage/schema/head.ts';
import { producerKey } from '../storage/schema/producer-state.ts';
import {
  dayOf,
  ENTRY_ID_BYTES,
  MINUTE_MS,
  packTailEntry,
  type ProducerBatch,
  type TailEntry,
} from '../storage/schema/tail-entry.ts';
import type { BatchHeader, BatchSlice } from '../record/batch-header.ts';
import type { LogDeps } from './log-deps.ts';

/** An entry that is being committed. */
export interface PendingEntry {
  readonly entry: TailEntry;
  readonly packed: Uint8Array;
  readonly createdAtMs: number;
  /** The base of each batch, in records from the entry's start; in the order of the batches. */
  readonly recordsBefore: readonly number[];
}

/** The key of the object that holds an entry's batches. */
export const objectKeyOf = (entry: TailEntry): string =>
  hotObjectKey(dayOf(entry), entry.entryId, entry.isSmallObject);

/** What the log keeps of a batch's producer, or undefined for a batch without one. */
export function producerBatchOf(header: BatchHeader, recordsBefore: number): ProducerBatch | undefined {
  if (header.producerId < 0n) return undefined;
  const { recordCount, producerId, producerEpoch, baseSequence } = header;
  return { recordsBefore, recordCount, producerId, producerEpoch, baseSequence };
}

/**
 * Makes a fresh entry of batches, and puts their bytes into the object store where they are not kept in the head:
 * data before offset. `view` decides whether they still fit into the head's first KB; without one they are not kept there.
 * A failed put: nothing is applied.
 */
export async function createEntry(
  deps: LogDeps,
  batches: readonly BatchSlice[],
  view: Head | undefined,
): Promise<PendingEntry> {
  assert(batches.length > 0, 'an entry holds at least one batch');
  const { limits, clock, dice } = deps;
  const createdAtMs = clock.now();
  const bytes = concatBatches(batches);
  const recordsBefore: number[] = [];
  let recordCount = 0;
  for (const { header } of batches) {
    recordsBefore.push(recordCount);
    recordCount += header.recordCount;
  }
  const entry: TailEntry = {
    entryId: dice.bytes(ENTRY_ID_BYTES),
    recordCount,
    writtenAtMinutes: Math.floor(createdAtMs / MINUTE_MS),
    maxTimestampMs: Math.max(...batches.map(({ header }) => header.maxTimestampMs)),
    byteLength: bytes.length,
    isSmallObject: bytes.length <= limits.smallObjectBytesMax,
    inline: undefined,
    producerBatches: batches.flatMap(({ header }, i) => producerBatchOf(header, recordsBefore[i] ?? 0) ?? []),
  };
  // Packing copies, so what is far too large is not even tried.
  if (view && bytes.length <= limits.inlineBytesMax) {
    const kept: TailEntry = { ...entry, inline: bytes, isSmallObject: false };
    const packed = packTailEntry(kept);
    if (headBytes(view) + packed.length <= limits.headBytesSoft)
      return { entry: kept, packed, createdAtMs, recordsBefore };
  }
  await putBatches(deps, entry, bytes);
  return { entry, packed: packTailEntry(entry), createdAtMs, recordsBefore };
}

async function putBatches({ objects }: LogDeps, entry: TailEntry, bytes: Uint8Array): Promise<void> {
  try {
    await objects.put(objectKeyOf(entry), bytes);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    throw error.restated({ outcome: 'not-applied', field: undefined });
  }
}

function concatBatches(batches: readonly BatchSlice[]): Uint8Array {
  const [first] = batches;
  if (batches.length === 1 && first) return first.bytes;
  const bytes = Buffer.allocUnsafeSlow(batches.reduce((sum, batch) => sum + batch.bytes.length, 0));
  let at = 0;
  for (const batch of batches) {
    bytes.set(batch.bytes, at);
    at += batch.bytes.length;
  }
  return bytes;
}

/** The keys of an entry's producers. */
export function producersOf(entry: TailEntry): ReadonlySet<string> {
  return new Set(entry.producerBatches.map(({ producerId }) => producerKey(producerId)));
}
