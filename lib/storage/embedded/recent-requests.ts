// The request ids of transactions that were applied, for as long as they may be repeated.
import { createHash } from 'node:crypto';
import { BrokerError } from '../../base/errors.ts';
import { encodeValue } from './item-codec.ts';
import type { Clock } from '../../base/clock.ts';
import type { ItemValue, TransactWrite } from '../ports/item-store.ts';

/** As long as DynamoDB remembers a ClientRequestToken. */
export const REQUEST_MEMORY_MS = 10 * 60_000;

/**
 * Remembers applied transactions in memory only. A store has one process, and a caller that could repeat its request
 * dies with it: no request id outlives the process that made it.
 */
export class RecentRequests {
  readonly #clock: Clock;
  /** In the order of time. */
  readonly #requests = new Map<string, { readonly digest: string; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether this very transaction was applied, or is in the group under way, whose digests are `inGroup`. Throws
   * INVALID_REQUEST where another one has the same request id, as DynamoDB does.
   */
  has(requestId: string, digest: string, inGroup: ReadonlyMap<string, string>): boolean {
    this.#forget();
    const known = inGroup.get(requestId) ?? this.#requests.get(requestId)?.digest;
    if (known !== undefined && known !== digest)
      throw new BrokerError('INVALID_REQUEST', `request id ${requestId} belongs to another transaction`, {
        field: 'requestId',
      });
    return known !== undefined;
  }

  add(requestId: string, digest: string): void {
    this.#requests.set(requestId, { digest, atMs: this.#clock.now() });
  }

  #forget(): void {
    const before = this.#clock.now() - REQUEST_MEMORY_MS;
    for (const [requestId, { atMs }] of this.#requests) {
      if (atMs > before) return;
      this.#requests.delete(requestId);
    }
  }
}

/** Equal for equal transactions, and in practice only for those. */
export function digestOf(writes: readonly TransactWrite[]): string {
  // Writes are made of what items are made of, but for optional fields, which the encoding leaves out.
  return createHash('sha256')
    .update(encodeValue(writes as unknown as ItemValue))
    .digest('base64');
}
