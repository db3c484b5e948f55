// A broker in memory, to the letter of lib/broker/broker.ts, for tests of the HTTP application alone.
import { present } from '../../../lib/base/assert.ts';
import { BrokerError } from '../../../lib/base/errors.ts';
import type {
  Broker,
  CreateTopicRequest,
  DescribeTopicOptions,
  FetchedBatches,
  FetchRequest,
  ListedOffset,
  ProducedBatch,
  ProduceRequest,
} from '../../../lib/broker/broker.ts';
import { type BatchSlice, placeBatch, splitBatches } from '../../../lib/record/batch-header.ts';
import type { Topic, TopicConfig } from '../../../lib/topics/topic.ts';

interface Stored {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly bytes: Uint8Array;
  /** Producer id and base sequence. */
  readonly producer: string | undefined;
}

interface MemoryTopic {
  readonly topic: Topic;
  readonly partitions: readonly Stored[][];
}

const CONFIGS: readonly TopicConfig[] = ['cleanup.policy', 'max.message.bytes', 'retention.ms'].map(
  (name) => ({
    name,
    value: { 'cleanup.policy': 'delete', 'max.message.bytes': '1048588' }[name] ?? '604800000',
    isDefault: true,
    type: 'string',
    isReadOnly: false,
    isSensitive: false,
    documentation: name,
  }),
);

export interface MemoryBrokerOptions {
  /** Makes absent topics with so many partitions where that is allowed. */
  readonly autoCreatePartitions?: number;
}

export class MemoryBroker implements Broker {
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #waiting = new Set<() => void>();
  readonly #autoCreatePartitions: number | undefined;
  #nextProducerId = 1000n;

  constructor({ autoCreatePartitions }: MemoryBrokerOptions = {}) {
    this.#autoCreatePartitions = autoCreatePartitions;
  }

  clusterId(): Promise<string> {
    return Promise.resolve('cluster-1');
  }

  async createTopic({
    name,
    partitions = 1,
    configs = {},
    validateOnly = false,
  }: CreateTopicRequest): Promise<Topic> {
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name)) {
      throw new BrokerError('INVALID_TOPIC_EXCEPTION', `illegal topic name ${name}`, { field: 'name' });
    }
    if (this.#topics.has(name))
      throw new BrokerError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
    if (partitions < 1 || partitions > 10_000) {
      throw new BrokerError('INVALID_PARTITIONS', `partitions must be from 1 to 10000, got ${partitions}`);
    }
    const unknown = Object.keys(configs).find((config) => !CONFIGS.some((known) => known.name === config));
    if (unknown !== undefined) throw new BrokerError('INVALID_CONFIG', `unknown config ${unknown}`);
    const topic: Topic = { name, topicId: 'a'.repeat(22), partitions, configs, createdAtMs: 0 };
    if (!validateOnly) {
      this.#topics.set(name, { topic, partitions: Array.from({ length: partitions }, () => []) });
    }
    return Promise.resolve(topic);
  }

  async describeTopic(name: string, options?: DescribeTopicOptions): Promise<Topic> {
    const partitions = options?.allowAutoTopicCreation === true ? this.#autoCreatePartitions : undefined;
    if (!this.#topics.has(name) && partitions !== undefined) return this.createTopic({ name, partitions });
    return Promise.resolve(this.#find(name).topic);
  }

  listTopics(): Promise<readonly Topic[]> {
    const topics = [...this.#topics.values()].map(({ topic }) => topic);
    return Promise.resolve(topics.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  async deleteTopic(name: string): Promise<void> {
    this.#find(name);
    this.#topics.delete(name);
    return Promise.resolve();
  }

  async describeConfigs(name: string): Promise<readonly TopicConfig[]> {
    const { configs } = this.#find(name).topic;
    return Promise.resolve(
      CONFIGS.map((config) => ({
        ...config,
        value: configs[config.name] ?? config.value,
        isDefault: configs[config.name] === undefined,
      })),
    );
  }

  async produce({ topic, partition, batch }: ProduceRequest): Promise<ProducedBatch> {
    const log = this.#partition(topic, partition);
    const [produced] = splitBatches(batch).map((slice) => append(log, slice));
    for (const wake of this.#waiting) wake();
    return Promise.resolve(present(produced, 'a batch'));
  }

  async fetch({
    topic,
    partition,
    offset,
    maxBytes,
    maxWaitMs,
    signal,
  }: FetchRequest): Promise<FetchedBatches> {
    const log = this.#partition(topic, partition);
    if (offset > endOf(log)) {
      throw new BrokerError('OFFSET_OUT_OF_RANGE', `offset ${offset} is not from 0 to ${endOf(log)}`);
    }
    if (offset === endOf(log) && maxWaitMs > 0 && signal?.aborted !== true)
      await this.#wait(maxWaitMs, signal);
    const taken: Uint8Array[] = [];
    let bytes = 0;
    for (const batch of log.filter(({ endOffset }) => endOffset > offset)) {
      bytes += batch.bytes.length;
      if (taken.length > 0 && bytes > maxBytes) break;
      taken.push(batch.bytes);
    }
    return { batches: Buffer.concat(taken), highWatermark: endOf(log), logStartOffset: 0 };
  }

  async listOffset(
    topic: string,
    partition: number,
    at: 'earliest' | 'latest' | number,
  ): Promise<ListedOffset> {
    const log = this.#partition(topic, partition);
    return Promise.resolve({ offset: at === 'earliest' ? 0 : endOf(log), timestampMs: -1 });
  }

  initProducerId(): Promise<{ producerId: bigint; producerEpoch: number }> {
    return Promise.resolve({ producerId: this.#nextProducerId++, producerEpoch: 0 });
  }

  #find(name: string): MemoryTopic {
    const found = this.#topics.get(name);
    if (found === undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', `Topic ${name} not found.`);
    return found;
  }

  #partition(topic: string, partition: number): Stored[] {
    const found = this.#find(topic).partitions[partition];
    if (found === undefined)
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', `${topic}-${partition} not found`);
    return found;
  }

  /** Until something is produced anywhere. */
  async #wait(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, durationMs);
      this.#waiting.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

const endOf = (log: readonly Stored[]): number => log.at(-1)?.endOffset ?? 0;

function append(log: Stored[], { header, bytes }: BatchSlice): ProducedBatch {
  const { producerId, baseSequence, recordCount } = header;
  const producer = producerId < 0n ? undefined : `${producerId}/${baseSequence}`;
  const before = log.find((batch) => producer !== undefined && batch.producer === producer);
  if (before !== undefined) {
    return { baseOffset: before.baseOffset, recordCount, logAppendTimeMs: -1, isDuplicate: true };
  }
  const baseOffset = endOf(log);
  const copy = new Uint8Array(bytes);
  placeBatch(copy, baseOffset, 0);
  log.push({ baseOffset, endOffset: baseOffset + recordCount, bytes: copy, producer });
  return { baseOffset, recordCount, logAppendTimeMs: -1, isDuplicate: false };
}
