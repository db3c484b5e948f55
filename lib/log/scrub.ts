// Scrubbing: reading all of a partition, and checking every checksum and the numbered invariants of ARCHITECTURE.md.
import { toBrokerError } from '../base/errors.ts';
import { validateBatch } from '../record/record-batch.ts';
import { logStateKey, readLogState, type LogState, type Segment } from '../storage/schema/log-index.ts';
import { readEntry, type PlacedEntry } from './entry-bytes.ts';
import { pagesBetween } from './pages.ts';
import { getHead } from './partitions.ts';
import { placeEntries } from './read.ts';
import { readSegmentBatches, segmentAt, segmentsFrom } from './segments.ts';
import type { BatchSlice } from '../record/batch-header.ts';
import type { Head } from '../storage/schema/head.ts';
import type { LogDeps } from './log-deps.ts';

/** The invariants that a scrub verifies; the numbers are those of ARCHITECTURE.md. */
export const INVARIANTS = {
  I1: 'startOffset <= sealedEnd <= tailStart <= next, and the head is never ahead of the log state',
  I2: 'the records of the tail are exactly the offsets from tailStart to next',
  I3: 'the pages are without a gap from sealedEnd to tailStart',
  I4: 'the segments are without a gap from startOffset to sealedEnd',
  I5: 'the bytes of every entry and segment are there, and every batch has the checksum its producer gave it',
  I6: 'every batch stands at the offset that its place tells',
  I7: 'sizes, record counts, timestamps and index entries are those of the batches they describe',
} as const;

export interface Finding {
  readonly invariant: keyof typeof INVARIANTS;
  readonly partitionId: string;
  readonly message: string;
}

export interface ScrubReport {
  readonly partitionId: string;
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  /** Empty: nothing is wrong. */
  readonly findings: readonly Finding[];
}

/** Counts what was read and collects what is wrong. Owned by one scrub. */
class Audit {
  batches = 0;
  records = 0;
  bytes = 0;
  readonly findings: Finding[] = [];
  readonly #partitionId: string;

  constructor(partitionId: string) {
    this.#partitionId = partitionId;
  }

