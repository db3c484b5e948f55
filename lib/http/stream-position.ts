// Event ids of a stream: the position in each partition, as `0:12,1:7`. Pure.
import { invalidParameter } from './errors.ts';

/** Prints positions in the order of their partitions. */
export function printPositions(positions: ReadonlyMap<number, number>): string {
  return [...positions]
    .sort(([a], [b]) => a - b)
    .map(([partition, offset]) => `${partition}:${offset}`)
    .join(',');
}

/** Reads what printPositions printed. Throws 40002 for anything else. */
export function parsePositions(text: string): ReadonlyMap<number, number> {
  const positions = new Map<number, number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,10}):(\d{1,16})$/.exec(part);
    if (match === null)
      throw invalidId(`must be positions as 0:12,1:7, got ${JSON.stringify(text.slice(0, 60))}`);
    const [partition, offset] = [Number(match[1]), Number(match[2])];
    if (positions.has(partition)) throw invalidId(`names partition ${partition} twice`);
    positions.set(partition, offset);
  }
  return positions;
}

const invalidId = (message: string): Error => invalidParameter('last-event-id', message);
