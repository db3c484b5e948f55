// Records as property tests draw them: null and empty apart, headers that repeat keys, times in any order.
import fc from 'fast-check';
import type { LogRecord, RecordHeader } from '../../lib/record/record.ts';

// The same draws in every run.
fc.configureGlobal({ seed: 20_251_124 });

/** Plain Uint8Arrays, never views of a pool, so that equality is of bytes alone. */
export const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

export const nullableBytes = (maxLength: number) => fc.option(bytes(maxLength), { nil: null });

export const header: fc.Arbitrary<RecordHeader> = fc.record({
  key: fc.oneof(fc.constantFrom('', 'trace', 'trace'), fc.string({ unit: 'grapheme', maxLength: 12 })),
  value: nullableBytes(20),
});

export const timestampMs = fc.oneof(
  fc.integer({ min: -1, max: 5 }),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.maxSafeNat(),
);

export const record: fc.Arbitrary<LogRecord> = fc.record({
  timestampMs,
  key: nullableBytes(40),
  value: nullableBytes(300),
  headers: fc.array(header, { maxLength: 4 }),
});

export const records = fc.array(record, { minLength: 1, maxLength: 20 });

/** Bytes with repeats near and far, as compressors like them, and runs of noise, as they do not. */
export const compressible: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc
        .tuple(bytes(12), fc.nat({ max: 400 }))
        .map(([unit, times]) => Buffer.from(unit).toString('latin1').repeat(times)),
      bytes(600).map((noise) => Buffer.from(noise).toString('latin1')),
    ),
    { maxLength: 12 },
  )
  .map((parts) => new Uint8Array(Buffer.from(parts.join(''), 'latin1')));
