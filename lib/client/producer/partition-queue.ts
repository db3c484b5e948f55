// The records of one partition that wait to be sent: batched, one batch in flight, so that they are stored in their order.
import { present } from '../../base/assert.ts';
import { BrokerError, toBrokerError } from '../../base/errors.ts';
import type { ProducedBatch } from '../../broker/broker.ts';
import { retry } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import { Wakeup } from '../wakeup.ts';
import { deliverBatch, type Delivery } from './deliver-batch.ts';
import { batchLength, type PendingRecord } from './pending-record.ts';
import type { Identity, ProducerIdentity } from './producer-identity.ts';
import type { ProducerSettings } from './producer-options.ts';

export interface PartitionQueueOptions extends Pick<
  ProducerSettings,
  'lingerMs' | 'batchBytesMax' | 'deliveryTimeoutMs' | 'backoff'
> {
  readonly topic: string;
  readonly partition: number;
  /** Undefined: the producer is not idempotent. */
  readonly identity: ProducerIdentity | undefined;
  /** Whether somebody waits for room in the buffer: records do not linger then. */
  readonly isRoomWanted: () => boolean;
}

/** Sequences are 31 bits, and begin again at 0. */
const SEQUENCES = 2 ** 31;

/** Owned by one producer. */
export class PartitionQueue {
  readonly #deps: ClientDeps;
  readonly #options: PartitionQueueOptions;
  readonly #queue: PendingRecord[] = [];
  readonly #idle = new Wakeup();
  #queuedBytes = 0;
  #batchBytesMax: number;
  #isDraining = false;
  #isFlushing = false;
  #lingering = new AbortController();
  #sequence: Sequence | undefined;

  constructor(deps: ClientDeps, options: PartitionQueueOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#batchBytesMax = options.batchBytesMax;
  }

  /** Takes a record over. */
  add(pending: PendingRecord): void {
    this.#queue.push(pending);
    this.#queuedBytes += pending.bytes;
    if (this.#queuedBytes >= this.#batchBytesMax) this.#lingering.abort();
    if (!this.#isDraining) void this.#drain();
  }

  /** Ends the lingering of what is queued now. */
  hurry(): void {
    this.#lingering.abort();
  }

  /** Resolves when nothing is queued or in flight any more; what is queued does not linger. */
  async flush(): Promise<void> {
    this.#isFlushing = true;
    this.#lingering.abort();
    while (this.#isDraining) await this.#idle.wait();
    this.#isFlushing = false;
  }

  /** Never rejects: each record is told what became of it. */
  async #drain(): Promise<void> {
    this.#isDraining = true;
    await this.#deps.gather();
    while (this.#queue.length > 0) {
      await this.#linger();
      await this.#sendNext();
    }
    this.#isDraining = false;
    this.#idle.wake();
  }

  async #linger(): Promise<void> {
    const oldest = this.#queue[0];
    const isHurried = this.#isFlushing || this.#options.isRoomWanted();
    if (oldest === undefined || isHurried || this.#queuedBytes >= this.#batchBytesMax) return;
    const remainingMs = oldest.enqueuedAtMs + this.#options.lingerMs - this.#deps.clock.now();
    if (remainingMs <= 0) return;
    this.#lingering = new AbortController();
    await this.#deps.clock.sleep(remainingMs, this.#lingering.signal);
  }

  async #sendNext(): Promise<void> {
    const batch = this.#queue.splice(0, batchLength(this.#queue, this.#batchBytesMax));
    const delivery = await this.#deliver(batch);
    if (delivery.kind === 'failed' && batch.length > 1 && isTooLarge(delivery)) {
      this.#batchBytesMax = Math.floor(bytesOf(batch) / 2);
      this.#queue.unshift(...batch);
      return;
    }
    this.#queuedBytes -= bytesOf(batch);
    if (delivery.kind === 'stored') this.#settleStored(batch, delivery.produced);
    else for (const { settle } of batch) settle(delivery.error);
  }

  async #deliver(batch: readonly PendingRecord[]): Promise<Delivery> {
    const delivery = await this.#attempt(batch);
    // The log forgets a producer after long silence. Every batch before this one was acknowledged, and this one is certainly
    // not stored: under a new id it is still stored once.
    return isForgotten(delivery) ? this.#attempt(batch) : delivery;
  }

  async #attempt(batch: readonly PendingRecord[]): Promise<Delivery> {
    const { topic, partition, backoff } = this.#options;
    const first = present(batch[0], 'the first record of a batch');
    const deadlineMs = first.enqueuedAtMs + this.#options.deliveryTimeoutMs;
    const sequence = await this.#sequenceBy(deadlineMs);
    if (sequence instanceof BrokerError) return { kind: 'failed', error: sequence, isIdentitySpent: false };
    const delivery = await deliverBatch(
      this.#deps,
      {
        ...{ topic, partition, deadlineMs, compression: first.compression },
        records: batch.map(({ record }) => record),
        ...(sequence && { sequence: { identity: sequence.identity, baseSequence: sequence.next } }),
      },
      backoff,
    );
    if (sequence === undefined) return delivery;
    if (delivery.kind === 'stored') sequence.next = (sequence.next + batch.length) % SEQUENCES;
    else if (delivery.isIdentitySpent) this.#options.identity?.retire(sequence.identity);
    return delivery;
  }

  /** The sequence under the producer's present identity, where a new one begins at 0; the error where none is to be had. */
  async #sequenceBy(deadlineMs: number): Promise<Sequence | BrokerError | undefined> {
    const { identity: source, backoff, topic, partition } = this.#options;
    if (source === undefined) return undefined;
    try {
      const identity = await retry(this.#deps, { deadlineMs, ...backoff }, () => source.current());
      if (this.#sequence?.identity !== identity) this.#sequence = { identity, next: 0 };
      return this.#sequence;
    } catch (thrown) {
      const error = toBrokerError(thrown);
      const message = `the records for ${topic}-${partition} are not stored, as no producer id was to be had: ${error.message}`;
      return error.restated({ message, outcome: 'not-applied' });
    }
  }

  #settleStored(batch: readonly PendingRecord[], produced: ProducedBatch | undefined): void {
    const { topic: topicName, partition } = this.#options;
    for (const [at, { record, settle }] of batch.entries()) {
      const offset = produced === undefined ? -1 : produced.baseOffset + at;
      const appendTimeMs = produced?.logAppendTimeMs ?? -1;
      settle({
        topicName,
        partition,
        offset,
        timestampMs: appendTimeMs < 0 ? record.timestampMs : appendTimeMs,
      });
    }
  }
}

interface Sequence {
  readonly identity: Identity;
  /** Of the next batch. */
  next: number;
}

type Failed = Delivery & { readonly kind: 'failed' };

const isTooLarge = ({ error, isIdentitySpent }: Failed): boolean =>
  !isIdentitySpent &&
  error.outcome === 'not-applied' &&
  (error.code === 'MESSAGE_TOO_LARGE' || error.code === 'RECORD_LIST_TOO_LARGE');

const isForgotten = (delivery: Delivery): boolean =>
  delivery.kind === 'failed' &&
  delivery.isIdentitySpent &&
  delivery.error.outcome === 'not-applied' &&
  delivery.error.code !== 'INVALID_PRODUCER_EPOCH';

const bytesOf = (batch: readonly PendingRecord[]): number => batch.reduce((sum, { bytes }) => sum + bytes, 0);
