// What a consumer hands out: records with keys and values as their deserializers make them.
import { BrokerError } from '../../base/errors.ts';
import type { PlacedRecord } from '../../record/record.ts';
import { bufferOf, fromRecordHeaders, type MessageHeaders } from '../headers.ts';
import type { Deserializer } from '../serializers.ts';

export interface Message<Key, Value> {
  readonly key: Key | null;
  readonly value: Value | null;
  readonly offset: number;
  /** Milliseconds since the Unix epoch (kafkajs: a string), -1 where the record has none. */
  readonly timestamp: number;
  readonly headers: MessageHeaders;
}

/** A message with its place: what `for await (const record of consumer)` gives. */
export interface ConsumedRecord<Key, Value> extends Message<Key, Value> {
  readonly topic: string;
  readonly partition: number;
}

export interface Deserializers<Key, Value> {
  readonly key: Deserializer<Key>;
  readonly value: Deserializer<Value>;
}

/** Throws INVALID_RECORD, which names the record, where a deserializer throws: `seek` behind it goes on without it. */
export function toMessage<Key, Value>(
  place: { readonly topic: string; readonly partition: number },
  record: PlacedRecord,
  deserializers: Deserializers<Key, Value>,
): Message<Key, Value> {
  const { topic, partition } = place;
  const read = <T>(what: 'key' | 'value', deserialize: Deserializer<T>): T | null => {
    const bytes = record[what];
    if (bytes === null) return null;
    try {
      return deserialize(bufferOf(bytes), topic);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `the ${what} at offset ${record.offset} of ${topic}-${partition} cannot be read: ${reason}; the next record is at ${record.offset + 1}`;
      throw new BrokerError('INVALID_RECORD', message, { cause });
    }
  };
  return {
    key: read('key', deserializers.key),
    value: read('value', deserializers.value),
    offset: record.offset,
    timestamp: record.timestampMs,
    headers: fromRecordHeaders(record.headers),
  };
}
