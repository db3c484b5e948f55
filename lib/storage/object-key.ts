// Which keys objects may have: one rule for every adapter, so that no key means something else to a file system or to S3.
import { BrokerError } from '../base/errors.ts';

/** S3's limit of a key (S3 user guide, "Naming objects"). */
export const OBJECT_KEY_BYTES_MAX = 1024;

/** What file systems take as a name between slashes is 255 bytes; the rest is left to temporary names. */
export const OBJECT_KEY_PART_BYTES_MAX = 200;

const PART = /^[A-Za-z0-9\-_.:]+$/;

/**
 * Throws INVALID_REQUEST unless `key` is made of parts of `a-z A-Z 0-9 - _ . :`, of 1 to 200 bytes each, with one `/`
 * between two of them, none of which is `.` or `..`, and is at most 1,024 bytes long.
 */
export function checkObjectKey(key: string): void {
  const refuse = (why: string) =>
    new BrokerError('INVALID_REQUEST', `object key ${JSON.stringify(key.slice(0, 100))} ${why}`, {
      field: 'key',
    });
  if (key.length > OBJECT_KEY_BYTES_MAX)
    throw refuse(`has ${key.length} bytes, at most ${OBJECT_KEY_BYTES_MAX}`);
  for (const part of key.split('/')) {
    if (part === '' || part === '.' || part === '..') throw refuse(`has the part ${JSON.stringify(part)}`);
    if (part.length > OBJECT_KEY_PART_BYTES_MAX)
      throw refuse(`has a part of ${part.length} bytes, at most ${OBJECT_KEY_PART_BYTES_MAX}`);
    if (!PART.test(part)) throw refuse('may have only a-z A-Z 0-9 - _ . / :');
  }
}
