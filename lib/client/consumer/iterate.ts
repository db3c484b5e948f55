// A consumer as async iterators: of records, and of batches. What was handed out is processed when the next is asked for.
import { type Deserializers, type ConsumedRecord, type Message, toMessage } from './message.ts';
import type { Delivery } from './delivery.ts';

/** Where records are taken from. */
export interface Source {
  take(): Promise<Delivery | undefined>;
  /** Called with what is in the hands of the loop, and with undefined when it no longer is. */
  readonly onHolding: (delivery: Delivery | undefined) => void;
}

/** Messages of one partition, in their order; at least one. */
export interface ConsumedBatch<Key, Value> {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: number;
  readonly messages: readonly Message<Key, Value>[];
}

/**
 * Each record. Asking for the next one says that the one before is processed; leaving the loop, by `break` or by an error,
 * says that the last one is not: it comes again.
 */
export async function* iterateRecords<Key, Value>(
  source: Source,
  deserializers: Deserializers<Key, Value>,
): AsyncGenerator<ConsumedRecord<Key, Value>, void, undefined> {
  for await (const delivery of deliveries(source)) {
    const { topic, partition } = delivery;
    for (const record of delivery.records) {
      if (delivery.isEnding || delivery.isPaused) break;
      delivery.handOut(record.offset);
      yield { topic, partition, ...toMessage(delivery, record, deserializers) };
      delivery.resolve(record.offset);
      if (record === delivery.records.at(-1)) delivery.finish({ isComplete: true });
    }
  }
}

/** Each batch, likewise: asking for the next one says that all of the one before is processed. */
export async function* iterateBatches<Key, Value>(
  source: Source,
  deserializers: Deserializers<Key, Value>,
): AsyncGenerator<ConsumedBatch<Key, Value>, void, undefined> {
  for await (const delivery of deliveries(source)) {
    const { topic, partition, highWatermark } = delivery;
    const messages = delivery.records.map((record) => toMessage(delivery, record, deserializers));
    delivery.handOut(delivery.nextOffset - 1);
    yield { topic, partition, highWatermark, messages };
    delivery.resolve(delivery.nextOffset - 1);
    delivery.finish({ isComplete: true });
  }
}

/** Deliveries one by one; one that was not finished when the loop goes on, or ends, is returned as it is. */
async function* deliveries(source: Source): AsyncGenerator<Delivery, void, undefined> {
  for (;;) {
    const delivery = await source.take();
    if (delivery === undefined) return;
    source.onHolding(delivery);
    try {
      yield delivery;
    } finally {
      delivery.finish({ isComplete: false });
      source.onHolding(undefined);
    }
  }
}
