// One batch against a broker that fails as told, on a clock on which nobody waits.
import { describe, expect, it } from 'vitest';
import { BrokerError, type BrokerErrorOptions, type ErrorCode } from '../../lib/base/errors.ts';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { deliverBatch } from '../../lib/client/producer/deliver-batch.ts';
import { PartitionQueue } from '../../lib/client/producer/partition-queue.ts';
import { ProducerIdentity } from '../../lib/client/producer/producer-identity.ts';
import type { RecordMetadata } from '../../lib/client/producer/producer-options.ts';
import { decodeBatch } from '../../lib/record/record-batch.ts';
import type { LogRecord } from '../../lib/record/record.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';

type Failure = readonly [ErrorCode, BrokerErrorOptions?];

const RECORD: LogRecord = { timestampMs: 1, key: null, value: Buffer.from('a'), headers: [] };
const BACKOFF = { minMs: 100, maxMs: 1_000 };

/** A broker that fails with `failures`, one for each attempt, then stores. */
function createDeps(failures: readonly Failure[]) {
  const clock = createJumpingClock(0);
  const attempts: { readonly atMs: number; readonly producerId: bigint; readonly sequence: number }[] = [];
  let ids = 0;
  const broker = {
    initProducerId: () => Promise.resolve({ producerId: BigInt(++ids), producerEpoch: 0 }),
    produce: ({ batch }: { batch: Uint8Array }) => {
      const { producerId, baseSequence, recordCount } = decodeBatch(batch).header;
      const failure = failures[attempts.length];
      attempts.push({ atMs: clock.now(), producerId, sequence: baseSequence });
      if (failure !== undefined) return Promise.reject(new BrokerError(failure[0], 'no', failure[1]));
      return Promise.resolve({ baseOffset: 40, recordCount, logAppendTimeMs: -1, isDuplicate: false });
    },
  };
  const dice = createSeededDice(7);
  return {
    attempts,
    deps: { broker: broker as never, clock, dice, clientId: '', gather: () => Promise.resolve() },
  };
}

async function deliver(failures: readonly Failure[], deadlineMs = 10_000) {
  const { attempts, deps } = createDeps(failures);
  const sequence = { identity: { producerId: 9n, producerEpoch: 0 }, baseSequence: 3 };
  const batch = {
    topic: 'orders',
    partition: 0,
    records: [RECORD],
    compression: 'none' as const,
    sequence,
    deadlineMs,
  };
  return { delivery: await deliverBatch(deps, batch, BACKOFF), attempts };
}

describe('a batch', () => {
  it('is sent again with growing pauses, until its time is over', async () => {
    const { delivery, attempts } = await deliver(Array<Failure>(50).fill(['KAFKA_STORAGE_ERROR']), 5_000);
    const pauses = attempts.slice(1).map(({ atMs }, at) => atMs - (attempts[at]?.atMs ?? 0));
    pauses.forEach((pauseMs, failures) => {
      const longestMs = Math.min(1_000, 100 * 2 ** failures);
      expect(pauseMs).toBeGreaterThanOrEqual(longestMs / 2);
      expect(pauseMs).toBeLessThanOrEqual(longestMs + 1);
    });
    expect(pauses.length).toBeGreaterThan(5);
    expect(attempts.at(-1)?.atMs).toBeLessThanOrEqual(5_000);
    expect(delivery).toMatchObject({
      kind: 'failed',
      isIdentitySpent: false,
      error: { outcome: 'not-applied' },
    });
  });

  it('comes back when the broker says', async () => {
    const { attempts } = await deliver([['THROTTLING_QUOTA_EXCEEDED', { retryAfterMs: 4_321 }]]);
    expect(attempts[1]?.atMs).toBe(4_321);
  });

  it.each<readonly [string, readonly Failure[], object]>([
    [
      'stored where it was stored before',
      [['DUPLICATE_SEQUENCE_NUMBER', { outcome: 'applied' }]],
      { kind: 'stored', produced: undefined },
    ],
    ['not repeated where it is refused', [['INVALID_RECORD']], { kind: 'failed', isIdentitySpent: false }],
    [
      'unknown for ever once one attempt was',
      [['REQUEST_TIMED_OUT', { outcome: 'unknown' }], ['INVALID_RECORD']],
      { kind: 'failed', isIdentitySpent: true, error: { code: 'INVALID_RECORD', outcome: 'unknown' } },
    ],
    ['the end of an identity that was fenced', [['INVALID_PRODUCER_EPOCH']], { isIdentitySpent: true }],
  ])('is %s', async (_what, failures, expected) => {
    const { delivery } = await deliver(failures);
    expect(delivery).toMatchObject(expected);
  });
});

describe('a queue', () => {
  const send = async (failures: readonly Failure[], values: number) => {
    const { attempts, deps } = createDeps(failures);
    const queue = new PartitionQueue(deps, {
      ...{ topic: 'orders', partition: 0, lingerMs: 0, batchBytesMax: 1_000, deliveryTimeoutMs: 10_000 },
      ...{ backoff: BACKOFF, identity: new ProducerIdentity(deps.broker), isRoomWanted: () => false },
    });
    const add = () =>
      new Promise<RecordMetadata | BrokerError>((settle) => {
        queue.add({ record: RECORD, bytes: 40, compression: 'none', enqueuedAtMs: deps.clock.now(), settle });
      });
    const results: (RecordMetadata | BrokerError)[] = [];
    for (let at = 0; at < values; at++) results.push(await add());
    return { results, attempts: attempts.map(({ producerId, sequence }) => [Number(producerId), sequence]) };
  };

  it('goes on under a new id where the log has forgotten the producer, and loses nothing', async () => {
    const forgotten: Failure = ['OUT_OF_ORDER_SEQUENCE_NUMBER'];
    const { results, attempts } = await send([undefined as never, forgotten], 3);
    expect(results.every((result) => !(result instanceof BrokerError))).toBe(true);
    expect(attempts).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
  });

  it('does not try a second id where a batch may be stored', async () => {
    const { results, attempts } = await send([['OUT_OF_ORDER_SEQUENCE_NUMBER', { outcome: 'unknown' }]], 2);
    expect(results[0]).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', outcome: 'unknown' });
    expect(attempts).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('uses a sequence again that certainly nothing was stored under', async () => {
    const { results, attempts } = await send([['INVALID_RECORD']], 2);
    expect(results.map((result) => result instanceof BrokerError)).toEqual([true, false]);
    expect(attempts).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });
});
