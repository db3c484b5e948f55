// One topic as a producer sees it: how many partitions there are, which one a record goes to, and their queues.
import { BrokerError } from '../../base/errors.ts';
import { nextPartition, partitionForKey } from '../../record/partitioner.ts';
import type { LogRecord } from '../../record/record.ts';
import { type Backoff, retry } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import { PartitionQueue, type PartitionQueueOptions } from './partition-queue.ts';
import type { ProducerSettings } from './producer-options.ts';

export type TopicLaneOptions = Omit<PartitionQueueOptions, 'partition'> &
  Pick<ProducerSettings, 'metadataMaxAgeMs' | 'keyless' | 'partitioner'>;

/** Records without a key stay with one partition for so many bytes: the Java client's batch.size. */
const STICKY_BYTES = 16_384;

/** Owned by one producer. */
export class TopicLane {
  readonly #deps: ClientDeps;
  readonly #options: TopicLaneOptions;
  readonly #queues = new Map<number, PartitionQueue>();
  #partitions = 0;
  #knownAtMs = -Infinity;
  #keyless = { partition: -1, bytesLeft: 0 };

  constructor(deps: ClientDeps, options: TopicLaneOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Looks the topic up, makes it where the cluster makes topics, unless it is known well enough. Throws what describeTopic throws. */
  async prepare(deadlineMs: number): Promise<void> {
    const { clock } = this.#deps;
    const { topic, metadataMaxAgeMs, backoff } = this.#options;
    if (clock.now() - this.#knownAtMs < metadataMaxAgeMs) return;
    this.#partitions = await countPartitions(this.#deps, topic, { deadlineMs, backoff });
    this.#knownAtMs = clock.now();
  }

  /** The partition for a record of about `bytes`. Throws UNKNOWN_TOPIC_OR_PARTITION for one that the topic has not. */
  place(record: LogRecord, bytes: number, partition?: number): number {
    const { topic, partitioner } = this.#options;
    const { key, value } = record;
    if (partition !== undefined) return this.#checked(partition);
    if (partitioner !== undefined)
      return this.#checked(partitioner({ topic, partitions: this.#partitions, key, value }));
    return key === null ? this.#placeKeyless(bytes) : partitionForKey(key, this.#partitions);
  }

  /** The queue of a partition. */
  queueOf(partition: number): PartitionQueue {
    const known = this.#queues.get(partition);
    if (known !== undefined) return known;
    const queue = new PartitionQueue(this.#deps, { ...this.#options, partition });
    this.#queues.set(partition, queue);
    return queue;
  }

  /** Looks the topic up again before the next record. */
  forget(): void {
    this.#knownAtMs = -Infinity;
  }

  /** Ends the lingering of what is queued now. */
  hurry(): void {
    for (const queue of this.#queues.values()) queue.hurry();
  }

  /** Resolves when nothing is under way any more. */
  async flush(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.flush()));
  }

  #checked(partition: number): number {
    if (Number.isInteger(partition) && partition >= 0 && partition < this.#partitions) return partition;
    const message = `topic ${this.#options.topic} has partitions 0 to ${this.#partitions - 1}, got ${partition}`;
    throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', message, { field: 'partition', retriable: false });
  }

  #placeKeyless(bytes: number): number {
    const { partition, bytesLeft } = this.#keyless;
    const isBeginning = partition === -1;
    if (!isBeginning && bytesLeft > 0) {
      this.#keyless = { partition, bytesLeft: bytesLeft - bytes };
      return partition;
    }
    // Producers begin anywhere, so that many short-lived ones do not all begin with partition 0.
    const next = isBeginning
      ? Math.floor(this.#deps.dice.random() * this.#partitions)
      : nextPartition(partition, this.#partitions);
    this.#keyless = {
      partition: next,
      bytesLeft: this.#options.keyless === 'sticky' ? STICKY_BYTES - bytes : 0,
    };
    return next;
  }
}

async function countPartitions(
  deps: ClientDeps,
  topic: string,
  { deadlineMs, backoff }: { readonly deadlineMs: number; readonly backoff: Backoff },
): Promise<number> {
  return retry(deps, { deadlineMs, ...backoff }, async () => {
    try {
      return (await deps.broker.describeTopic(topic, { allowAutoTopicCreation: true })).partitions;
    } catch (error) {
      // It will not come by waiting: topics are there for everyone as soon as they are made.
      if (error instanceof BrokerError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION')
        throw new BrokerError(error.code, error.message, { retriable: false, cause: error });
      throw error;
    }
  });
}
