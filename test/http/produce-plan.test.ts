// Cutting records into batches: in order, none lost, each within its bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceSequence, cutIntoBatches } from '../../lib/http/produce-plan.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import type { LogRecord } from '../../lib/record/record.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });

const record: fc.Arbitrary<LogRecord> = fc.record({
  timestampMs: fc.nat(),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'binary', maxLength: 10 }), value: bytes }), {
    maxLength: 2,
  }),
});

describe('cutIntoBatches', () => {
  it('fills batches up to their limit and not beyond it', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 20 }),
        fc.integer({ min: 100, max: 2_000 }),
        (records, bytesMax) => {
          const recordAt = (index: number): LogRecord => records[index] as LogRecord;
          const indexes = records.map((_, index) => index);
          const runs = cutIntoBatches(indexes, recordAt, bytesMax);
          expect(runs.flat()).toEqual(indexes);
          for (const run of runs.filter(({ length }) => length > 1)) {
            expect(encodeBatch(run.map(recordAt)).length).toBeLessThanOrEqual(bytesMax);
          }
        },
      ),
    );
  });

  it('counts the frame of the batch', () => {
    const records = [1, 2].map(() => ({ timestampMs: 0, key: null, value: Buffer.alloc(100), headers: [] }));
    const runs = (bytesMax: number): number =>
      cutIntoBatches([0, 1], (index) => records[index] as LogRecord, bytesMax).length;
    expect([runs(61 + 2 * 136), runs(61 + 2 * 136 - 1)]).toEqual([1, 2]);
  });
});

describe('advanceSequence', () => {
  it('begins again at 0 after 2^31 - 1', () => {
    expect([advanceSequence(0, 5), advanceSequence(2 ** 31 - 1, 1), advanceSequence(2 ** 31 - 2, 5)]).toEqual(
      [5, 0, 3],
    );
  });
});
