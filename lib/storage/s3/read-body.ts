// The body of an S3 answer as one array of bytes, copied once.
import { BrokerError } from '../../base/errors.ts';
import { assert } from '../../base/assert.ts';

/**
 * Reads a body of `length` bytes. Throws REQUEST_TIMED_OUT (not-applied) where it ends early; a cut connection throws
 * what the stream throws.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  length: number,
  what: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let end = 0;
  for await (const chunk of body) {
    assert(end + chunk.length <= length, `${what} answered more than ${length} bytes`);
    bytes.set(chunk, end);
    end += chunk.length;
  }
  if (end === length) return bytes;
  throw new BrokerError('REQUEST_TIMED_OUT', `${what} was cut off after ${end} of ${length} bytes`);
}
