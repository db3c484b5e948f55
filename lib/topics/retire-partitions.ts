// Retiring all partitions of a topic: from then on nothing is appended to them any more, however late it arrives.
import { retirePartition } from '../log/partitions.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';

const HEADS_AT_ONCE = 25;

/** Retires partitions [0, partitions). Safe to repeat. */
export async function retirePartitions(items: ItemStore, topicId: string, partitions: number): Promise<void> {
  for (let start = 0; start < partitions; start += HEADS_AT_ONCE) {
    const count = Math.min(HEADS_AT_ONCE, partitions - start);
    const ids = Array.from({ length: count }, (_, i) => partitionIdOf(topicId, start + i));
    await Promise.all(ids.map((partitionId) => retirePartition(items, partitionId)));
  }
}
