// The partitions that there are, read past the network: for actors who choose one, and for the end of a run.
import { partitionIdOf } from '../../lib/storage/schema/head.ts';
import { getTopic, listTopics } from '../../lib/topics/find-topics.ts';
import type { SimDice } from './dice.ts';
import type { World } from './world.ts';

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly partitionId: string;
}

/** Of all topics as they are now. */
export async function placesOf({ stores }: World): Promise<readonly Place[]> {
  const topics = await listTopics(stores.items);
  return topics.flatMap(({ name, topicId, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({
      ...{ topic: name, partition, partitionId: partitionIdOf(topicId, partition) },
    })),
  );
}

/** The id of the topic of that name. Throws where there is none. */
export async function topicIdOf({ stores }: World, name: string): Promise<string> {
  return (await getTopic(stores.items, name)).topicId;
}

/** One of them, by the dice; none where there is no topic. */
export async function partitionIdsOf(world: World, dice: SimDice): Promise<readonly string[]> {
  const places = await placesOf(world);
  return places.length === 0 ? [] : [dice.pick(places).partitionId];
}
