// What each case of the table port's suite works with: a store, and keys that no other case uses.
import { expect } from 'vitest';
import type { Action } from '../../lib/storage/ports/action.ts';
import type { Condition } from '../../lib/storage/ports/condition.ts';
import type { Item, ItemKey, ItemStore, WriteResult } from '../../lib/storage/ports/item-store.ts';

export interface Subject {
  readonly store: ItemStore;
  /** A partition key that is new. */
  readonly pk: () => string;
  /** Puts an item with these attributes into `heads` and answers its key. */
  readonly given: (attributes: Item) => Promise<ItemKey>;
  /** Whether a condition holds on an item with these attributes; `undefined`: on no item. */
  readonly holds: (attributes: Item | undefined, condition: Condition) => Promise<boolean>;
  /** The attributes, without the key, after an update of an item with `attributes` (`undefined`: of no item). */
  readonly after: (attributes: Item | undefined, ...actions: readonly Action[]) => Promise<Item>;
}

let counter = 0;
const run = `${process.pid}-${Date.now().toString(36)}`;

/** Keys are unique over runs too, as an emulator may keep its tables. */
export function createSubject(store: ItemStore): Subject {
  const pk = () => `case-${run}-${(counter++).toString()}`;
  const given = async (attributes: Item): Promise<ItemKey> => {
    const key = { pk: pk() };
    await store.put('heads', { ...key, ...attributes });
    return key;
  };
  const keyOf = (attributes: Item | undefined): Promise<ItemKey> =>
    attributes ? given(attributes) : Promise.resolve({ pk: pk() });
  return {
    store,
    pk,
    given,
    holds: async (attributes, condition) => {
      const key = await keyOf(attributes);
      const before = await store.get('heads', key);
      const result = await store.update('heads', key, [], condition);
      if (!result.applied) expect(result.current).toEqual(before);
      return result.applied;
    },
    after: async (attributes, ...actions) => {
      const key = await keyOf(attributes);
      const result = await store.update('heads', key, actions);
      const stored = await store.get('heads', key);
      expect(appliedItem(result)).toEqual(stored);
      return withoutKey(stored);
    },
  };
}

/** The item that an applied write answers; fails the test for one that was not applied. */
export function appliedItem(result: WriteResult): Item | undefined {
  expect(result.applied).toBe(true);
  return result.applied ? result.item : undefined;
}

export function withoutKey(item: Item | undefined): Item {
  expect(item).toBeDefined();
  return Object.fromEntries(Object.entries(item ?? {}).filter(([name]) => name !== 'pk' && name !== 'sk'));
}

export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
