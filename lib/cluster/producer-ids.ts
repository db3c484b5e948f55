// Producer ids for a process: taken from the store in blocks, given out one by one.
import { present } from '../base/assert.ts';
import { toBrokerError, BrokerError } from '../base/errors.ts';
import {
  blockOf,
  checked,
  PRODUCER_IDS_KEY,
  takeIds,
  type ProducerIdBlock,
} from '../storage/schema/producer-id.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';

/** So many ids are taken by one write: as Kafka's controller gives them out (`ProducerIdsBlock`). */
export const PRODUCER_ID_BLOCK = 1000;

/** Gives out producer ids that nobody had before. What a process does not use up is lost, as in Kafka. */
export class ProducerIds {
  readonly #items: ItemStore;
  readonly #blockSize: number;
  #block: ProducerIdBlock = { first: 0, end: 0 };
  #taking: Promise<void> | undefined;

  constructor(items: ItemStore, blockSize = PRODUCER_ID_BLOCK) {
    this.#items = items;
    this.#blockSize = blockSize;
  }

  /** Throws storage errors as not-applied and UNSUPPORTED_VERSION: no id was given, and asking again is always safe. */
  async next(): Promise<bigint> {
    while (this.#block.first >= this.#block.end) {
      this.#taking ??= this.#take().finally(() => {
        this.#taking = undefined;
      });
      await this.#taking;
    }
    const { first, end } = this.#block;
    this.#block = { first: first + 1, end };
    return BigInt(first);
  }

  async #take(): Promise<void> {
    const { actions, condition } = takeIds(this.#blockSize);
    const result = await this.#items.update('producers', PRODUCER_IDS_KEY, actions, condition).catch(refuse);
    if (!result.applied) {
      checked(present(result.current, 'the producer id counter'));
      throw new BrokerError('KAFKA_STORAGE_ERROR', 'the producer id counter cannot be raised');
    }
    this.#block = blockOf(present(result.item, 'the producer id counter'), this.#blockSize);
  }
}

/** A block whose answer was lost is never used: for the caller nothing has happened. */
function refuse(error: unknown): never {
  const known = toBrokerError(error);
  throw known.restated({
    message: `no producer id: ${known.message}`,
    outcome: 'not-applied',
    field: undefined,
  });
}
