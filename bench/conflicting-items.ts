// A table store whose transactions exclude each other, as DynamoDB's do: one that meets an item of another is refused.
import { BrokerError } from '../lib/base/errors.ts';
import type { Clock } from '../lib/base/clock.ts';
import type { ItemStore, TransactWrite } from '../lib/storage/ports/item-store.ts';

/** Added to. */
export interface ConflictCounts {
  transactions: number;
  conflicts: number;
}

export interface ConflictOptions {
  readonly clock: Clock;
  /** How long a transaction holds its items, those it only checks included. */
  readonly holdMs: number;
  readonly counts: ConflictCounts;
}

const nameOf = (write: TransactWrite): string => {
  const { pk, sk } = write.kind === 'put' ? write.item : write.key;
  return JSON.stringify([write.table, pk, sk]);
};

/** Refuses with THROTTLING_QUOTA_EXCEEDED, as the DynamoDB adapter says a conflict. Only transactions conflict here. */
export function conflictItems(inner: ItemStore, { clock, holdMs, counts }: ConflictOptions): ItemStore {
  const held = new Set<string>();
  return {
    ...inner,
    transact: async (writes, requestId) => {
      counts.transactions++;
      const names = writes.map(nameOf);
      if (names.some((name) => held.has(name))) {
        counts.conflicts++;
        throw new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'TransactionConflict');
      }
      for (const name of names) held.add(name);
      try {
        const result = await inner.transact(writes, requestId);
        await clock.sleep(holdMs);
        return result;
      } finally {
        for (const name of names) held.delete(name);
      }
    },
  };
}
