// What routes need to know of a topic before they do anything with it.
import type { Topic } from '../topics/topic.ts';
import { partitionNotFound } from './errors.ts';

/** The partition that a path names. Throws 40402 where the topic does not have it. */
export function requirePartition(topic: Topic, text: string): number {
  const partition = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(partition < topic.partitions)) throw partitionNotFound(topic.name, text, topic.partitions);
  return partition;
}

/**
 * The broker that leads every partition, as far as clients ask: any gateway serves any of them, and the storage
 * replicates.
 */
export const BROKER_ID = 0;
