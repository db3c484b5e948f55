// The limits of a partition's log, each with its reason, and the two sets of them that Wadi runs with.
import { assert } from '../base/assert.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface LogLimits {
  /** Batches up to this size are kept in the head itself, which saves a round trip; larger ones go to the object store. */
  readonly inlineBytesMax: number;
  /** A head beyond this is rolled: DynamoDB bills an update by the KB of the whole item. */
  readonly headBytesSoft: number;
  /** The writer whose append brings the tail to a multiple of this many entries rolls it. */
  readonly tailEntriesSoft: number;
  /** A tail this long refuses appends until somebody rolls. */
  readonly tailEntriesMax: number;
  /** The newest entries that a roll leaves in the tail, so that writers with a slightly old view are not refused. */
  readonly tailEntriesKept: number;
  /** Producer states beyond this are spilled by the next roll, the least recently used first. */
  readonly producersBytesMax: number;
  /** Batches that wait together are committed together up to this many bytes; one larger batch goes alone. */
  readonly entryBytesMax: number;
  /** Idempotent producers in one commit: each adds to the expression, which DynamoDB limits to 4 KB and 300 operators. */
  readonly entryProducersMax: number;
  /** Objects up to this size are kept as table items (tiered store). An S3 PUT costs as much as 8 write units. */
  readonly smallObjectBytesMax: number;
  /**
   * Large entries of several partitions share objects of up to so many bytes; one of more than half of that has its own.
   * 0: none do, which is right where files are removed one by one instead of by their expiry.
   */
  readonly sharedObjectBytesMax: number;
  /** An entry waits so long for those of other partitions that are being appended to: little beside a PUT of 20 to 60 ms. */
  readonly sharedObjectWaitMs: number;
  /** An append without an answer for so long is reported as unknown. */
  readonly appendTimeoutMs: number;
  /** An entry older than this is not committed any more: its object's expiry is days away. */
  readonly entryAgeMaxMs: number;
  /** Appends are refused, retriably, while data older than this is not sealed: hot data expires. */
  readonly unsealedAgeMaxMs: number;
  /** Pages and hot objects are removed so long after they were written. */
  readonly hotExpiryMs: number;
  /** Spilled producer states are kept so long (Kafka's producer.id.expiration.ms). */
  readonly producerExpirationMs: number;
  /** A segment is closed at this size. */
  readonly segmentBytesTarget: number;
  /** Less than this is sealed only once it is older than `segmentAgeMaxMs`. */
  readonly segmentBytesMin: number;
  readonly segmentAgeMaxMs: number;
  /** A segment's sparse index has an entry for so many bytes: what a read in its middle fetches in vain at the most. */
  readonly indexIntervalBytes: number;
  /** A lost producer batch is looked for in so many pages before DUPLICATE_SEQUENCE_NUMBER is answered without an offset. */
  readonly duplicateSearchPages: number;
}

/** On AWS: heads stay under 1 KB, as each append is billed the whole item. */
export const AWS_LIMITS: LogLimits = {
  inlineBytesMax: 480,
  headBytesSoft: 980,
  tailEntriesSoft: 12,
  tailEntriesMax: 48,
  tailEntriesKept: 0,
  producersBytesMax: 512,
  entryBytesMax: 4 * MIB,
  entryProducersMax: 16,
  smallObjectBytesMax: 7 * KIB,
  sharedObjectBytesMax: 4 * MIB,
  sharedObjectWaitMs: 5,
  appendTimeoutMs: 20_000,
  entryAgeMaxMs: 15 * MINUTE_MS,
  unsealedAgeMaxMs: 7 * DAY_MS,
  hotExpiryMs: 14 * DAY_MS,
  producerExpirationMs: DAY_MS,
  segmentBytesTarget: 64 * MIB,
  segmentBytesMin: 8 * MIB,
  segmentAgeMaxMs: HOUR_MS,
  indexIntervalBytes: MIB,
  duplicateSearchPages: 8,
};

/**
 * In one process: a commit costs an fsync whatever its size, so more is kept inline. A file of its own costs three (its
 * bytes, its journalled name, its folder), so that what an item can hold well is no file.
 */
export const EMBEDDED_LIMITS: LogLimits = {
  ...AWS_LIMITS,
  inlineBytesMax: 16 * KIB,
  headBytesSoft: 64 * KIB,
  producersBytesMax: 16 * KIB,
  smallObjectBytesMax: 96 * KIB,
  sharedObjectBytesMax: 0,
  // The next file is written while the one before it is committed: two that are half as large are sooner done than one.
  entryBytesMax: 2 * MIB,
  // A segment is in memory while it is sealed, here in a process that serves clients at the same time.
  segmentBytesTarget: 16 * MIB,
};

const ITEM_BYTES_MAX = 400 * KIB;
const EXPRESSION_OPERATORS_MAX = 300;

/** Asserts that limits that depend on each other agree; every log is made through it. */
export function checkLimits(limits: LogLimits): LogLimits {
  const { tailEntriesMax, inlineBytesMax, entryProducersMax, tailEntriesSoft, tailEntriesKept } = limits;
  const entryOverheadBytes = 64 + entryProducersMax * 32;
  assert(
    limits.headBytesSoft + inlineBytesMax + tailEntriesMax * entryOverheadBytes < ITEM_BYTES_MAX,
    'a head stays within what an item may hold: batches are kept in it up to its soft limit only',
  );
  assert(tailEntriesMax < EXPRESSION_OPERATORS_MAX / 2, 'a cut of a whole tail fits into one expression');
  assert(
    entryProducersMax * 6 < EXPRESSION_OPERATORS_MAX,
    'an entry of many producers fits into one expression',
  );
  assert(
    tailEntriesKept < tailEntriesSoft && tailEntriesSoft <= tailEntriesMax,
    'kept < soft <= max entries',
  );
  assert(limits.entryAgeMaxMs * 4 < limits.hotExpiryMs, 'an entry is refused long before its object expires');
  assert(limits.unsealedAgeMaxMs * 2 <= limits.hotExpiryMs, 'appends stop long before unsealed data expires');
  assert(limits.segmentBytesMin <= limits.segmentBytesTarget, 'a segment may reach its target');
  return limits;
}
