// What the file system's errors mean to a caller of the object store.
import { BrokerError, type Outcome } from '../../base/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** The system's name of an error, such as ENOSPC. */
export function errorNameOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** Whether there is no file of this name. */
export const isNotThere = (error: unknown): boolean => NOT_THERE.has(errorNameOf(error) ?? '');

/**
 * A failed call as a BrokerError. A full disk or quota, an I/O error and a lack of file descriptors pass, so they are
 * retriable; a key that is the beginning of another one's path is INVALID_REQUEST.
 */
export function toFileError(error: unknown, key: string, outcome: Outcome): BrokerError {
  if (error instanceof BrokerError) return error;
  const name = errorNameOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (name !== undefined && (name === 'EEXIST' || NOT_THERE.has(name)))
    return new BrokerError(
      'INVALID_REQUEST',
      `object ${key}: a key is the folder of another one (${message})`,
      {
        outcome,
        field: 'key',
        cause: error,
      },
    );
  const why = FULL.has(name ?? '') ? `the disk is full (${message})` : message;
  return new BrokerError('KAFKA_STORAGE_ERROR', `object ${key}: ${why}`, { outcome, cause: error });
}