  check(invariant: keyof typeof INVARIANTS, isSo: boolean, message: string): void {
    if (!isSo) this.findings.push({ invariant, partitionId: this.#partitionId, message });
  }

  /** Runs a step that reads data; what it throws is a finding. */
  async reads<T>(what: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      this.check('I5', false, `${what}: ${toBrokerError(error).message}`);
      return undefined;
    }
  }

  /** Checks batches that should stand from `offset` on; answers the offset after them. */
  batchesAt(offset: number, batches: readonly BatchSlice[]): number {
    let expected = offset;
    for (const { header, bytes } of batches) {
      this.check('I6', header.baseOffset === expected, `a batch at ${expected} says ${header.baseOffset}`);
      try {
        validateBatch(bytes, { checkRecords: true });
      } catch (error) {
        this.check('I5', false, `the batch at ${expected}: ${toBrokerError(error).message}`);
      }
      this.batches++;
      this.records += header.recordCount;
      this.bytes += bytes.length;
      expected += header.recordCount;
    }
    return expected;
  }
}

/** Reads all of a partition. What is appended while it runs is not looked at. Throws UNKNOWN_TOPIC_ID. */
export async function scrubPartition(deps: LogDeps, partitionId: string): Promise<ScrubReport> {
  const audit = new Audit(partitionId);
  const head = await getHead(deps.items, partitionId);
  const state = readLogState(await deps.items.get('log-index', logStateKey(partitionId)));
  checkMarks(audit, head, state);
  await scrubSegments(deps, audit, head);
  await scrubPages(deps, audit, head);
  await scrubTail(deps, audit, head);
  const { batches, records, bytes, findings } = audit;
  return { partitionId, batches, records, bytes, findings };
}

function checkMarks(audit: Audit, head: Head, state: LogState): void {
  const { startOffset, sealedEnd, tailStart, next } = head;
  const isInOrder = startOffset <= sealedEnd && sealedEnd <= tailStart && tailStart <= next;
  audit.check('I1', isInOrder, `marks are ${startOffset}, ${sealedEnd}, ${tailStart}, ${next}`);
  const isBehind = sealedEnd <= state.sealedEnd && startOffset <= state.startOffset;
  audit.check(
    'I1',
    isBehind,
    `the head says ${startOffset} to ${sealedEnd}, the state ${state.startOffset} to ${state.sealedEnd}`,
  );
}

async function scrubSegments(deps: LogDeps, audit: Audit, head: Head): Promise<void> {
  const first = await segmentAt(deps.items, head.partitionId, head.startOffset);
  let end = head.startOffset;
  for await (const segment of segmentsFrom(deps.items, head.partitionId, first?.baseOffset ?? end)) {
    if (segment.baseOffset >= head.sealedEnd) break;
    const isNext = segment === first || segment.baseOffset <= head.startOffset || segment.baseOffset === end;
    audit.check('I4', isNext, `segment ${segment.baseOffset} follows offset ${end}`);
    await audit.reads(`segment ${segment.baseOffset}`, () => scrubSegment(deps, audit, segment));
    end = segment.endOffset;
  }
  audit.check('I4', end >= head.sealedEnd, `segments end at ${end}, sealedEnd is ${head.sealedEnd}`);
}

async function scrubSegment(deps: LogDeps, audit: Audit, segment: Segment): Promise<void> {
  let offset = segment.baseOffset;
  let maxTimestampMs = -Infinity;
  let count = 0;
  for (const [i, entry] of segment.index.entries()) {
    const maxBytes = (segment.index[i + 1]?.position ?? segment.bytes) - entry.position;
    audit.check(
      'I7',
      entry.baseOffset === offset,
      `segment ${segment.baseOffset}: index entry ${i} says ${entry.baseOffset}, it is ${offset}`,
    );
    const batches = await readSegmentBatches(deps, segment, { offset: entry.baseOffset, maxBytes });
    offset = audit.batchesAt(offset, batches);
    const latest = Math.max(...batches.map(({ header }) => header.maxTimestampMs));
    audit.check(
      'I7',
      latest === entry.maxTimestampMs,
      `segment ${segment.baseOffset}: index entry ${i} says ${entry.maxTimestampMs} ms, it is ${latest}`,
    );
    maxTimestampMs = Math.max(maxTimestampMs, latest);
    count += batches.length;
  }
  audit.check(
    'I7',
    offset === segment.endOffset,
    `segment ${segment.baseOffset} says ${segment.endOffset}, it ends at ${offset}`,
  );
  audit.check(
    'I7',
    count === segment.batchCount,
    `segment ${segment.baseOffset} says ${segment.batchCount} batches, it has ${count}`,
  );
  audit.check(
    'I7',
    maxTimestampMs === segment.maxTimestampMs,
    `segment ${segment.baseOffset}: largest timestamp`,
  );
}

async function scrubPages(deps: LogDeps, audit: Audit, head: Head): Promise<void> {
  let end = head.sealedEnd;
  for await (const page of pagesBetween(deps.items, head.partitionId, head.sealedEnd, head.tailStart)) {
    await scrubEntries(deps, audit, head, placeEntries(page.startOffset, page.tail, head.sealedEnd));
    end = page.endOffset;
  }
  audit.check(
    'I3',
    end === head.tailStart || head.sealedEnd >= head.tailStart,
    `pages end at ${end}, tailStart is ${head.tailStart}`,
  );
}

async function scrubTail(deps: LogDeps, audit: Audit, head: Head): Promise<void> {
  const entries = placeEntries(head.tailStart, head.tail);
  const last = entries.at(-1);
  const end = last ? last.baseOffset + last.entry.recordCount : head.tailStart;
  audit.check('I2', end === head.next, `the tail ends at ${end}, next is ${head.next}`);
  await scrubEntries(deps, audit, head, entries);
}

async function scrubEntries(
  deps: LogDeps,
  audit: Audit,
  head: Head,
  entries: readonly PlacedEntry[],
): Promise<void> {
  for (const placed of entries) {
    const { baseOffset, entry } = placed;
    const batches = await audit.reads(`the entry at ${baseOffset}`, () =>
      readEntry(deps, placed, head.leaderEpoch),
    );
    if (!batches) continue;
    const end = audit.batchesAt(baseOffset, batches);
    audit.check(
      'I7',
      end - baseOffset === entry.recordCount,
      `the entry at ${baseOffset} says ${entry.recordCount} records, it has ${end - baseOffset}`,
    );
    const latest = Math.max(...batches.map(({ header }) => header.maxTimestampMs));
    audit.check('I7', latest === entry.maxTimestampMs, `the entry at ${baseOffset}: largest timestamp`);
  }
}
