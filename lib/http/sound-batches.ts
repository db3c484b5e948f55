// Checks what was read before it leaves as JSON: its readers cannot check the checksums themselves, as Kafka's clients do.
import { toBrokerError, BrokerError } from '../base/errors.ts';
import { splitBatches } from '../record/batch-header.ts';
import { checkCrc } from '../record/batch-rules.ts';

/** The batches up to the first damaged one. Throws CORRUPT_MESSAGE, which names its offset, where that is the first. */
export function soundBatches(place: string, batches: Uint8Array): Uint8Array {
  let end = 0;
  for (const { header, bytes } of splitBatches(batches)) {
    try {
      checkCrc(bytes, {});
    } catch (error) {
      if (end > 0) return batches.subarray(0, end);
      const message = `the batch at offset ${header.baseOffset} of ${place} is damaged where it is stored: ${toBrokerError(error).message}`;
      throw new BrokerError('CORRUPT_MESSAGE', message, { retriable: false, cause: error });
    }
    end += bytes.length;
  }
  return batches;
}
