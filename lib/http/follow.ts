// Follows several partitions at once without holding more than one fetch of each: a slow reader stops the fetching.
import { type BrokerError, toBrokerError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { RecordBroker, FetchedBatches } from '../broker/broker.ts';
import type { Topic } from '../topics/topic.ts';
import { offsetAfter } from './offset-after.ts';
import {
  STREAM_BUFFER_BYTES_MAX,
  STREAM_FETCH_BYTES_MAX,
  STREAM_HEARTBEAT_MS,
  STREAM_RETRY_MS,
} from './limits.ts';

/** Batches of one partition, to be read from `offset` on; or a silence of STREAM_HEARTBEAT_MS. */
export type Followed =
  | {
      readonly kind: 'batches';
      readonly partition: number;
      readonly offset: number;
      readonly batches: Uint8Array;
    }
  | { readonly kind: 'silence' };

export interface FollowOptions {
  readonly topic: Pick<Topic, 'name' | 'topicId'>;
  /** Where each partition goes on. */
  readonly positions: ReadonlyMap<number, number>;
  /** Ends the following at once. */
  readonly signal: AbortSignal;
}

type Arrival =
  | { readonly partition: number; readonly offset: number; readonly fetched: FetchedBatches }
  | { readonly partition: number; readonly offset: number; readonly error: BrokerError };

/** How long one fetch of a stream waits in the broker. */
const FETCH_WAIT_MS = 10_000;

/**
 * Yields what arrives, partition by partition in offset order. A partition is fetched on only after its last batches
 * were taken. Passing errors of the storage are waited out; others are thrown.
 */
export async function* follow(
  { broker, clock }: { readonly broker: RecordBroker; readonly clock: Clock },
  { topic, positions, signal }: FollowOptions,
): AsyncGenerator<Followed, void> {
  const arrivals = arrivalQueue(clock, signal);
  const maxBytes = Math.min(
    STREAM_FETCH_BYTES_MAX,
    Math.ceil(STREAM_BUFFER_BYTES_MAX / Math.max(1, positions.size)),
  );
  const place = { topic: topic.name, topicId: topic.topicId };
  const fetchFrom = (partition: number, offset: number, delayMs = 0): void => {
    const fetching = clock
      .sleep(delayMs, signal)
      .then(() => broker.fetch({ ...place, partition, offset, maxBytes, maxWaitMs: FETCH_WAIT_MS, signal }))
      .then(
        (fetched): Arrival => ({ partition, offset, fetched }),
        (error: unknown): Arrival => ({ partition, offset, error: toBrokerError(error) }),
      );
    void fetching.then(arrivals.push);
  };
  for (const [partition, offset] of positions) fetchFrom(partition, offset);
  while (!signal.aborted) {
    const arrival = await arrivals.next(STREAM_HEARTBEAT_MS);
    if (arrival === undefined) {
      yield { kind: 'silence' };
      continue;
    }
    const { partition, offset } = arrival;
    if ('error' in arrival) {
      if (!isPassing(arrival.error)) throw arrival.error;
      fetchFrom(partition, offset, arrival.error.retryAfterMs ?? STREAM_RETRY_MS);
      continue;
    }
    const { batches } = arrival.fetched;
    if (batches.length > 0) yield { kind: 'batches', partition, offset, batches };
    fetchFrom(partition, offsetAfter(batches, offset));
  }
}

/** Errors that go away by themselves; that a topic is gone is not one of them, though Kafka's clients retry it. */
function isPassing({ code }: BrokerError): boolean {
  return (
    code === 'THROTTLING_QUOTA_EXCEEDED' || code === 'KAFKA_STORAGE_ERROR' || code === 'REQUEST_TIMED_OUT'
  );
}

interface ArrivalQueue {
  readonly push: (arrival: Arrival) => void;
  /** The oldest arrival, or undefined after `waitMs` without one and when the signal is aborted. */
  readonly next: (waitMs: number) => Promise<Arrival | undefined>;
}

function arrivalQueue(clock: Clock, signal: AbortSignal): ArrivalQueue {
  const waiting: Arrival[] = [];
  let wake = (): void => undefined;
  return {
    push: (arrival) => {
      waiting.push(arrival);
      wake();
    },
    next: async (waitMs) => {
      if (waiting.length === 0) {
        const timer = new AbortController();
        wake = () => {
          timer.abort();
        };
        await clock.sleep(waitMs, AbortSignal.any([signal, timer.signal]));
      }
      return signal.aborted ? undefined : waiting.shift();
    },
  };
}
