// Where batches begin in objects, as reads have learned it: who reads on where a read ended need not look for the place, or
// read what lies before it.
import { LRUCache } from 'lru-cache';

const PLACES_KEPT = 10_000;

/** Owned by one log. Objects never change, so that what was learned holds. */
export class BatchPlaces {
  readonly #positions = new LRUCache<string, number>({ max: PLACES_KEPT });

  /** Where the batch begins whose first record is at `offset`, as it was learned; undefined: not known. */
  positionOf(objectKey: string, offset: number): number | undefined {
    return this.#positions.get(`${objectKey} ${offset}`);
  }

  learn(objectKey: string, offset: number, position: number): void {
    this.#positions.set(`${objectKey} ${offset}`, position);
  }
}
