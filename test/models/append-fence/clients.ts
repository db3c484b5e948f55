// The work: plain batches, and batches of idempotent producers, each sent in new commits by any number of writers at once.
import type { Answer } from './audit.ts';
import type { Dice } from './dice.ts';
import type { Batch, ProducerBatch } from './log.ts';
import { SEQUENCES } from './producer.ts';
import type { Rules } from './rules.ts';
import type { Workload } from './workload.ts';

/** No batch is sent while one that is so many places older waits for its answer, as with Kafka's producers. */
const IN_FLIGHT_MAX = 5;

interface Producer {
  readonly pid: string;
  epoch: number;
  /** The place of the first batch that is not known to be stored. */
  index: number;
  /** Of the batches of the epoch that were made up so far. */
  records: number[];
  readonly waiting: Set<Batch>;
}

export class Clients {
  #batches = 0;
  #entries = 0;
  readonly #rules: Rules;
  readonly #workload: Workload;
  readonly #dice: Dice;
  readonly #producers: readonly Producer[];

  constructor(rules: Rules, workload: Workload, dice: Dice) {
    this.#rules = rules;
    this.#workload = workload;
    this.#dice = dice;
    this.#producers = Array.from({ length: workload.producers }, (_, i) => ({
      ...{ pid: `p${i}`, epoch: 0, index: 0, records: [], waiting: new Set<Batch>() },
    }));
  }

  #size(): number {
    return this.#dice.pick(this.#workload.recordsMax) + (this.#rules.nonEmpty ? 1 : 0);
  }

  /** Each entry has a name of its own. */
  nextEntryId(): string {
    return `e${this.#entries++}`;
  }

  /** The batches that wait together for one writer. */
  nextBatches(): readonly Batch[] {
    const dice = this.#dice;
    const count = 1 + dice.pick(this.#workload.batchesMax);
    const batches: Batch[] = [];
    while (batches.length < count) {
      if (dice.chance(this.#workload.plainShare)) batches.push(this.#plainBatch());
      else this.#addOfProducer(batches, count);
    }
    return batches;
  }

  #plainBatch(): Batch {
    return { id: `b${this.#batches++}`, records: this.#size(), producer: undefined };
  }

  /** Adds a batch of a producer; at times the one after it too, or the same one again. */
  #addOfProducer(batches: Batch[], count: number): void {
    const dice = this.#dice;
    const producer = dice.one(this.#producers);
    if (dice.chance(this.#workload.restarts)) restart(producer);
    let { index } = producer;
    if (dice.chance(0.15)) index = Math.max(0, index - dice.pick(IN_FLIGHT_MAX));
    else if (dice.chance(0.1)) index++;
    const isEarly = index > producer.index;
    const oldest = [...producer.waiting].map((batch) => batch.producer?.index ?? 0);
    if (index + 1 - Math.min(index, ...oldest) > IN_FLIGHT_MAX) {
      batches.push(this.#plainBatch());
      return;
    }
    batches.push(this.#batchOf(producer, index, isEarly));
    if (batches.length === count) return;
    if (dice.chance(0.3)) batches.push(this.#batchOf(producer, index + 1, isEarly));
    else if (dice.chance(0.1)) batches.push(this.#batchOf(producer, index, isEarly));
  }

  #batchOf(producer: Producer, index: number, isEarly: boolean): Batch {
    const { pid, epoch, records, waiting } = producer;
    while (records.length <= index) records.push(this.#size());
    const before = records.slice(0, index).reduce((sum, size) => sum + size, 0);
    const of: ProducerBatch = { pid, epoch, index, baseSequence: before % SEQUENCES, isEarly };
    const batch = { id: `b${this.#batches++}`, records: records[index] ?? 0, producer: of };
    waiting.add(batch);
    return batch;
  }

  /** Takes an answer. A producer that was told of a gap begins a new epoch, as Kafka's do. */
  answered(batch: Batch, { kind }: Answer): void {
    const producer = this.#producers.find(({ pid }) => pid === batch.producer?.pid);
    if (!producer || !batch.producer) return;
    producer.waiting.delete(batch);
    if (batch.producer.epoch !== producer.epoch || batch.producer.index !== producer.index) return;
    if (kind === 'acked' || kind === 'duplicate') producer.index++;
    if (kind === 'outOfOrder') restart(producer);
  }
}

function restart(producer: Producer): void {
  producer.epoch++;
  producer.index = 0;
  producer.records = [];
  producer.waiting.clear();
}
