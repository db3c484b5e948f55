// All partitions that a consumer reads, and the one place where their records are taken from.
import type { BrokerError } from '../../base/errors.ts';
import { toBrokerError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { Wakeup } from '../wakeup.ts';
import { Delivery } from './delivery.ts';
import { recordsOfChunk, type FetchedChunk } from './fetched-chunk.ts';
import type { PartitionReader } from './partition-reader.ts';

export interface ReaderPoolOptions {
  readonly clock: Clock;
  /** Told of records that were processed. */
  readonly onProcessed: (records: number) => void;
}

/** Owned by one consumer. */
export class ReaderPool {
  readonly #options: ReaderPoolOptions;
  readonly #changed = new Wakeup();
  readonly #outstanding = new Set<Delivery>();
  #readers: PartitionReader[] = [];
  #failure: BrokerError | undefined;
  #waiting = 0;
  #takenAtMs: number;
  #isClosed = false;

  constructor(options: ReaderPoolOptions) {
    this.#options = options;
    this.#takenAtMs = options.clock.now();
  }

  get readers(): readonly PartitionReader[] {
    return this.#readers;
  }

  find(topic: string, partition: number): PartitionReader | undefined {
    return this.#readers.find((reader) => reader.topic === topic && reader.partition === partition);
  }

  add(readers: readonly PartitionReader[]): void {
    this.#readers.push(...readers);
    this.wake();
  }

  remove(readers: readonly PartitionReader[]): void {
    this.#readers = this.#readers.filter((reader) => !readers.includes(reader));
  }

  /** Lets those who wait in `take` look again. */
  readonly wake = (): void => {
    this.#changed.wake();
  };

  /** The next `take` throws `error`; the first of several. */
  fail(error: BrokerError): void {
    this.#failure ??= error;
    this.wake();
  }

  /** Ends all `take`, now and later. */
  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  /**
   * How long the user has been away: neither waiting for records nor showing progress with those in hand. 0 while somebody
   * waits and nothing is in hand.
   */
  get idleMs(): number {
    const now = this.#options.clock.now();
    const oldest = Math.min(...[...this.#outstanding].map(({ progressMs }) => progressMs));
    if (Number.isFinite(oldest)) return now - oldest;
    return this.#waiting > 0 ? 0 : now - this.#takenAtMs;
  }

  /**
   * Waits for records of any partition, each in turn; undefined when the pool is closed or the signal aborted. Throws as
   * `throwFailure`.
   */
  async take(signal?: AbortSignal): Promise<Delivery | undefined> {
    for (;;) {
      this.throwFailure();
      if (this.#isClosed || signal?.aborted === true) return undefined;
      const delivery = this.#next();
      if (delivery !== undefined) return delivery;
      await this.#changed.wait(signal);
    }
  }

  /** While `polling` goes on, the user is here. */
  async whilePolled<T>(polling: () => Promise<T>): Promise<T> {
    this.#waiting++;
    try {
      return await polling();
    } finally {
      this.#waiting--;
      this.#takenAtMs = this.#options.clock.now();
    }
  }

  /** Throws what `fail` was given since the last time, or what a reader does not get over by itself. */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    for (const reader of this.#readers) {
      const error = reader.takeFailure();
      if (error !== undefined) throw error;
    }
  }

  #next(): Delivery | undefined {
    for (const reader of this.#readers) {
      const chunk = reader.take();
      if (chunk === undefined) continue;
      // The others come first next time.
      this.#readers = [...this.#readers.filter((one) => one !== reader), reader];
      const delivery = this.#deliver(reader, chunk);
      if (delivery !== undefined) return delivery;
    }
    return undefined;
  }

  #deliver(reader: PartitionReader, chunk: FetchedChunk): Delivery | undefined {
    try {
      const records = recordsOfChunk(chunk);
      const delivery = new Delivery(reader, {
        ...{ records, chunk },
        now: () => this.#options.clock.now(),
        onProcessed: this.#options.onProcessed,
        onReturned: (returned) => this.#outstanding.delete(returned),
      });
      if (records.length > 0) {
        this.#outstanding.add(delivery);
        return delivery;
      }
      delivery.finish({ isComplete: true });
      return undefined;
    } catch (error) {
      reader.release({ isComplete: false });
      throw toBrokerError(error);
    }
  }
}
