// What a producer takes and answers, in kafkajs's words where it has them.
import { BrokerError, type BrokerErrorOptions, type ErrorCode } from '../../base/errors.ts';
import type { Compression } from '../../record/batch-header.ts';
import type { Backoff } from '../backoff.ts';
import { checkOneOf, checkRanges, DURATION_MS } from '../check-options.ts';
import type { HeadersInput } from '../headers.ts';
import type { Serializer, StringOrBytes } from '../serializers.ts';

export interface ProducerMessage<Key, Value> {
  /** Decides the partition where none is named. */
  readonly key?: Key | null;
  /** Null: a tombstone in a compacted topic. */
  readonly value: Value | null;
  readonly headers?: HeadersInput;
  readonly partition?: number;
  /** Milliseconds since the Unix epoch, or the same in decimal digits; default: now. */
  readonly timestamp?: number | string;
}

/** max.message.bytes is 1,048,588 by default: this leaves room for what an estimate of sizes misses. */
const BATCH_BYTES_MAX = 900_000;

interface SendOptions {
  /**
   * -1 or 'all' (default) and 1: the promise resolves when the records are durable. 0: it resolves when they are buffered,
   * and what becomes of them is told to `onError` alone.
   */
  // Kafka differs: 1 is as safe as -1, since there is no replica that could lag behind.
  readonly acks?: 0 | 1 | -1 | 'all';
  /** Default: the producer's. */
  readonly compression?: Compression;
}

export interface ProducerRecord<Key, Value> extends SendOptions {
  readonly topic: string;
  readonly messages: readonly ProducerMessage<Key, Value>[];
}

export interface ProducerBatch<Key, Value> extends SendOptions {
  readonly topicMessages: readonly {
    readonly topic: string;
    readonly messages: readonly ProducerMessage<Key, Value>[];
  }[];
}

/** Where a record is. One for each message, in their order (kafkajs: one for each partition, with strings for numbers). */
export interface RecordMetadata {
  readonly topicName: string;
  readonly partition: number;
  /** -1 where the record is stored and its offset is not known: it was a repetition of one that was stored long ago. */
  readonly offset: number;
  /** The stored one. */
  readonly timestampMs: number;
}

/** What a partitioner of the user's is asked. */
export interface PartitionerArguments {
  readonly topic: string;
  /** The topic has partitions 0 to `partitions` - 1. */
  readonly partitions: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

export interface ProducerOptions<Key = StringOrBytes, Value = StringOrBytes> {
  /** Default: strings as UTF-8, bytes as they are. */
  readonly keySerializer?: Serializer<Key>;
  readonly valueSerializer?: Serializer<Value>;
  /** Default: by key as the Java client does it (murmur2), else as `keyless` says. */
  readonly partitioner?: (from: PartitionerArguments) => number;
  /** Records without a key: `sticky` (default) stays with a partition for a batch's worth of bytes, `round-robin` never. */
  readonly keyless?: 'sticky' | 'round-robin';
  /** Default true: repeated requests store a record once. False saves the request for a producer id at the start. */
  readonly idempotent?: boolean;
  /** How long a record waits for others to share its request with. Default 0: those that come while one is under way. */
  readonly lingerMs?: number;
  /** Uncompressed bytes of a batch, a single larger record excepted. Default: 900,000, below the default of max.message.bytes. */
  readonly batchBytesMax?: number;
  /** Records that are not yet acknowledged; beyond it, `send` waits for room. Default: 32 MiB. */
  readonly bufferBytesMax?: number;
  /** From `send` until a record is given up. Default: two minutes. */
  readonly deliveryTimeoutMs?: number;
  /** How long the number of a topic's partitions is believed. Default: five minutes. */
  readonly metadataMaxAgeMs?: number;
  readonly retry?: { readonly initialRetryTimeMs?: number; readonly maxRetryTimeMs?: number };
  /** Default: none. */
  readonly compression?: Compression;
  /** Told of each batch that failed for good with acks 0, of which no promise tells. Default: nobody is. */
  readonly onError?: (error: BrokerError) => void;
}

/** The options of a producer that are not about its types, all of them said. */
export interface ProducerSettings {
  readonly partitioner: ((from: PartitionerArguments) => number) | undefined;
  readonly keyless: 'sticky' | 'round-robin';
  readonly idempotent: boolean;
  readonly lingerMs: number;
  readonly batchBytesMax: number;
  readonly bufferBytesMax: number;
  readonly deliveryTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly backoff: Backoff;
  readonly compression: Compression;
  readonly onError: ((error: BrokerError) => void) | undefined;
}

function checkProducerOptions<Key, Value>(options: ProducerOptions<Key, Value>): void {
  checkOneOf('keyless', options.keyless, ['sticky', 'round-robin']);
  checkRanges(options, {
    ...{ lingerMs: DURATION_MS, deliveryTimeoutMs: { min: 1 }, metadataMaxAgeMs: { min: 0 } },
    ...{ batchBytesMax: { min: 1 }, bufferBytesMax: { min: 1 } },
  });
  checkRanges(options.retry ?? {}, { initialRetryTimeMs: DURATION_MS, maxRetryTimeMs: DURATION_MS });
}

/**
 * How a producer behaves where nothing is said: as Kafka's Java producer, where that has the option. Throws INVALID_REQUEST,
 * with the field, for what cannot be.
 */
export function producerSettingsOf<Key, Value>(options: ProducerOptions<Key, Value>): ProducerSettings {
  checkProducerOptions(options);
  const { partitioner, onError } = options;
  const retry = options.retry ?? {};
  return {
    ...{ partitioner, onError },
    keyless: options.keyless ?? 'sticky',
    idempotent: options.idempotent ?? true,
    lingerMs: options.lingerMs ?? 0,
    batchBytesMax: options.batchBytesMax ?? BATCH_BYTES_MAX,
    bufferBytesMax: options.bufferBytesMax ?? 32 * 1024 * 1024,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 120_000,
    metadataMaxAgeMs: options.metadataMaxAgeMs ?? 300_000,
    backoff: { minMs: retry.initialRetryTimeMs ?? 100, maxMs: retry.maxRetryTimeMs ?? 5_000 },
    compression: options.compression ?? 'none',
  };
}

/** Some records of a `send` are not stored, or may not be. `results` says of each, in the order of the messages. */
export class SendError extends BrokerError {
  readonly results: readonly (RecordMetadata | BrokerError)[];

  constructor(
    code: ErrorCode,
    message: string,
    options: BrokerErrorOptions & { readonly results: readonly (RecordMetadata | BrokerError)[] },
  ) {
    super(code, message, options);
    this.results = options.results;
  }
}
