// Runs a user's handlers over what a session brings, several partitions side by side, and tries again what failed.
import { toBrokerError } from '../../base/errors.ts';
import { backoffMs } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { Delivery } from './delivery.ts';
import { handleFor } from './handling.ts';
import { type Deserializers, toMessage } from './message.ts';
import type { Batch, EachBatchPayload, RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

export interface RunnerOptions<Key, Value> {
  /** Whose handlers they are. */
  readonly consumer: object;
  readonly session: Session;
  readonly settings: ConsumerSettings;
  readonly deserializers: Deserializers<Key, Value>;
  readonly run: RunOptions<Key, Value>;
  /** Called when it ended by itself, before `finished` rejects. Nothing waits for it but that. Never throws. */
  readonly onFailed: () => Promise<void>;
}

/** Owned by one consumer; ends with `stop`, or by itself when a failure does not pass. */
export class Runner<Key, Value> {
  /** Resolves when it was stopped; rejects with what a handler or the session threw too often with no record processed between. */
  readonly finished: Promise<void>;
  readonly #deps: ClientDeps;
  readonly #options: RunnerOptions<Key, Value>;
  readonly #stopping = new AbortController();
  readonly #ends: Promise<readonly PromiseSettledResult<void>[]>;

  constructor(deps: ClientDeps, options: RunnerOptions<Key, Value>) {
    this.#deps = deps;
    this.#options = options;
    const workers = Array.from({ length: options.run.partitionsConsumedConcurrently ?? 1 }, () =>
      this.#work(),
    );
    this.#ends = Promise.allSettled(workers);
    this.finished = this.#finish();
  }

  /** Begins no more; resolves when the handlers that run have returned. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // Who stops it need not look at how it ended.
    this.finished.catch(() => undefined);
    await this.#ends;
  }

  async #finish(): Promise<void> {
    const failed = (await this.#ends).find((end) => end.status === 'rejected');
    if (failed === undefined) return;
    await this.#options.onFailed();
    throw failed.reason;
  }

  async #work(): Promise<void> {
    const { settings, session } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      let delivery: Delivery | undefined;
      try {
        delivery = await session.take(signal);
        if (delivery === undefined) return;
        if (this.#stopping.signal.aborted) {
          delivery.finish({ isComplete: false });
          return;
        }
        await this.#handle(delivery);
        failures = 0;
      } catch (error) {
        if (delivery?.hasProgress === true) failures = 0;
        if (failures >= settings.retries) {
          this.#stopping.abort();
          throw error;
        }
        settings.onError(toBrokerError(error));
        await this.#pause(failures++);
      }
    }
  }

  async #pause(failures: number): Promise<void> {
    const { clock, dice } = this.#deps;
    await clock.sleep(backoffMs(this.#options.settings.backoff, failures, dice), this.#stopping.signal);
  }

  async #handle(delivery: Delivery): Promise<void> {
    const { consumer, run } = this.#options;
    try {
      await handleFor({ consumer, delivery }, () =>
        run.eachBatch === undefined ? this.#eachMessage(delivery) : this.#eachBatch(delivery),
      );
    } finally {
      delivery.finish({ isComplete: false });
    }
  }

  async #eachMessage(delivery: Delivery): Promise<void> {
    const { run, deserializers } = this.#options;
    const { topic, partition, records } = delivery;
    const { heartbeat, pause } = this.#controlsOf(delivery);
    for (const record of records) {
      if (this.#stopping.signal.aborted || delivery.isEnding || delivery.isPaused) return;
      delivery.handOut(record.offset);
      const message = toMessage(delivery, record, deserializers);
      await run.eachMessage?.({ topic, partition, message, heartbeat, pause });
      delivery.resolve(record.offset);
    }
    delivery.finish({ isComplete: true });
  }

  async #eachBatch(delivery: Delivery): Promise<void> {
    const { run, deserializers, session } = this.#options;
    const batch = batchOf(delivery, deserializers);
    delivery.handOut(batch.lastOffset());
    const payload: EachBatchPayload<Key, Value> = {
      ...this.#controlsOf(delivery),
      batch,
      resolveOffset: (offset) => {
        delivery.resolve(offset);
      },
      commitOffsetsIfNecessary: () => session.autoCommit.commit(),
      uncommittedOffsets: () =>
        session.autoCommit
          .uncommitted()
          .map(({ offset: { topic, partition, offset } }) => ({ topic, partition, offset })),
      isRunning: () => !this.#stopping.signal.aborted,
      isStale: () => delivery.isStale,
    };
    await run.eachBatch?.(payload);
    if (delivery.isStale) return;
    if (run.eachBatchAutoResolve === false) {
      // It comes again; without a pause nothing else would have a turn.
      if (!delivery.hasProgress) await this.#pause(0);
      return;
    }
    delivery.resolve(batch.lastOffset());
    delivery.finish({ isComplete: true });
  }

  #controlsOf(delivery: Delivery): Pick<EachBatchPayload<Key, Value>, 'heartbeat' | 'pause'> {
    return {
      heartbeat: () => {
        delivery.touch();
        return Promise.resolve();
      },
      pause: () => {
        const reader = this.#options.session.pool.find(delivery.topic, delivery.partition);
        reader?.setPaused(true);
        return () => reader?.setPaused(false);
      },
    };
  }
}

function batchOf<Key, Value>(
  delivery: Delivery,
  deserializers: Deserializers<Key, Value>,
): Batch<Key, Value> {
  const { topic, partition, highWatermark } = delivery;
  const messages = delivery.records.map((record) => toMessage(delivery, record, deserializers));
  const lastOffset = messages.at(-1)?.offset ?? delivery.nextOffset - 1;
  return {
    ...{ topic, partition, highWatermark, messages },
    isEmpty: () => messages.length === 0,
    firstOffset: () => messages[0]?.offset ?? null,
    lastOffset: () => lastOffset,
    offsetLag: () => Math.max(0, highWatermark - 1 - lastOffset),
  };
}
