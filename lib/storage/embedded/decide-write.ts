// What one conditional write does to the item it finds, as a value.
import { checkItemBytes, itemBytes } from '../item-size.ts';
import { applyActions, holds } from './evaluate.ts';
import { transactKey } from '../item-checks.ts';
import type { Item, ItemKey, TableName, TransactWrite } from '../ports/item-store.ts';
import type { WriteUsage } from '../item-usage.ts';

export interface Decision {
  readonly write: TransactWrite;
  readonly table: TableName;
  readonly key: ItemKey;
  readonly applied: boolean;
  readonly before: Item | undefined;
  /** As `before` where it is not applied. */
  readonly after: Item | undefined;
  /** Of the item that is to be stored; 0 where nothing is. */
  readonly afterBytes: number;
  /** A repeated transaction, which only reads. */
  readonly isReplay?: boolean;
}

/** Throws MESSAGE_TOO_LARGE for a new item over 400 KB, AssertionError for an impossible action. */
export function decideWrite(write: TransactWrite, before: Item | undefined): Decision {
  const { table } = write;
  const key = transactKey(write);
  const decided = { write, table, key, before };
  if (write.condition && !holds(write.condition, before))
    return { ...decided, applied: false, after: before, afterBytes: 0 };
  const after = itemAfter(write, before);
  const afterBytes = after && isChange(write) ? checkItemBytes(after, `item ${key.pk} of table ${table}`) : 0;
  return { ...decided, applied: true, after, afterBytes };
}

/** Whether a write changes anything when it is applied. */
export const isChange = ({ kind }: TransactWrite): boolean => kind !== 'check';

function itemAfter(write: TransactWrite, before: Item | undefined): Item | undefined {
  switch (write.kind) {
    case 'put':
      return write.item;
    case 'update':
      return applyActions(before ?? { ...write.key }, write.actions);
    case 'delete':
      return undefined;
    case 'check':
      return before;
  }
}

/** What a decision costs, to be told to a meter. */
export function usageOf(decision: Decision, { isTransactional, isCancelled }: UsageKind): WriteUsage {
  const { write, table, before, after, applied, isReplay = false } = decision;
  const kind = isReplay ? 'replay' : write.kind;
  const [beforeBytes, afterBytes] = [bytesOf(before), bytesOf(after)];
  return { table, kind, beforeBytes, afterBytes, applied: applied && !isCancelled, isTransactional };
}

export interface UsageKind {
  readonly isTransactional: boolean;
  /** Another write of its transaction has failed. */
  readonly isCancelled: boolean;
}

const bytesOf = (item: Item | undefined): number => (item ? itemBytes(item) : 0);
