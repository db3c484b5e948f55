// The producer: takes messages, keeps within its buffer, and tells of each message where it is or what went wrong.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { Compression } from '../../record/batch-header.ts';
import type { ClientDeps } from '../client-deps.ts';
import { type Serializer, stringOrBytes, type StringOrBytes } from '../serializers.ts';
import { BufferBudget } from './buffer-budget.ts';
import { recordBytesOf } from './pending-record.ts';
import { ProducerIdentity } from './producer-identity.ts';
import {
  type ProducerBatch,
  type ProducerOptions,
  type ProducerRecord,
  type ProducerSettings,
  producerSettingsOf,
  type RecordMetadata,
} from './producer-options.ts';
import { summarize } from './send-result.ts';
import { type PlacedMessage, type Serializers, toRecords } from './to-records.ts';
import { TopicLane } from './topic-lane.ts';

type Result = RecordMetadata | BrokerError;

/** Records of one partition are stored in the order of the calls of `send`. Ends with `disconnect`. */
export class Producer<Key = StringOrBytes, Value = StringOrBytes> {
  readonly #deps: ClientDeps;
  readonly #settings: ProducerSettings;
  readonly #serializers: Serializers<Key, Value>;
  readonly #budget: BufferBudget;
  readonly #identity: ProducerIdentity | undefined;
  readonly #lanes = new Map<string, Lane>();
  #isClosed = false;

  constructor(deps: ClientDeps, options: ProducerOptions<Key, Value> = {}) {
    this.#deps = deps;
    this.#settings = producerSettingsOf(options);
    this.#serializers = {
      key: options.keySerializer ?? (stringOrBytes as Serializer<Key>),
      value: options.valueSerializer ?? (stringOrBytes as Serializer<Value>),
    };
    this.#budget = new BufferBudget(this.#settings.bufferBytesMax);
    this.#identity = this.#settings.idempotent ? new ProducerIdentity(deps.broker) : undefined;
  }

  /** Bytes of records that are not acknowledged yet. */
  get bufferedBytes(): number {
    return this.#budget.bytesLent;
  }

  /** Does what the first `send` would otherwise do. Throws what `initProducerId` throws. */
  async connect(): Promise<void> {
    await this.#identity?.current();
  }

  /**
   * Sends messages to a topic, and resolves as `acks` says; waits for room in the buffer before. Throws a SendError that
   * tells of each message where any failed; INVALID_RECORD and INVALID_TIMESTAMP before any is sent.
   */
  async send(request: ProducerRecord<Key, Value>): Promise<readonly RecordMetadata[]> {
    const { topic, messages, ...options } = request;
    return this.sendBatch({ ...options, topicMessages: [{ topic, messages }] });
  }

  /** As `send`, for several topics. Nothing is all or nothing: each record stands for itself. */
  async sendBatch(request: ProducerBatch<Key, Value>): Promise<readonly RecordMetadata[]> {
    if (this.#isClosed) {
      throw new BrokerError('INVALID_REQUEST', 'the producer is disconnected, nothing was sent');
    }
    const nowMs = this.#deps.clock.now();
    const { compression = this.#settings.compression } = request;
    const serialized = request.topicMessages.map(({ topic, messages }) => ({
      topic,
      records: toRecords(topic, messages, { serializers: this.#serializers, nowMs }),
    }));
    const admitted = await Promise.all(
      serialized.map(({ topic, records }) => this.#admit(topic, records, compression)),
    );
    const settled = Promise.all(admitted.flat()).then(summarize);
    if (request.acks !== 0) return settled;
    settled.catch((error: unknown) => this.#settings.onError?.(toBrokerError(error)));
    return [];
  }

  /** Resolves when all that was sent before is stored or has failed; records do not linger meanwhile. Never throws. */
  async flush(): Promise<void> {
    await Promise.all(
      [...this.#lanes.values()].map(async (entry) => {
        await entry.admitted;
        await entry.lane.flush();
      }),
    );
  }

  /** Sends what is buffered, and takes no more. */
  async disconnect(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  /** Each topic admits its own calls in their order, whatever others wait for. */
  async #admit(
    topic: string,
    messages: readonly PlacedMessage[],
    compression: Compression,
  ): Promise<readonly Promise<Result>[]> {
    const entry = this.#laneOf(topic);
    const admission = entry.admitted.then(() => this.#enqueue(entry.lane, messages, compression));
    entry.admitted = admission.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await admission;
    } catch (thrown) {
      const error = toBrokerError(thrown).restated({ outcome: 'not-applied' });
      return messages.map(() => Promise.resolve(error));
    }
  }

  /** Places all, then takes one after the other into the buffer and hands it to its partition. Throws before the first. */
  async #enqueue(
    lane: TopicLane,
    messages: readonly PlacedMessage[],
    compression: Compression,
  ): Promise<readonly Promise<Result>[]> {
    await lane.prepare(this.#deps.clock.now() + this.#settings.deliveryTimeoutMs);
    const placed = messages.map(({ record, partition }) => {
      const bytes = recordBytesOf(record);
      return { record, bytes, queue: lane.queueOf(lane.place(record, bytes, partition)) };
    });
    const results: Promise<Result>[] = [];
    for (const { record, bytes, queue } of placed) {
      const room = this.#roomFor(bytes);
      if (room !== undefined) await room;
      const { promise, resolve } = Promise.withResolvers<Result>();
      results.push(promise);
      queue.add({
        ...{ record, bytes, compression, enqueuedAtMs: this.#deps.clock.now() },
        settle: (result) => {
          this.#budget.giveBack(bytes);
          if (result instanceof BrokerError && result.code === 'UNKNOWN_TOPIC_OR_PARTITION') lane.forget();
          resolve(result);
        },
      });
    }
    return results;
  }

  #roomFor(bytes: number): Promise<void> | undefined {
    const room = this.#budget.take(bytes);
    if (room !== undefined) for (const { lane } of this.#lanes.values()) lane.hurry();
    return room;
  }

  #laneOf(topic: string): Lane {
    const known = this.#lanes.get(topic);
    if (known !== undefined) return known;
    const entry = {
      lane: new TopicLane(this.#deps, {
        ...this.#settings,
        ...{ topic, identity: this.#identity, isRoomWanted: () => this.#budget.isWanted },
      }),
      admitted: Promise.resolve(),
    };
    this.#lanes.set(topic, entry);
    return entry;
  }
}

interface Lane {
  readonly lane: TopicLane;
  /** The end of the last call that was admitted. */
  admitted: Promise<void>;
}
