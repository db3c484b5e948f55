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
import type { ByteRange } from '../storage/ports/object-store.ts';
import type { LogDeps } from './log-deps.ts';
import type { ObjectPlace } from './shared-objects.ts';

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

/** The bytes of an object that are the entry's; undefined: all of them. */
export const rangeOf = ({ sharedPosition: start, byteLength }: TailEntry): ByteRange | undefined =>
  start === undefined ? undefined : { start, end: start + byteLength };

/**
 * Makes a fresh entry of batches, and puts their bytes into the object store where they are not kept in the head:
 * data before offset. `view` decides whether they still fit into the head's first KB; without one they are not kept there.
 * A failed put: nothing is applied.
 */
export async function createEntry(
  deps: LogDeps,
  partitionId: string,
  batches: readonly BatchSlice[],
  view: Head | undefined,
): Promise<PendingEntry> {
  assert(batches.length > 0, 'an entry holds at least one batch');
  const { limits, clock, dice } = deps;
  const bytes = concatBatches(batches);
  const isSmallObject = bytes.length <= limits.smallObjectBytesMax;
  const own = { objectId: dice.bytes(ENTRY_ID_BYTES), createdAtMs: clock.now() };
  // Packing copies, so what is far too large is not even tried.
  if (view && bytes.length <= limits.inlineBytesMax) {
    const kept = pendingEntry(batches, own, {
      byteLength: bytes.length,
      inline: bytes,
      isSmallObject: false,
    });
    if (headBytes(view) + kept.packed.length <= limits.headBytesSoft) return kept;
  }
  const stored = { byteLength: bytes.length, inline: undefined, isSmallObject };
  try {
    if (deps.shared && !isSmallObject)
      return pendingEntry(batches, await deps.shared.put(partitionId, bytes), stored);
    const pending = pendingEntry(batches, own, stored);
    await deps.objects.put(objectKeyOf(pending.entry), bytes);
    return pending;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    throw error.restated({ outcome: 'not-applied', field: undefined });
  }
}

function pendingEntry(
  batches: readonly BatchSlice[],
  { objectId, createdAtMs, sharedPosition }: ObjectPlace,
  where: Pick<TailEntry, 'byteLength' | 'inline' | 'isSmallObject'>,
): PendingEntry {
  const recordsBefore: number[] = [];
  let recordCount = 0;
  for (const { header } of batches) {
    recordsBefore.push(recordCount);
    recordCount += header.recordCount;
  }
  const entry: TailEntry = {
    ...{ ...where, entryId: objectId, recordCount },
    ...(sharedPosition !== undefined && { sharedPosition }),
    writtenAtMinutes: Math.floor(createdAtMs / MINUTE_MS),
    maxTimestampMs: Math.max(...batches.map(({ header }) => header.maxTimestampMs)),
    producerBatches: batches.flatMap(({ header }, i) => producerBatchOf(header, recordsBefore[i] ?? 0) ?? []),
  };
  return { entry, packed: packTailEntry(entry), createdAtMs, recordsBefore };
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
