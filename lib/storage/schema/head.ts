// The head of a partition: the one item whose conditional update puts records into the log.
import { present } from '../../base/assert.ts';
import { checkFormat } from './format.ts';
import { unpackProducerState, type ProducerState } from './producer-state.ts';
import type { Item, ItemKey, ItemValue } from '../ports/item-store.ts';

/*
 * Table `heads`, pk <partitionId> = <topicId>:<partition>
 *   f  format (1)
 *   n  next: the next offset to be given out, which is the high watermark
 *   ts tailStart: the first offset of the tail
 *   t  tail: packed tail entries, oldest first; they have the offsets [tailStart, next)
 *   se sealedEnd, so startOffset: copies of the log-index `state` row's, only ever rising
 *   p  producers: packed producer states by producer id
 *   sp spills: how many cuts have moved producers out
 *   u  when the oldest entry that is in a page but not in a segment was written, in minutes; absent: there is none
 *   e  leaderEpoch: 0; raised only by a restore
 *   d  present once the topic is deleted
 * Life: for ever. It is the fence that stops a stalled writer, so a deleted topic's head stays as {f, d}.
 */

const FORMATS = [1];

/** Attribute names; short, as DynamoDB bills the whole head on every append. */
export const HEAD = {
  format: 'f',
  next: 'n',
  tailStart: 'ts',
  tail: 't',
  sealedEnd: 'se',
  startOffset: 'so',
  producers: 'p',
  spills: 'sp',
  unsealedSince: 'u',
  leaderEpoch: 'e',
  retired: 'd',
} as const;

/** A view of a head: what some read or write answered. Never changed in place. */
export interface Head {
  readonly partitionId: string;
  readonly next: number;
  readonly tailStart: number;
  /** Packed; see tail-entry.ts. */
  readonly tail: readonly Uint8Array[];
  readonly sealedEnd: number;
  readonly startOffset: number;
  /** Packed states by producerKey; see `producerIn`. */
  readonly producers: Readonly<Record<string, Uint8Array>>;
  readonly spills: number;
  readonly unsealedSinceMinutes: number | undefined;
  readonly leaderEpoch: number;
  readonly isRetired: boolean;
}

export const headKey = (partitionId: string): ItemKey => ({ pk: partitionId });

/** The head of a partition that nothing was written to yet. */
export function newHeadItem(partitionId: string): Item {
  return {
    ...headKey(partitionId),
    [HEAD.format]: 1,
    [HEAD.next]: 0,
    [HEAD.tailStart]: 0,
    [HEAD.tail]: [],
    [HEAD.sealedEnd]: 0,
    [HEAD.startOffset]: 0,
    [HEAD.producers]: {},
    [HEAD.spills]: 0,
    [HEAD.leaderEpoch]: 0,
  };
}

/** Reads a head item. Throws UNSUPPORTED_VERSION for a format that this code does not know. */
export function readHead(item: Item): Head {
  const partitionId = item['pk'] as string;
  checkFormat(`the head of ${partitionId}`, Number(item[HEAD.format]), FORMATS);
  const number = (name: string): number => Number(item[name] ?? 0);
  return {
    partitionId,
    next: number(HEAD.next),
    tailStart: number(HEAD.tailStart),
    tail: (item[HEAD.tail] ?? []) as readonly Uint8Array[],
    sealedEnd: number(HEAD.sealedEnd),
    startOffset: number(HEAD.startOffset),
    producers: (item[HEAD.producers] ?? {}) as Readonly<Record<string, Uint8Array>>,
    spills: number(HEAD.spills),
    unsealedSinceMinutes: optionalNumber(item[HEAD.unsealedSince]),
    leaderEpoch: number(HEAD.leaderEpoch),
    isRetired: item[HEAD.retired] !== undefined,
  };
}

const optionalNumber = (value: ItemValue | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

/** What the head itself knows of a producer, or undefined; there may still be a spilled row. */
export function producerIn(head: Head, key: string): ProducerState | undefined {
  const packed = head.producers[key];
  return packed && unpackProducerState(packed);
}

/** A head's size as DynamoDB bills it, near enough to decide by (exact to a few bytes). */
export function headBytes(head: Head): number {
  const fixedBytes = 96;
  const tailBytes = head.tail.reduce((sum, entry) => sum + entry.length + 1, 3);
  const producerBytes = Object.entries(head.producers).reduce(
    (sum, [key, state]) => sum + key.length + state.length + 1,
    3,
  );
  return fixedBytes + tailBytes + producerBytes;
}

/** partitionId => topicId ":" partition */
export const partitionIdOf = (topicId: string, partition: number): string => `${topicId}:${partition}`;

export function parsePartitionId(partitionId: string): {
  readonly topicId: string;
  readonly partition: number;
} {
  const [topicId, partition] = partitionId.split(':');
  return { topicId: present(topicId, 'topicId'), partition: Number(partition) };
}
