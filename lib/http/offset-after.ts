// Where reading goes on after fetched batches.
import { splitBatches } from '../record/batch-header.ts';

/** The offset after the last batch, or `offset` where there is none: where the next fetch begins. */
export function offsetAfter(batches: Uint8Array, offset: number): number {
  const last = splitBatches(batches).at(-1);
  return last === undefined
    ? offset
    : Math.max(offset, last.header.baseOffset + last.header.lastOffsetDelta + 1);
}
