// What an acks=0 request becomes on its way to the function that produces it.
import { BrokerError } from '../lib/base/errors.ts';
import { EVENT_BYTES_MAX } from './invoke-later.ts';
import type { ProduceRequest } from '../lib/broker/broker.ts';

/** Batches in their order; `batch` is base64. */
export interface ProduceLaterEvent {
  readonly requests: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly batch: string;
  }[];
}

/** Room for the names around the batches. */
const FRAME_BYTES = 64;
const REQUEST_FRAME_BYTES = 64;

/** Throws RECORD_LIST_TOO_LARGE (not-applied) where Lambda would not take it. */
export function toProduceLaterEvent(requests: readonly ProduceRequest[]): ProduceLaterEvent {
  const bytes = requests.reduce(
    (sum, { topic, batch }) => sum + REQUEST_FRAME_BYTES + topic.length + 4 * Math.ceil(batch.length / 3),
    FRAME_BYTES,
  );
  if (bytes > EVENT_BYTES_MAX) {
    const message = `acks=0 takes ${EVENT_BYTES_MAX} bytes of batches in base64, got ${bytes}: send fewer records, or acks=1`;
    throw new BrokerError('RECORD_LIST_TOO_LARGE', message, { field: 'records' });
  }
  return {
    requests: requests.map(({ batch, ...place }) => ({
      ...place,
      batch: Buffer.from(batch.buffer, batch.byteOffset, batch.length).toString('base64'),
    })),
  };
}

/** The requests of an event, in their order. Throws INVALID_REQUEST for what no `toProduceLaterEvent` made. */
export function readProduceLaterEvent(event: unknown): readonly ProduceRequest[] {
  const requests = (event as Partial<ProduceLaterEvent> | null | undefined)?.requests;
  if (!Array.isArray(requests)) throw invalid('requests', 'must be a list');
  return requests.map((request: unknown, index) => {
    const { topic, partition, batch } = (request ?? {}) as Record<string, unknown>;
    const field = `requests[${index}]`;
    if (typeof topic !== 'string') throw invalid(`${field}.topic`, 'must be the name of a topic');
    if (typeof partition !== 'number') throw invalid(`${field}.partition`, 'must be a number');
    if (typeof batch !== 'string') throw invalid(`${field}.batch`, 'must be a record batch in base64');
    return { topic, partition, batch: Buffer.from(batch, 'base64') };
  });
}

const invalid = (field: string, rule: string): BrokerError =>
  new BrokerError('INVALID_REQUEST', `${field} ${rule}`, { field });
