// Consumers that come, go, fail, stop and are fenced at random, while commits and fetches fail: in the end every record was
// processed at least once, or none was handed out twice. A seed decides what is done, the machine when: each run is another.
import { expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { Consumer } from '../../lib/client/consumer/consumer.ts';
import type { RunOptions } from '../../lib/client/consumer/run-options.ts';
import { textOf } from './support/orders.ts';
import { createSubject, type Subject, until } from './support/subjects.ts';

const STEPS = 60;
const CONSUMERS_MAX = 3;

const sleep = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs));

type Delivery = 'at-least-once' | 'at-most-once';

class Chaos {
  /** How often each record was handed out, and how often it was processed. */
  readonly handedOut = new Map<string, number>();
  readonly processed = new Map<string, number>();
  readonly consumers: Consumer[] = [];
  #subject!: Subject;
  #sent = 0;
  #isOver = false;
  readonly #delivery: Delivery;
  readonly #dice;

  constructor(seed: number, delivery: Delivery) {
    this.#dice = createSeededDice(seed);
    this.#delivery = delivery;
  }

  async run(): Promise<void> {
    this.#subject = await createSubject('in process', (broker) => this.#unreliable(broker));
    this.#loseCommits(this.#subject);
    await this.#join();
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      await sleep(this.#below(8));
    }
    this.#isOver = true;
    await until(async () => {
      for (const consumer of this.consumers) await this.#runAgain(consumer);
      return (await this.#committed()) === this.#sent;
    }, 'all to be committed');
    await Promise.all(this.consumers.map((consumer) => consumer.disconnect()));
    expect(this.#subject.groups.members('billing')).toEqual([]);
    await this.#subject.client.close();
  }

  get sent(): number {
    return this.#sent;
  }

  #below(limit: number): number {
    return Math.floor(this.#dice.random() * limit);
  }

  /** True once in so many times, until the chaos is over. */
  #isBad(times: number): boolean {
    return this.#below(times) === 0 && !this.#isOver;
  }

  #unreliable(broker: Broker): Broker {
    const failing = async <T>(times: number, call: () => Promise<T>): Promise<T> => {
      if (this.#isBad(times)) throw new BrokerError('KAFKA_STORAGE_ERROR', 'not now');
      return call();
    };
    return {
      ...broker,
      fetch: (request) => failing(12, () => broker.fetch(request)),
      listOffset: (...args) => failing(4, () => broker.listOffset(...args)),
    };
  }

  #loseCommits({ groups }: Subject): void {
    const commitOffsets = groups.commitOffsets.bind(groups);
    groups.commitOffsets = async (request) => {
      await sleep(this.#below(6));
      if (this.#isBad(10))
        throw new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'too many', { retryAfterMs: 5 });
      if (this.#isBad(10)) throw new BrokerError('UNKNOWN_SERVER_ERROR', 'lost', { outcome: 'unknown' });
      const results = await commitOffsets(request);
      if (this.#isBad(5)) throw new BrokerError('REQUEST_TIMED_OUT', 'lost answer', { outcome: 'unknown' });
      return results;
    };
  }

  async #step(): Promise<void> {
    const { consumers } = this;
    const consumer = consumers[this.#below(consumers.length)];
    const { groups } = this.#subject;
    const members = groups.members('billing');
    const steps: readonly (() => Promise<unknown>)[] = [
      () => this.#produce(),
      () => this.#produce(),
      () => (consumers.length < CONSUMERS_MAX ? this.#join() : this.#produce()),
      () => this.#leave(),
      () => groups.expire('billing', members[this.#below(members.length)] ?? ''),
      () => {
        groups.bump('billing');
        return Promise.resolve();
      },
      () => (consumer === undefined ? this.#join() : this.#stop(consumer)),
      () => Promise.all(consumers.map((one) => this.#runAgain(one))),
    ];
    await steps[this.#below(steps.length)]?.();
  }

  async #produce(): Promise<void> {
    const partition = this.#below(4);
    const messages = Array.from({ length: 1 + this.#below(4) }, () => ({
      value: `${this.#sent++}`,
      partition,
    }));
    await this.#subject.client.producer().send({ topic: 'orders', messages });
  }

  async #join(): Promise<void> {
    const onRevoked = async () => {
      if (this.#isBad(4)) await consumer.stop();
      await sleep(this.#below(10));
    };
    const consumer: Consumer = this.#subject.connect().consumer({
      ...{ groupId: 'billing', delivery: this.#delivery, autoOffsetReset: 'earliest' },
      ...{ maxWaitTimeInMs: 10, maxBytesPerPartition: 200, listener: { onRevoked } },
      retry: { initialRetryTimeMs: 1, maxRetryTimeMs: 4, retries: 1 },
    });
    await consumer.subscribe({ topics: ['orders'] });
    this.consumers.push(consumer);
    await this.#runAgain(consumer);
  }

  async #leave(): Promise<void> {
    if (this.consumers.length < 2) return;
    const [consumer] = this.consumers.splice(this.#below(this.consumers.length), 1);
    const left = consumer?.disconnect();
    if (this.#below(2) === 0) await left;
    else left?.catch(() => undefined);
  }

  async #stop(consumer: Consumer): Promise<void> {
    const stopped = consumer.stop();
    if (this.#below(2) === 0) await stopped;
    await this.#runAgain(consumer);
  }

  /** Where it does not run already. */
  async #runAgain(consumer: Consumer): Promise<void> {
    await consumer.run(this.#handlers()).catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'the consumer runs already' });
    });
    consumer.finished?.catch(() => undefined);
  }

  #handlers(): RunOptions<Buffer, Buffer> {
    const handle = async (value: Buffer | null) => {
      const name = textOf(value);
      this.handedOut.set(name, (this.handedOut.get(name) ?? 0) + 1);
      await sleep(this.#below(4));
      if (this.#isBad(15)) throw new Error('the handler fails');
      this.processed.set(name, (this.processed.get(name) ?? 0) + 1);
    };
    const eachBatch: RunOptions<Buffer, Buffer>['eachBatch'] = async ({
      batch,
      resolveOffset,
      isStale,
      isRunning,
    }) => {
      for (const { offset, value } of batch.messages) {
        if (isStale() || !isRunning()) return;
        await handle(value);
        resolveOffset(offset);
      }
    };
    return {
      ...{ partitionsConsumedConcurrently: 1 + this.#below(3), autoCommitInterval: 1 + this.#below(20) },
      ...(this.#below(2) === 0 && { autoCommitThreshold: 1 + this.#below(3) }),
      ...(this.#below(2) === 0
        ? { eachMessage: ({ message }) => handle(message.value) }
        : { eachBatch, eachBatchAutoResolve: false }),
    };
  }

  async #committed(): Promise<number> {
    const offsets = await this.#subject.groups.fetchOffsets({ groupId: 'billing' });
    return offsets.reduce((sum, { offset }) => sum + offset, 0);
  }
}

it.each([1, 2, 3, 4])('at least once loses nothing (seed %i)', async (seed) => {
  const chaos = new Chaos(seed, 'at-least-once');
  await chaos.run();
  expect(chaos.processed.size).toBe(chaos.sent);
});

it.each([5, 6, 7, 8])('at most once hands nothing out twice (seed %i)', async (seed) => {
  const chaos = new Chaos(seed, 'at-most-once');
  await chaos.run();
  expect([...chaos.handedOut].filter(([, times]) => times > 1)).toEqual([]);
});
