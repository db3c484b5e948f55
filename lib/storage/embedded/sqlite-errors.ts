// What SQLite's errors mean to a caller of the store.
import { BrokerError, type Outcome } from '../../base/errors.ts';

/** Primary result codes (sqlite.org/rescode.html); the extended ones have more bits above. */
const SQLITE = { busy: 5, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 } as const;

function resultCodeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}

/** Whether another connection has the database. */
export const isBusy = (error: unknown): boolean => resultCodeOf(error) === SQLITE.busy;

/**
 * A statement's error as KAFKA_STORAGE_ERROR, retriable where the disk was full or failed. `outcome` is what is known of
 * the transaction it belonged to.
 */
export function toStorageError(error: unknown, what: string, outcome: Outcome): BrokerError {
  if (error instanceof BrokerError) return error;
  const code = resultCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isPassing = code === SQLITE.full || code === SQLITE.ioError;
  return new BrokerError('KAFKA_STORAGE_ERROR', `${what}: ${message}`, {
    outcome,
    retriable: isPassing,
    cause: error,
  });
}

/**
 * What is known after COMMIT failed. Of a full disk: the frame that ends the transaction is written last, so it is not
 * in the log. Of any other error it may have been written and not synced: then this process does not see it, but it may
 * be there after a crash.
 */
export const outcomeOfCommit = (error: unknown): Outcome =>
  resultCodeOf(error) === SQLITE.full ? 'not-applied' : 'unknown';
