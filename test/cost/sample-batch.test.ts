// The batches that are sent in a simulation.
import { describe, expect, it } from 'vitest';
import { createSampleBatch } from '../../lib/cost/sample-batch.ts';
import { validateBatch } from '../../lib/record/record-batch.ts';

describe('a sample batch', () => {
  it.each([
    [100, 32],
    [100, 100],
    [1_000, 1_000],
    [1_000, 32],
    [16_447, 16_386],
    [100_000, 1_000],
    [1_048_588, 1_000],
    [1_048_588, 1_048_588],
  ])('of %i bytes with records of %i is one that the broker takes', (batchBytes, recordBytes) => {
    const { bytes, records } = createSampleBatch({ batchBytes, recordBytes }, 1_000_000);
    const header = validateBatch(bytes, { maxBytes: batchBytes, checkRecords: true, fromProducer: true });
    expect(header.recordCount).toBe(records);
    expect(bytes.length).toBeGreaterThanOrEqual(batchBytes - 2);
    expect(Math.abs(records - Math.max(1, (batchBytes - 61) / recordBytes))).toBeLessThan(1);
  });

  it('is metered by 512 KiB of JSON with base64', () => {
    const unitsOf = (batchBytes: number) =>
      createSampleBatch({ batchBytes, recordBytes: 1_000 }, 1_000_000).produceUnits;
    expect([unitsOf(1_000), unitsOf(380_000), unitsOf(400_000), unitsOf(1_000_000)]).toEqual([1, 1, 2, 3]);
  });
});
