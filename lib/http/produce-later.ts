// What acks=0 produces in a process that goes on running: in the background, in order for each partition, within a bound.
import { BrokerError } from '../base/errors.ts';
import type { Broker, ProduceRequest } from '../broker/broker.ts';
import { PRODUCE_LATER_BYTES_MAX } from './limits.ts';

export interface BackgroundProducer {
  /** For HttpDeps. Throws THROTTLING_QUOTA_EXCEEDED while PRODUCE_LATER_BYTES_MAX are waiting. */
  readonly produceLater: (requests: readonly ProduceRequest[]) => Promise<void>;
  /** Resolves when nothing is waiting any more: for a process that stops. */
  readonly drain: () => Promise<void>;
}

export interface BackgroundProducerDeps {
  readonly broker: Pick<Broker, 'produce'>;
  /** Told of each request that failed: nobody else is. */
  readonly onError: (error: unknown, request: ProduceRequest) => void;
  /** Default: PRODUCE_LATER_BYTES_MAX. */
  readonly bytesMax?: number;
}

/** Produces in the background. */
export function createBackgroundProducer({
  broker,
  onError,
  bytesMax = PRODUCE_LATER_BYTES_MAX,
}: BackgroundProducerDeps): BackgroundProducer {
  const lastOf = new Map<string, Promise<void>>();
  let waitingBytes = 0;

  const send = async (request: ProduceRequest, before: Promise<void> | undefined): Promise<void> => {
    await before;
    try {
      await broker.produce(request);
    } catch (error) {
      onError(error, request);
    } finally {
      waitingBytes -= request.batch.length;
    }
  };

  const enqueue = (request: ProduceRequest): void => {
    const place = `${request.topic}/${request.partition}`;
    waitingBytes += request.batch.length;
    const sent = send(request, lastOf.get(place)).then(() => {
      if (lastOf.get(place) === sent) lastOf.delete(place);
    });
    lastOf.set(place, sent);
  };

  return {
    produceLater: (requests) => {
      const bytes = requests.reduce((sum, { batch }) => sum + batch.length, 0);
      if (waitingBytes + bytes > bytesMax) {
        const message = `acks=0 may have ${bytesMax} bytes waiting to be stored, got ${bytes} more than ${waitingBytes}`;
        return Promise.reject(new BrokerError('THROTTLING_QUOTA_EXCEEDED', message));
      }
      requests.forEach(enqueue);
      return Promise.resolve();
    },
    drain: async () => {
      while (lastOf.size > 0) await Promise.all(lastOf.values());
    },
  };
}
