// The producer id that all partitions of one producer share, and its exchange for a new one.
import type { ClientBroker } from '../client-deps.ts';

/** A producer id with its epoch. Two of the same numbers are two identities: they are told apart as objects. */
export interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Owned by one idempotent producer. */
export class ProducerIdentity {
  readonly #broker: Pick<ClientBroker, 'initProducerId'>;
  #current: Promise<Identity> | undefined;
  #settled: Identity | undefined;

  constructor(broker: Pick<ClientBroker, 'initProducerId'>) {
    this.#broker = broker;
  }

  /** The present identity, asked for when it is first needed. Throws what `initProducerId` throws, and asks again at the next call. */
  async current(): Promise<Identity> {
    this.#current ??= this.#broker.initProducerId();
    try {
      this.#settled = await this.#current;
      return this.#settled;
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }

  /** Lets `identity` be the last anyone gets: whoever asks from now on gets a new one. Nothing changes where that has happened. */
  retire(identity: Identity): void {
    if (this.#settled !== identity) return;
    this.#settled = undefined;
    this.#current = undefined;
  }
}
