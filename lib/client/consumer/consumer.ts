// The consumer: by handlers (`run`) or by iteration, in a group or by itself.
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import { retry } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import { bytesSerde, type Deserializer } from '../serializers.ts';
import {
  type ConsumerOptions,
  type ConsumerSettings,
  consumerSettingsOf,
  offsetOf,
  type Subscription,
  type TopicPartition,
  type TopicPartitionOffset,
} from './consumer-options.ts';
import type { Delivery } from './delivery.ts';
import { handledBy, isHandlerOf } from './handling.ts';
import { type ConsumedBatch, iterateBatches, iterateRecords, type Source } from './iterate.ts';
import type { ConsumedRecord, Deserializers } from './message.ts';
import type { PartitionReader } from './partition-reader.ts';
import { type RunOptions, settingsOfRun } from './run-options.ts';
import { Runner } from './runner.ts';
import { Session } from './session.ts';

export interface SubscribeOptions {
  /** One topic, as kafkajs has it too. */
  readonly topic?: string;
  readonly topics?: readonly string[];
  /** Instead of names: all topics whose whole name matches, in RE2's syntax; of a RegExp its source is taken. */
  readonly pattern?: string | RegExp;
  /** Where nothing is committed: true begins at the first record, false (default) with those that come. */
  readonly fromBeginning?: boolean;
}

/** Reads topics. It joins its group at the first poll, that is with `run` or iteration, and ends with `disconnect`. */
export class Consumer<Key = Buffer, Value = Buffer> implements AsyncIterable<ConsumedRecord<Key, Value>> {
  readonly #deps: ClientDeps;
  readonly #deserializers: Deserializers<Key, Value>;
  #settings: ConsumerSettings;
  #subscription: Subscription | undefined;
  #session: Session | undefined;
  #runner: Runner<Key, Value> | undefined;
  #finished: Promise<void> | undefined;
  #held: Delivery | undefined;
  #isClosed = false;
  #disconnecting: Promise<void> | undefined;

