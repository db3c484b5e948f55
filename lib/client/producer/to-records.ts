// From a user's messages to records, all of them before the first is queued: a message that cannot be written stops none half-way.
import { BrokerError } from '../../base/errors.ts';
import type { LogRecord } from '../../record/record.ts';
import { toRecordHeaders } from '../headers.ts';
import type { Serializer } from '../serializers.ts';
import type { ProducerMessage } from './producer-options.ts';

export interface PlacedMessage {
  readonly record: LogRecord;
  readonly partition: number | undefined;
}

export interface Serializers<Key, Value> {
  readonly key: Serializer<Key>;
  readonly value: Serializer<Value>;
}

/** Serializes. Throws INVALID_RECORD or INVALID_TIMESTAMP that names the message: nothing is sent then. */
export function toRecords<Key, Value>(
  topic: string,
  messages: readonly ProducerMessage<Key, Value>[],
  { serializers, nowMs }: { readonly serializers: Serializers<Key, Value>; readonly nowMs: number },
): readonly PlacedMessage[] {
  return messages.map((message, at) => {
    const field = `messages[${at}]`;
    return {
      partition: message.partition,
      record: {
        timestampMs: timestampOf(message.timestamp, nowMs, field),
        key: written(message.key, serializers.key, { topic, field: `${field}.key` }),
        value: written(message.value, serializers.value, { topic, field: `${field}.value` }),
        headers: toRecordHeaders(message.headers),
      },
    };
  });
}

function timestampOf(timestamp: number | string | undefined, nowMs: number, field: string): number {
  if (timestamp === undefined) return nowMs;
  const timestampMs = typeof timestamp === 'number' ? timestamp : decimalOf(timestamp);
  if (Number.isSafeInteger(timestampMs) && timestampMs >= 0) return timestampMs;
  throw new BrokerError(
    'INVALID_TIMESTAMP',
    `${field}.timestamp must be milliseconds since 1970, got ${timestamp}`,
    { field: `${field}.timestamp` },
  );
}

const decimalOf = (text: string): number => (/^\d{1,16}$/.test(text) ? Number(text) : NaN);

function written<T>(
  value: T | null | undefined,
  serialize: Serializer<T>,
  { topic, field }: { readonly topic: string; readonly field: string },
): Uint8Array | null {
  if (value === undefined || value === null) return null;
  let bytes: unknown;
  try {
    bytes = serialize(value, topic);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BrokerError('INVALID_RECORD', `${field} for ${topic} cannot be written: ${reason}`, {
      field,
      cause,
    });
  }
  if (bytes instanceof Uint8Array) return bytes;
  const message = `${field} for ${topic} must be written as bytes, got ${typeof bytes}: is a serializer missing?`;
  throw new BrokerError('INVALID_RECORD', message, { field });
}
