// Event ids of a stream: the topic's id and the position in each partition, as `kX...Q/0:12,1:7`. Pure.
import { invalidParameter } from './errors.ts';

/** Where a stream is: offsets mean nothing in a topic that was made anew under the same name. */
export interface StreamPosition {
  readonly topicId: string;
  readonly positions: ReadonlyMap<number, number>;
}

/** Prints positions in the order of their partitions. */
export function printPositions(topicId: string, positions: ReadonlyMap<number, number>): string {
  const places = [...positions]
    .sort(([a], [b]) => a - b)
    .map(([partition, offset]) => `${partition}:${offset}`)
    .join(',');
  return `${topicId}/${places}`;
}

/** Reads what printPositions printed. Throws 40002 for anything else. */
export function parsePositions(text: string): StreamPosition {
  const [, topicId, places] = /^([\w-]{22})\/(.*)$/.exec(text) ?? [];
  if (topicId === undefined || places === undefined) throw notPositions(text);
  const positions = new Map<number, number>();
  for (const part of places.split(',')) {
    const match = /^(\d{1,10}):(\d{1,16})$/.exec(part);
    if (match === null) throw notPositions(text);
    const [partition, offset] = [Number(match[1]), Number(match[2])];
    if (positions.has(partition)) throw invalidId(`names partition ${partition} twice`);
    positions.set(partition, offset);
  }
  return { topicId, positions };
}

const notPositions = (text: string): Error =>
  invalidId(`must be the id of an event, as <topic id>/0:12,1:7, got ${JSON.stringify(text.slice(0, 60))}`);

const invalidId = (message: string): Error => invalidParameter('last-event-id', message);
