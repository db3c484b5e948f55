// A client of one event log: makes producers, consumers and an admin, and closes them.
import { type Clock, createSystemClock, inputHandled } from '../base/clock.ts';
import { createSystemDice, type Dice } from '../base/dice.ts';
import { Admin } from './admin.ts';
import type { ClientBroker, ClientDeps } from './client-deps.ts';
import type { ConsumerOptions } from './consumer/consumer-options.ts';
import { Consumer } from './consumer/consumer.ts';
import type { ProducerOptions } from './producer/producer-options.ts';
import { Producer } from './producer/producer.ts';
import type { StringOrBytes } from './serializers.ts';

export interface ClientOptions {
  /** Shown to whoever describes a group. Default: wadi. */
  readonly clientId?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly dice?: Dice;
  /** Resolves once what was asked for in one go is here. Default: once the input that has arrived was handled. */
  readonly gather?: () => Promise<void>;
}

/** What kafkajs calls Kafka. */
export interface Client {
  /** What all of them stand on, for what they do not offer. */
  readonly broker: ClientBroker;
  producer<Key = StringOrBytes, Value = StringOrBytes>(
    options?: ProducerOptions<Key, Value>,
  ): Producer<Key, Value>;
  consumer<Key = Buffer, Value = Buffer>(options?: ConsumerOptions<Key, Value>): Consumer<Key, Value>;
  admin(): Admin;
  /**
   * Disconnects all consumers and producers that are not, then closes the log. Throws the first failure, once all are closed.
   * Not to be awaited by a handler, for which it waits.
   */
  close(): Promise<void>;
}

/** A client over any broker. `closeBroker` is called once, after all else is closed. */
export function createClient(
  broker: ClientBroker,
  options: ClientOptions = {},
  closeBroker: () => Promise<void> = () => Promise.resolve(),
): Client {
  const deps: ClientDeps = {
    broker,
    clock: options.clock ?? createSystemClock(),
    dice: options.dice ?? createSystemDice(),
    gather: options.gather ?? inputHandled,
    clientId: options.clientId ?? 'wadi',
  };
  const consumers: Close[] = [];
  const producers: Close[] = [];
  let closed: Promise<void> | undefined;
  return {
    broker,
    producer: (producerOptions) => {
      const producer = new Producer(deps, producerOptions);
      producers.push(() => producer.disconnect());
      return producer;
    },
    consumer: (consumerOptions) => {
      const consumer = new Consumer(deps, consumerOptions ?? {});
      consumers.push(() => consumer.close());
      return consumer;
    },
    admin: () => new Admin(deps),
    close: () => {
      closed ??= closeAll([consumers, producers], closeBroker);
      return closed;
    },
  };
}

type Close = () => Promise<void>;

/** Consumers first: their handlers may produce. */
async function closeAll(groups: readonly (readonly Close[])[], closeBroker: Close): Promise<void> {
  const failures: unknown[] = [];
  for (const group of groups) {
    const ends = await Promise.allSettled(group.map((close) => close()));
    failures.push(...ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : [])));
  }
  await closeBroker();
  if (failures.length > 0) throw failures[0];
}
