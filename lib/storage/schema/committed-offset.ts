// A committed offset as it is stored: one row for each partition that a group has committed.
import { absent, any, equals } from '../ports/condition.ts';
import { checkFormat, FORMAT_ATTRIBUTE } from './format.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey, TransactWrite } from '../ports/item-store.ts';

/*
 * Table `offsets`, pk <offsets id of the group>, sk `<topic id>:<partition, 10 digits>`
 *   f 1, o offset, e leader epoch (absent: none), m metadata (absent: empty), at committed (ms), t topic name,
 *   w write
 * `w` is random: it tells who made the row what it is. Each commit is on condition that `w` is what was seen after the commit
 * had begun, so that one that comes late is refused.
 * Life: until it is deleted, its topic is deleted, or its group has been empty for `offsets.retention.minutes`.
 */

const FORMATS = [1];
const OFFSET = {
  format: FORMAT_ATTRIBUTE,
  offset: 'o',
  leaderEpoch: 'e',
  metadata: 'm',
  committedAt: 'at',
  topic: 't',
  write: 'w',
} as const;

export interface StoredOffset {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** -1: none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
  readonly write: string;
}

export const offsetKey = (offsetsId: string, topicId: string, partition: number): Required<ItemKey> => ({
  pk: offsetsId,
  sk: `${topicId}:${String(partition).padStart(10, '0')}`,
});

/** Puts the row, if it is still what the write `seen` made it; undefined: if there is none. */
export function commitWrite(
  offsetsId: string,
  stored: StoredOffset,
  seen: string | undefined,
): TransactWrite {
  const { topicId, topic, partition, offset, leaderEpoch, metadata, committedAtMs, write } = stored;
  const item: Item = {
    ...offsetKey(offsetsId, topicId, partition),
    [OFFSET.format]: 1,
    [OFFSET.offset]: offset,
    ...(leaderEpoch >= 0 && { [OFFSET.leaderEpoch]: leaderEpoch }),
    ...(metadata !== '' && { [OFFSET.metadata]: metadata }),
    [OFFSET.committedAt]: committedAtMs,
    [OFFSET.topic]: topic,
    [OFFSET.write]: write,
  };
  const isAsSeen = seen === undefined ? absent('pk') : equals(OFFSET.write, seen);
  return { kind: 'put', table: 'offsets', item, condition: isAsSeen };
}

/** What removes the row, and on what condition: that no later commit is there. */
export const deleteOffset = (
  offsetsId: string,
  { topicId, partition, write }: StoredOffset,
): { readonly key: Required<ItemKey>; readonly condition: Condition } => ({
  key: offsetKey(offsetsId, topicId, partition),
  condition: any(absent('pk'), equals(OFFSET.write, write)),
});

/** Reads a row. Throws UNSUPPORTED_VERSION for a format that this code does not know. */
export function readOffset(item: Item): StoredOffset {
  const [topicId = '', partition] = (item['sk'] as string).split(':');
  checkFormat(`a committed offset of ${item['sk'] as string}`, Number(item[OFFSET.format]), FORMATS);
  return {
    topicId,
    topic: item[OFFSET.topic] as string,
    partition: Number(partition),
    offset: Number(item[OFFSET.offset]),
    leaderEpoch: Number(item[OFFSET.leaderEpoch] ?? -1),
    metadata: (item[OFFSET.metadata] as string | undefined) ?? '',
    committedAtMs: Number(item[OFFSET.committedAt]),
    write: item[OFFSET.write] as string,
  };
}
