// The log-index of a partition: its pages, its segments, and one row that serialises its maintenance.
import { assert } from '../../base/assert.ts';
import { EXPIRES_ATTRIBUTE } from './tables.ts';
import { checkFormat } from './format.ts';
import { Packer, Unpacker } from './packing.ts';
import { unpackTailEntry } from './tail-entry.ts';
import { remove, set, type Action } from '../ports/action.ts';
import type { Item, ItemKey, ItemValue } from '../ports/item-store.ts';

/*
 * Table `log-index`, pk <partitionId>
 *   sk page#<20-digit first offset>:    f 1, n end offset (exclusive), t packed tail entries, expires
 *      Life: 14 days after the roll; a page is never replaced, and may be re-created by a stalled roller.
 *   sk segment#<20-digit base offset>:  f 1, n end offset, k object key, b bytes, c record batches, m largest timestamp,
 *      w when it was sealed (minutes), i packed index. Life: until retention.
 *   sk state: f 1, se sealedEnd, so startOffset, v version; of a deleted topic f 1, r true.
 *      Life: from the first segment on, for ever: a retired one refuses whoever sealed when the topic was deleted.
 * SegmentIndex => Format [Position OffsetDelta MaxTimestamp]
 *   Position, OffsetDelta => UVARINT, each as the difference to the entry before; MaxTimestamp => SVARINT likewise: the
 *   largest timestamp from this entry to the next.
 */

const FORMATS = [1];

/** Attribute names of the rows. */
export const ROW = {
  format: 'f',
  endOffset: 'n',
  tail: 't',
  objectKey: 'k',
  bytes: 'b',
  batchCount: 'c',
  maxTimestamp: 'm',
  sealedAt: 'w',
  index: 'i',
  sealedEnd: 'se',
  startOffset: 'so',
  version: 'v',
  retired: 'r',
} as const;

export interface Page {
  readonly startOffset: number;
  readonly endOffset: number;
  /** Packed tail entries; their record counts add up to the page's offsets. */
  readonly tail: readonly Uint8Array[];
}

/** An entry of a sparse index: a batch begins at `position` and `baseOffset`. */
export interface IndexEntry {
  readonly position: number;
  readonly baseOffset: number;
  /** The largest timestamp from here to the next entry. */
  readonly maxTimestampMs: number;
}

export interface Segment {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly objectKey: string;
  readonly bytes: number;
  readonly batchCount: number;
  readonly maxTimestampMs: number;
  readonly sealedAtMinutes: number;
  /** At least one entry; the first is the segment's start. */
  readonly index: readonly IndexEntry[];
}

export interface LogState {
  readonly sealedEnd: number;
  readonly startOffset: number;
  /** Rises by one with every step of maintenance; 0 where there is no row yet. */
  readonly version: number;
  /** The topic was deleted. */
  readonly isRetired: boolean;
}

/** Offsets in sort keys have 20 digits, so that their order is that of the numbers. */
export const padOffset = (offset: number): string => String(offset).padStart(20, '0');

export const pageSortKey = (offset: number): string => `page#${padOffset(offset)}`;
export const segmentSortKey = (offset: number): string => `segment#${padOffset(offset)}`;
export const logStateKey = (partitionId: string): Required<ItemKey> => ({ pk: partitionId, sk: 'state' });

const offsetOf = (item: Item): number => Number((item['sk'] as string).split('#')[1]);
const number = (value: ItemValue | undefined): number => Number(value);

export function pageItem(partitionId: string, page: Page, expiresAtMs: number): Item {
  return {
    pk: partitionId,
    sk: pageSortKey(page.startOffset),
    [ROW.format]: 1,
    [ROW.endOffset]: page.endOffset,
    [ROW.tail]: page.tail,
    [EXPIRES_ATTRIBUTE]: Math.ceil(expiresAtMs / 1000),
  };
}

export function readPage(item: Item): Page {
  const startOffset = offsetOf(item);
  checkFormat(`page ${startOffset} of ${item['pk'] as string}`, number(item[ROW.format]), FORMATS);
  return {
    startOffset,
    endOffset: number(item[ROW.endOffset]),
    tail: item[ROW.tail] as readonly Uint8Array[],
  };
}

