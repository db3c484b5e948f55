// Brings one batch of one partition into the log: attempts until it is there, refused for good, or out of time.
import { type BrokerError, toBrokerError } from '../../base/errors.ts';
import type { ProducedBatch } from '../../broker/broker.ts';
import { encodeBatch } from '../../record/record-batch.ts';
import type { LogRecord } from '../../record/record.ts';
import { backoffMs, type Backoff } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { Compression } from '../../record/batch-header.ts';
import type { Identity } from './producer-identity.ts';

export interface BatchToDeliver {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  readonly compression: Compression;
  /** Of an idempotent producer: its identity and the batch's place among those that it has sent to this partition. */
  readonly sequence?: { readonly identity: Identity; readonly baseSequence: number };
  /** On the clock; no attempt begins after it. */
  readonly deadlineMs: number;
}

/** `stored`: `produced` is undefined where the batch is in the log and nobody can tell at which offsets. */
export type Delivery =
  | { readonly kind: 'stored'; readonly produced: ProducedBatch | undefined }
  /** `isIdentitySpent`: nobody can tell which sequence comes next under this identity. */
  | { readonly kind: 'failed'; readonly error: BrokerError; readonly isIdentitySpent: boolean };

/**
 * Sends the batch, again and again with growing pauses while that can help. An attempt whose outcome is unknown is repeated
 * only under a sequence, where the log stores the batch once. The error's outcome counts all attempts.
 */
export async function deliverBatch(
  { broker, clock, dice }: ClientDeps,
  batch: BatchToDeliver,
  backoff: Backoff,
): Promise<Delivery> {
  let isUnknown = false;
  for (let failures = 0; ; failures++) {
    let error: BrokerError;
    try {
      return { kind: 'stored', produced: await broker.produce(requestOf(batch)) };
    } catch (thrown) {
      error = toBrokerError(thrown);
    }
    if (isStored(error)) return { kind: 'stored', produced: undefined };
    isUnknown ||= error.outcome === 'unknown';
    const pauseMs = error.retryAfterMs ?? backoffMs(backoff, failures, dice);
    const isLate = clock.now() + pauseMs > batch.deadlineMs;
    if (isLate || !canRepeat(error, batch, isUnknown)) {
      return failureOf(batch, error, isUnknown);
    }
    await clock.sleep(pauseMs);
  }
}

/** A batch is made anew for each attempt: the broker may keep the bytes of one that it has not answered. */
function requestOf({ topic, partition, records, compression, sequence }: BatchToDeliver) {
  const batch = encodeBatch(records, {
    compression,
    ...(sequence && { ...sequence.identity, baseSequence: sequence.baseSequence }),
  });
  return { topic, partition, batch };
}

const isStored = ({ code, outcome }: BrokerError): boolean =>
  outcome === 'applied' || code === 'DUPLICATE_SEQUENCE_NUMBER';

/** The topics of Wadi are there for everyone as soon as they are made: one that is not there will not come by waiting. */
const FINAL_CODES: readonly string[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'CORRUPT_MESSAGE'];

function canRepeat(error: BrokerError, { sequence }: BatchToDeliver, isUnknown: boolean): boolean {
  if (!error.retriable || FINAL_CODES.includes(error.code)) return false;
  return sequence !== undefined || !isUnknown;
}

/** The log and this producer do not agree on the sequence. */
const SEQUENCE_CODES: readonly string[] = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
];

function failureOf(
  { topic, partition, records, sequence }: BatchToDeliver,
  error: BrokerError,
  isUnknown: boolean,
): Delivery & { kind: 'failed' } {
  const isIdentitySpent = sequence !== undefined && (isUnknown || SEQUENCE_CODES.includes(error.code));
  const fate = isUnknown ? 'may be stored' : 'are not stored';
  const next = isIdentitySpent
    ? `; the producer goes on with a new id in place of ${sequence.identity.producerId}`
    : '';
  const message = `${records.length} records for ${topic}-${partition} ${fate}: ${error.message}${next}`;
  const outcome = isUnknown ? 'unknown' : 'not-applied';
  return { kind: 'failed', error: error.restated({ message, outcome }), isIdentitySpent };
}
