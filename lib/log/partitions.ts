// Opening and retiring a partition's log: making its head, and turning it into a fence that stays.
import { BrokerError } from '../base/errors.ts';
import { absent, exists } from '../storage/ports/condition.ts';
import { remove, set } from '../storage/ports/action.ts';
import { HEAD, headKey, newHeadItem, partitionIdOf, readHead, type Head } from '../storage/schema/head.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';

const HEADS_AT_ONCE = 25;

/** Makes the heads of partitions [from, to). Safe to repeat: a head that is there is left as it is. */
export async function openPartitions(
  items: ItemStore,
  topicId: string,
  from: number,
  to: number,
): Promise<void> {
  for (let start = from; start < to; start += HEADS_AT_ONCE) {
    const count = Math.min(HEADS_AT_ONCE, to - start);
    const partitions = Array.from({ length: count }, (_, i) => start + i);
    await Promise.all(
      partitions.map((partition) =>
        items.put('heads', newHeadItem(partitionIdOf(topicId, partition)), absent('pk')),
      ),
    );
  }
}

/**
 * Ends a partition's log: from then on every append to it is refused, also one that is under way, and a late opening
 * too. Safe to repeat. The rest of the head stays for ever.
 */
export async function retirePartition(items: ItemStore, partitionId: string): Promise<void> {
  const { tail, next, tailStart, sealedEnd, startOffset, producers, spills, unsealedSince, leaderEpoch } =
    HEAD;
  const all = [tail, next, tailStart, sealedEnd, startOffset, producers, spills, unsealedSince, leaderEpoch];
  await items.update('heads', headKey(partitionId), [
    set(HEAD.retired, true),
    set(HEAD.format, 1),
    ...all.map((name) => remove(name)),
  ]);
}

/** Whether a retired head refuses: the condition that every write of a head shares. */
export const isOpen = [exists(HEAD.next), absent(HEAD.retired)] as const;

/** Reads a head. Throws UNKNOWN_TOPIC_ID (not-applied) where there is none or its topic was deleted. */
export async function getHead(
  items: ItemStore,
  partitionId: string,
  { consistent = true } = {},
): Promise<Head> {
  const item = await items.get('heads', headKey(partitionId), { consistent });
  const head = item && readHead(item);
  if (!head || head.isRetired) throw unknownPartition(partitionId);
  return head;
}

/** What one request (BatchGetItem) may ask for. */
export const HEADS_READ_AT_ONCE = 100;

/**
 * Reads the heads of many partitions, in the order of the ids, which may repeat; undefined where there is none or its topic
 * was deleted. One request for each hundred. Throws what the store throws, for all of them.
 */
export async function getHeads(
  items: ItemStore,
  partitionIds: readonly string[],
  { consistent = true } = {},
): Promise<readonly (Head | undefined)[]> {
  const ids = [...new Set(partitionIds)];
  const heads = new Map<string, Head>();
  const readSome = async (some: readonly string[]) => {
    const [first] = some;
    const found =
      some.length === 1 && first !== undefined
        ? [await items.get('heads', headKey(first), { consistent })]
        : await items.getMany('heads', some.map(headKey), { consistent });
    for (const item of found) if (item) heads.set(item['pk'] as string, readHead(item));
  };
  const starts = Array.from(
    { length: Math.ceil(ids.length / HEADS_READ_AT_ONCE) },
    (_, i) => i * HEADS_READ_AT_ONCE,
  );
  await Promise.all(starts.map((start) => readSome(ids.slice(start, start + HEADS_READ_AT_ONCE))));
  return partitionIds.map((id) => {
    const head = heads.get(id);
    return head?.isRetired === true ? undefined : head;
  });
}

/** The error of a partition whose topic is gone: callers drop what they cached of the topic and look again. */
export const unknownPartition = (partitionId: string): BrokerError =>
  new BrokerError('UNKNOWN_TOPIC_ID', `partition ${partitionId} does not exist: its topic was deleted`);
