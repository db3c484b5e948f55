// The counter that producer ids come from.
import { absent, any, equals } from '../ports/condition.ts';
import { add, set } from '../ports/action.ts';
import { checkFormat, FORMAT_ATTRIBUTE } from './format.ts';
import type { Action } from '../ports/action.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey } from '../ports/item-store.ts';

/*
 * Table `producers`, pk `ids`, sk `ids`
 *   f 1, n the lowest producer id that nobody has been given
 * Life: for ever. It only rises: ids may be lost with a process or an answer, but are never given twice.
 */

const FORMATS = [1];
const COUNTER = { format: FORMAT_ATTRIBUTE, next: 'n' } as const;

/** Producer ids from `first` to, not including, `end`. */
export interface ProducerIdBlock {
  readonly first: number;
  readonly end: number;
}

export const PRODUCER_IDS_KEY: Required<ItemKey> = { pk: 'ids', sk: 'ids' };

/** Takes the next `count` ids, from 0 where there is no counter yet. Each application takes other ids. */
export const takeIds = (
  count: number,
): { readonly actions: readonly Action[]; readonly condition: Condition } => ({
  actions: [set(COUNTER.format, 1), add(COUNTER.next, count)],
  condition: any(absent('pk'), equals(COUNTER.format, 1)),
});

/** The block that an applied `takeIds(count)` took, from the new item. */
export function blockOf(item: Item, count: number): ProducerIdBlock {
  const end = Number(checked(item)[COUNTER.next]);
  return { first: end - count, end };
}

/** Throws UNSUPPORTED_VERSION for a counter of a format that this code does not know. */
export function checked(item: Item): Item {
  checkFormat('the producer id counter', Number(item[COUNTER.format]), FORMATS);
  return item;
}