/** A page of the first `count` entries of a tail that starts at `startOffset`. */
export function pageOf(startOffset: number, tail: readonly Uint8Array[], count: number): Page {
  const entries = tail.slice(0, count);
  const records = entries.reduce((sum, entry) => sum + unpackTailEntry(entry).recordCount, 0);
  assert(records > 0, 'a page holds at least one record');
  return { startOffset, endOffset: startOffset + records, tail: entries };
}

export function segmentItem(partitionId: string, segment: Segment): Item {
  return {
    pk: partitionId,
    sk: segmentSortKey(segment.baseOffset),
    [ROW.format]: 1,
    [ROW.endOffset]: segment.endOffset,
    [ROW.objectKey]: segment.objectKey,
    [ROW.bytes]: segment.bytes,
    [ROW.batchCount]: segment.batchCount,
    [ROW.maxTimestamp]: segment.maxTimestampMs,
    [ROW.sealedAt]: segment.sealedAtMinutes,
    [ROW.index]: packIndex(segment),
  };
}

export function readSegment(item: Item): Segment {
  const baseOffset = offsetOf(item);
  checkFormat(`segment ${baseOffset} of ${item['pk'] as string}`, number(item[ROW.format]), FORMATS);
  return {
    baseOffset,
    endOffset: number(item[ROW.endOffset]),
    objectKey: item[ROW.objectKey] as string,
    bytes: number(item[ROW.bytes]),
    batchCount: number(item[ROW.batchCount]),
    maxTimestampMs: number(item[ROW.maxTimestamp]),
    sealedAtMinutes: number(item[ROW.sealedAt]),
    index: unpackIndex(baseOffset, item[ROW.index] as Uint8Array),
  };
}

function packIndex({ baseOffset, index }: Segment): Uint8Array {
  const packer = new Packer(index.length * 12 + 1).byte(1);
  let last: IndexEntry = { position: 0, baseOffset, maxTimestampMs: 0 };
  for (const entry of index) {
    packer
      .unsigned(entry.position - last.position)
      .unsigned(entry.baseOffset - last.baseOffset)
      .signed(entry.maxTimestampMs - last.maxTimestampMs);
    last = entry;
  }
  return packer.finish();
}

function unpackIndex(baseOffset: number, bytes: Uint8Array): readonly IndexEntry[] {
  const unpacker = new Unpacker('a segment index', bytes);
  checkFormat('a segment index', unpacker.byte(), FORMATS);
  const index: IndexEntry[] = [];
  let last: IndexEntry = { position: 0, baseOffset, maxTimestampMs: 0 };
  while (!unpacker.isAtEnd) {
    last = {
      position: last.position + unpacker.unsigned(),
      baseOffset: last.baseOffset + unpacker.unsigned(),
      maxTimestampMs: last.maxTimestampMs + unpacker.signed(),
    };
    index.push(last);
  }
  return index;
}

/** Makes a partition's state refuse every further step of maintenance. Safe to repeat. */
export const RETIRE_LOG_STATE: readonly Action[] = [
  set(ROW.format, 1),
  set(ROW.retired, true),
  remove(ROW.version),
  remove(ROW.sealedEnd),
  remove(ROW.startOffset),
];

export function logStateItem(partitionId: string, state: Omit<LogState, 'isRetired'>): Item {
  return {
    ...logStateKey(partitionId),
    [ROW.format]: 1,
    [ROW.sealedEnd]: state.sealedEnd,
    [ROW.startOffset]: state.startOffset,
    [ROW.version]: state.version,
  };
}

/** The state in a row, or that of a log that maintenance has not touched yet. */
export function readLogState(item: Item | undefined): LogState {
  if (item === undefined) return { sealedEnd: 0, startOffset: 0, version: 0, isRetired: false };
  checkFormat(`the log state of ${item['pk'] as string}`, number(item[ROW.format]), FORMATS);
  return {
    sealedEnd: number(item[ROW.sealedEnd] ?? 0),
    startOffset: number(item[ROW.startOffset] ?? 0),
    version: number(item[ROW.version] ?? 0),
    isRetired: item[ROW.retired] !== undefined,
  };
}
