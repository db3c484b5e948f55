// What one fetch brought, checked and unpacked.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { FetchedBatches } from '../../broker/broker.ts';
import { splitBatches } from '../../record/batch-header.ts';
import { checkCrc } from '../../record/batch-rules.ts';
import { recordsOf } from '../../record/record-batch.ts';
import type { PlacedRecord } from '../../record/record.ts';

export interface FetchedChunk {
  /** Sound batches; records before `startOffset` in the first are not asked for. */
  readonly batches: Uint8Array;
  readonly startOffset: number;
  /** Where the next fetch begins. */
  readonly nextOffset: number;
  readonly highWatermark: number;
}

/**
 * The batches up to the first damaged one; undefined where nothing was fetched. Throws CORRUPT_MESSAGE where the first is
 * damaged: the log stores batches as they are and leaves their checksums to readers.
 */
export function chunkOf(
  place: string,
  startOffset: number,
  { batches, highWatermark }: Pick<FetchedBatches, 'batches' | 'highWatermark'>,
): FetchedChunk | undefined {
  let end = 0;
  let nextOffset = startOffset;
  for (const { header, bytes } of splitBatches(batches)) {
    try {
      checkCrc(bytes, {});
    } catch (error) {
      if (end > 0) break;
      const message = `the batch at offset ${header.baseOffset} of ${place} is damaged: ${toBrokerError(error).message}`;
      throw new BrokerError('CORRUPT_MESSAGE', message, { retriable: false, cause: error });
    }
    end += bytes.length;
    nextOffset = Math.max(nextOffset, header.baseOffset + header.lastOffsetDelta + 1);
  }
  if (end === 0) return undefined;
  return { batches: batches.subarray(0, end), startOffset, nextOffset, highWatermark };
}

/** The records of a chunk; none where it holds markers only. Throws what decodeBatch throws. */
export function recordsOfChunk({ batches, startOffset }: FetchedChunk): readonly PlacedRecord[] {
  return [...recordsOf(batches, startOffset)];
}
