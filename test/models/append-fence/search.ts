// Finding what is already in the log: an entry that was tried, or the first copy of a producer's batch.
import { offsetIn, placeBatches, tailOf, type Head, type ProducerState, type Row } from './log.ts';
import { read, type Actor } from './network.ts';
import type { JudgedBatch } from './producer.ts';
import type { Rules } from './rules.ts';

const HEADS_TRIED = 3;
const ROWS_SEARCHED = 3;

/** `view`: the one that was looked at, which is newer where pages were missing. `isProved` false: nobody can tell. */
export interface Finding {
  readonly view: Head;
  readonly offset: number | undefined;
  readonly isProved: boolean;
}

/** Looks for an entry in a view from `nextSeen` on. Segments cannot tell: they hold batches, not entries. */
export function* lookForEntry(rules: Rules, start: Head, id: string, nextSeen: number): Actor<Finding> {
  let view = start;
  for (let tries = 1; view.status === 'open'; tries++) {
    const inTail = offsetIn(tailOf(view), id);
    if (inTail !== undefined || view.tailStart <= nextSeen) return { view, offset: inTail, isProved: true };
    const { offset, coveredTo } = yield* lookInPages(rules, view, id, nextSeen);
    if (offset !== undefined || coveredTo >= view.tailStart) return { view, offset, isProved: true };
    if (tries === HEADS_TRIED) break;
    view = yield* read('getHead', (table) => table.head);
  }
  return { view, offset: undefined, isProved: false };
}

function* lookInPages(
  { coverage }: Rules,
  { tailStart }: Head,
  id: string,
  nextSeen: number,
): Actor<{ readonly offset: number | undefined; readonly coveredTo: number }> {
  let at = nextSeen;
  while (at < tailStart) {
    const from = at;
    let { row } = yield* read('pageAt', (table) => table.pageAt(from));
    if (!row && !coverage) ({ row } = yield* read('rowAfter', (table) => table.rowAfter('pages', from)));
    if (!row) return { offset: undefined, coveredTo: coverage ? at : tailStart };
    const offset = offsetIn(row, id);
    if (offset !== undefined) return { offset, coveredTo: row.end };
    at = row.end;
  }
  return { offset: undefined, coveredTo: at };
}

/**
 * The offset of a batch that its producer's state says is stored, or undefined if it is not in the tail, nor in a few
 * rows from the state's fence on (there only the batches of the producer's last entry can be), nor in a few before.
 */
export function* findOriginal(
  rules: Rules,
  view: Head,
  batch: JudgedBatch,
  { fence }: ProducerState,
): Actor<number | undefined> {
  const inTail = matchIn(rules, tailOf(view), batch, 0);
  if (inTail !== undefined) return inTail;
  let at = fence;
  for (let rows = 0; rows < ROWS_SEARCHED && at < view.tailStart; rows++) {
    const row = yield* rowWith(view, at);
    const found = row && matchIn(rules, row, batch, fence);
    if (!row || found !== undefined) return found;
    at = row.end;
  }
  at = Math.min(fence, view.tailStart) - 1;
  for (let rows = 0; rows < ROWS_SEARCHED && at >= 0; rows++) {
    const row = yield* rowWith(view, at);
    const found = row && matchIn(rules, row, batch, 0);
    if (!row || found !== undefined) return found;
    at = row.start - 1;
  }
  return undefined;
}

function* rowWith(view: Head, offset: number): Actor<Row | undefined> {
  const { row } = yield* read('pageAt', (table) => table.pageAt(offset));
  if (row || offset >= view.sealedEnd) return row;
  return (yield* read('segmentAt', (table) => table.segmentAt(offset))).row;
}

function matchIn(rules: Rules, row: Row, { producer }: JudgedBatch, from: number): number | undefined {
  const matches = placeBatches(row).filter(
    ({ offset, batch }) =>
      (offset >= from || !rules.searchLatest) &&
      batch.producer?.pid === producer.pid &&
      (batch.producer.epoch === producer.epoch || !rules.searchEpoch) &&
      batch.producer.baseSequence === producer.baseSequence,
  );
  return matches.at(rules.searchLatest ? -1 : 0)?.offset;
}