  constructor(deps: ClientDeps, options: ConsumerOptions<Key, Value>) {
    this.#deps = deps;
    this.#settings = consumerSettingsOf(options);
    this.#deserializers = {
      key: options.keyDeserializer ?? (bytesSerde.deserialize as Deserializer<Key>),
      value: options.valueDeserializer ?? (bytesSerde.deserialize as Deserializer<Value>),
    };
  }

  /** Does nothing, and is here as kafkajs's is: the first poll connects. */
  connect(): Promise<void> {
    return Promise.resolve();
  }

  /** Says what to read; once more before the first poll adds topics. Throws INVALID_REQUEST without a group, or after the first poll. */
  subscribe({ topic, topics = [], pattern, fromBeginning }: SubscribeOptions): Promise<void> {
    if (this.#settings.groupId === undefined)
      return refused('subscribe needs a groupId: without one, use assign');
    if (this.#session !== undefined) return refused('subscribe comes before run, iteration and assign');
    const before = this.#subscription;
    const names = new Set([...(before?.topics ?? []), ...topics, ...(topic === undefined ? [] : [topic])]);
    const source = pattern instanceof RegExp ? pattern.source : pattern;
    this.#subscription = { topics: [...names], pattern: source ?? before?.pattern };
    if (fromBeginning !== undefined)
      this.#settings = { ...this.#settings, autoOffsetReset: fromBeginning ? 'earliest' : 'latest' };
    return Promise.resolve();
  }

  /**
   * Reads exactly these partitions from now on, without a group's say; from `offset`, else from what the groupId has
   * committed, else as autoOffsetReset says. A record that a loop has in hand counts as not processed. Throws
   * INVALID_REQUEST for a consumer that has subscribed, and for its handlers, which it waits for.
   */
  async assign(
    partitions: readonly (TopicPartition & { readonly offset?: number | string })[],
  ): Promise<void> {
    if (this.#subscription !== undefined) return refused('assign and subscribe exclude each other');
    if (isHandlerOf(this)) return refused('assign waits for handlers: a handler cannot call it');
    const places = partitions.map(({ topic, partition, offset }) => ({
      ...{ topic, partition },
      ...(offset !== undefined && { offset: offsetOf({ topic, partition, offset }) }),
    }));
    this.#held?.finish({ isComplete: false });
    await this.#open().assign(places);
  }

  /**
   * Runs handlers until `stop` or `disconnect`; resolves when they are started. A handler that throws is called again, with
   * growing pauses, from the message on that it failed at; when it fails too often in a row, the consumer leaves its group
   * and `finished` rejects. It may then run again: assigned partitions go on where they were.
   */
  async run(options: RunOptions<Key, Value>): Promise<void> {
    if (this.#runner !== undefined) return refused('the consumer runs already');
    const settings = settingsOfRun(this.#settings, options);
    const session = this.#open();
    session.reschedule(settings);
    const runner: Runner<Key, Value> = new Runner(this.#deps, {
      ...{ session, settings, consumer: this, run: options, deserializers: this.#deserializers },
      onFailed: () => this.#endRun(runner, session),
    });
    this.#runner = runner;
    this.#finished = runner.finished;
    return Promise.resolve();
  }

  /** Of the last `run`: resolves when it was stopped, rejects with what ended it. Undefined before. */
  get finished(): Promise<void> | undefined {
    return this.#finished;
  }

  /**
   * Records, for ever: the loop ends when the consumer is disconnected. Asking for the next record says that the one before
   * is processed. Leaving the loop says that the last one is not, and a new loop begins with it.
   */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumedRecord<Key, Value>, void, undefined> {
    return iterateRecords(this.#source(), this.#deserializers);
  }

  /** Batches, likewise: what one fetch brought of one partition. */
  batches(): AsyncGenerator<ConsumedBatch<Key, Value>, void, undefined> {
    return iterateBatches(this.#source(), this.#deserializers);
  }

  /**
   * Commits these offsets, or where none are given all that is processed. Throws the first error, with what happened to the
   * rest; in a group also for a partition that is not assigned, and for one that was lost with the record in hand. At most
   * once, an offset below what was committed ahead changes nothing until `seek`.
   */
  async commitOffsets(offsets?: readonly TopicPartitionOffset[]): Promise<void> {
    if (offsets === undefined) return this.#opened().autoCommit.commit();
    await this.#opened().commitOffsets(
      offsets.map((place) => ({
        ...{ topic: place.topic, partition: place.partition, offset: offsetOf(place) },
        ...(typeof place.metadata === 'string' && { metadata: place.metadata }),
      })),
      handledBy(this) ?? this.#held,
    );
  }

  /** Goes on at an offset. Throws INVALID_REQUEST for a partition that is not assigned. */
  seek(place: TopicPartitionOffset): void {
    const offset = offsetOf(place);
    this.#assigned(place).seek(offset);
  }

  /** Hands out no more of these, whole topics where no partitions are named, until `resume`. Those not assigned are passed over. */
  pause(places: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]): void {
    for (const reader of this.#matching(places)) reader.setPaused(true);
  }

  resume(places: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]): void {
    for (const reader of this.#matching(places)) reader.setPaused(false);
  }

  /** The partitions that are paused. */
  paused(): readonly TopicPartition[] {
    return this.#readers()
      .filter(({ isPaused }) => isPaused)
      .map(placeOf);
  }

  /** The partitions that the consumer reads now. */
  assignment(): readonly TopicPartition[] {
    return this.#readers().map(placeOf);
  }

  /** The next offset to process. Throws INVALID_REQUEST for a partition that is not assigned. */
  position(place: TopicPartition): number | undefined {
    return this.#assigned(place).position;
  }

  /** What the group has committed of these; undefined: nothing. Throws INVALID_REQUEST without a groupId, and storage errors. */
  async committed(places: readonly TopicPartition[]): Promise<readonly (number | undefined)[]> {
    const { groupId, backoff } = this.#settings;
    if (groupId === undefined) return refused('committed needs a groupId');
    const partitions = places.map(placeOf);
    const deadlineMs = this.#deps.clock.now() + REQUEST_TIMEOUT_MS;
    const found = await retry(this.#deps, { deadlineMs, ...backoff }, () =>
      this.#deps.broker.groups.fetchOffsets({ groupId, partitions }),
    );
    return partitions.map(
      ({ topic, partition }) =>
        found.find((one) => one.topic === topic && one.partition === partition)?.offset,
    );
  }

  /** Ends `run`: handlers finish the message they have. Resolves when they have; at once where one of them calls it. */
  async stop(): Promise<void> {
    const stopped = this.#runner?.stop();
    this.#runner = undefined;
    if (!isHandlerOf(this)) await stopped;
  }

  /**
   * Stops, commits what is processed and leaves the group. A record that a loop has in hand counts as not processed. Throws
   * where the group could not be told: it then waits for the session timeout. A handler that calls it is not waited for: it
   * resolves at once, the rest is done when the handler has returned, and a failure goes to `onError`. Not to be awaited by a
   * rebalance listener, for which it waits.
   */
  async disconnect(): Promise<void> {
    const disconnected = this.close();
    if (!isHandlerOf(this)) return disconnected;
    disconnected.catch((error: unknown) => {
      this.#settings.onError(toBrokerError(error));
    });
  }

  /** As `disconnect`, but always to its end: not to be awaited by a handler. */
  close(): Promise<void> {
    this.#disconnecting ??= this.#disconnect();
    return this.#disconnecting;
  }

  async #disconnect(): Promise<void> {
    this.#isClosed = true;
    await this.#runner?.stop();
    this.#runner = undefined;
    this.#held?.finish({ isComplete: false });
    try {
      await this.#session?.close();
    } finally {
      this.#session = undefined;
    }
  }

  /** A member of a group leaves it, so that the others take its partitions over. Assigned partitions wait for the next run. */
  async #endRun(runner: Runner<Key, Value>, session: Session): Promise<void> {
    if (this.#subscription !== undefined) {
      await session.close().catch((error: unknown) => {
        this.#settings.onError(toBrokerError(error));
      });
      if (this.#session === session) this.#session = undefined;
    }
    if (this.#runner === runner) this.#runner = undefined;
  }

  #open(): Session {
    if (this.#isClosed) throw new BrokerError('INVALID_REQUEST', 'the consumer is disconnected');
    if (this.#session === undefined || this.#session.isClosing) {
      this.#session = new Session(this.#deps, {
        settings: this.#settings,
        ...(this.#subscription !== undefined && { subscription: this.#subscription }),
        ...(this.#session !== undefined && { previous: this.#session }),
      });
    }
    return this.#session;
  }

  #opened(): Session {
    if (this.#session !== undefined) return this.#session.current;
    throw new BrokerError(
      'INVALID_REQUEST',
      'the consumer has no partitions yet: run, iterate or assign first',
    );
  }

  #source(): Source {
    return {
      take: () => {
        if (this.#isClosed) return Promise.resolve(undefined);
        const session = this.#open();
        // What the last run said of commits was for that run.
        if (this.#runner === undefined) session.reschedule(this.#settings);
        return session.take();
      },
      onHolding: (delivery) => {
        this.#held = delivery;
      },
    };
  }

  #readers(): readonly PartitionReader[] {
    return this.#session?.current.pool.readers ?? [];
  }

  #matching(
    places: readonly { readonly topic: string; readonly partitions?: readonly number[] }[],
  ): readonly PartitionReader[] {
    return this.#readers().filter(({ topic, partition }) =>
      places.some((place) => place.topic === topic && (place.partitions?.includes(partition) ?? true)),
    );
  }

  #assigned({ topic, partition }: TopicPartition): PartitionReader {
    const reader = this.#session?.current.pool.find(topic, partition);
    if (reader !== undefined) return reader;
    throw new BrokerError('INVALID_REQUEST', `${topic}-${partition} is not assigned to this consumer`);
  }
}

/** How long a question of the user's is tried: Kafka's default.api.timeout.ms. */
const REQUEST_TIMEOUT_MS = 60_000;

const placeOf = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });

function refused(message: string): Promise<never> {
  return Promise.reject(new BrokerError('INVALID_REQUEST', message));
}
