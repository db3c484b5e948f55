// Sets of partitions by topic id: what members of consumer groups own. Pure; values are never changed.
import type { PartitionsById } from '../storage/schema/consumer-group.ts';

const without = (
  partitions: PartitionsById,
  isGone: (topicId: string, partition: number) => boolean,
): PartitionsById => {
  const left: Record<string, readonly number[]> = {};
  for (const [topicId, list] of Object.entries(partitions)) {
    const kept = list.filter((partition) => !isGone(topicId, partition));
    if (kept.length > 0) left[topicId] = kept;
  }
  return left;
};

/** Whether the set has the partition. */
export const has = (partitions: PartitionsById, topicId: string, partition: number): boolean =>
  partitions[topicId]?.includes(partition) === true;

/** What is in the first and not in the second. */
export const minus = (a: PartitionsById, b: PartitionsById): PartitionsById =>
  without(a, (topicId, partition) => has(b, topicId, partition));

/** What is in both. */
export const intersect = (a: PartitionsById, b: PartitionsById): PartitionsById =>
  without(a, (topicId, partition) => !has(b, topicId, partition));

/** What is in either. */
export function unite(a: PartitionsById, b: PartitionsById): PartitionsById {
  const all: Record<string, readonly number[]> = { ...a };
  for (const [topicId, list] of Object.entries(b))
    all[topicId] = [...new Set([...(all[topicId] ?? []), ...list])].sort((x, y) => x - y);
  return all;
}

/** Whether there is none. */
export const isNone = (partitions: PartitionsById): boolean => Object.keys(partitions).length === 0;

/** Whether both have the same. */
export const isSame = (a: PartitionsById, b: PartitionsById): boolean =>
  isNone(minus(a, b)) && isNone(minus(b, a));

/** Whether the second has all of the first. */
export const isSubset = (a: PartitionsById, b: PartitionsById): boolean => isNone(minus(a, b));

/** From a list by topic, in any order and with repetitions. */
export function fromList(
  list: readonly { readonly topicId: string; readonly partitions: readonly number[] }[],
): PartitionsById {
  let all: PartitionsById = {};
  for (const { topicId, partitions } of list)
    if (partitions.length > 0) all = unite(all, { [topicId]: partitions });
  return all;
}
