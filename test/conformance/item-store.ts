// The conformance suite of the table port: every adapter, and every decorator, behaves as these cases say.
import { actionCases } from './item-store-actions.ts';
import { conditionCases } from './item-store-conditions.ts';
import { readCases } from './item-store-reads.ts';
import { transactCases } from './item-store-transact.ts';
import { writeCases } from './item-store-writes.ts';
import { createSubject } from './item-store-subject.ts';
import { describeCases, type Opened, type SuiteOptions } from './suite.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

export const ITEM_STORE_CASES = {
  ...writeCases,
  ...conditionCases,
  ...actionCases,
  ...readCases,
  ...transactCases,
};

/**
 * Describes the suite for one adapter. `open` is called once; the store has the tables of schema/tables.ts. The cases
 * use keys of their own, so the tables need not be empty.
 */
export function describeItemStore(
  name: string,
  open: () => Promise<Opened<ItemStore>>,
  options: SuiteOptions = {},
): void {
  describeCases(`item store: ${name}`, open, ITEM_STORE_CASES, createSubject, options);
}
