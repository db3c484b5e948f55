// All partitions of all topics, for those who go through the whole of an embedded log.
import { partitionIdOf } from '../storage/schema/head.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import { eachTopic } from '../topics/find-topics.ts';

export interface NamedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly partitionId: string;
}

/** In the order of topic names and partition numbers; topics that come or go meanwhile may be there or not. */
export async function* eachPartition(items: ItemStore): AsyncGenerator<NamedPartition, void, undefined> {
  for await (const { name, topicId, partitions } of eachTopic(items)) {
    for (let partition = 0; partition < partitions; partition++) {
      yield { topic: name, partition, partitionId: partitionIdOf(topicId, partition) };
    }
  }
}
