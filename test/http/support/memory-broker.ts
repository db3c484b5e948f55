// A broker in memory, to the letter of lib/broker/broker.ts, for tests of the HTTP application alone.
import { BrokerError } from '../../../lib/base/errors.ts';
import type { Broker, FetchedBatches, ProducedBatch, ProduceRequest } from '../../../lib/broker/broker.ts';
import { placeBatch, splitBatches } from '../../../lib/record/batch-header.ts';
import type { Topic, TopicConfig } from '../../../lib/topics/topic.ts';

interface Stored {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly bytes: Uint8Array;
  readonly producer: string | undefined;
}

interface MemoryTopic {
  readonly topic: Topic;
  readonly partitions: readonly { batches: Stored[]; startOffset: number }[];
}

export interface MemoryBrokerOptions {
  readonly autoCreatePartitions?: number;
}

export interface MemoryBroker extends Broker {
  /** Called before each produce; what it throws is thrown. */
  onProduce: ((request: ProduceRequest) => void | Promise<void>) | undefined;
  /** Called before each fetch, likewise. */
  onFetch: (() => void) | undefined;
  /** Moves a partition's start. */
  trim(topic: string, partition: number, startOffset: number): void;
  readonly produced: ProduceRequest[];
  fetches: number;
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

export function createMemoryBroker({ autoCreatePartitions }: MemoryBrokerOptions = {}): MemoryBroker {
  const topics = new Map<string, MemoryTopic>();
  const waiting = new Set<() => void>();
  let nextProducerId = 1000n;

  const make = (
    name: string,
    partitions: number,
    configs: Readonly<Record<string, string>>,
    keep = true,
  ): Topic => {
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name)) {
      throw new BrokerError('INVALID_TOPIC_EXCEPTION', `illegal topic name ${name}`, { field: 'name' });
    }
    if (topics.has(name)) throw new BrokerError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
    if (partitions < 1 || partitions > 10_000) {
      throw new BrokerError('INVALID_PARTITIONS', `partitions must be from 1 to 10000, got ${partitions}`);
    }
    const unknown = Object.keys(configs).find((config) => !CONFIGS.some((known) => known.name === config));
    if (unknown !== undefined) throw new BrokerError('INVALID_CONFIG', `unknown config ${unknown}`);
    const topic: Topic = { name, topicId: 'a'.repeat(22), partitions, configs, createdAtMs: 0 };
    const made = {
      topic,
      partitions: Array.from({ length: partitions }, () => ({ batches: [], startOffset: 0 })),
    };
    if (keep) topics.set(name, made);
    return topic;
  };
  const find = (name: string): MemoryTopic => {
    const found = topics.get(name);
    if (found === undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', `Topic ${name} not found.`);
    return found;
  };
  const partitionOf = (name: string, partition: number): MemoryTopic['partitions'][number] => {
    const found = find(name).partitions[partition];
    if (found === undefined)
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', `${name}-${partition} not found`);
    return found;
  };
  const endOf = (name: string, partition: number): number =>
    partitionOf(name, partition).batches.at(-1)?.endOffset ?? 0;

  const append = (request: ProduceRequest, bytes: Uint8Array): ProducedBatch => {
    const log = partitionOf(request.topic, request.partition);
    const [slice] = splitBatches(bytes);
    if (slice === undefined) throw new BrokerError('INVALID_RECORD', 'no batch');
    const { producerId, baseSequence, recordCount } = slice.header;
    const producer = producerId < 0n ? undefined : `${producerId}/${baseSequence}`;
    const before = log.batches.find((batch) => producer !== undefined && batch.producer === producer);
    if (before !== undefined) {
      return { baseOffset: before.baseOffset, recordCount, logAppendTimeMs: -1, isDuplicate: true };
    }
    const baseOffset = endOf(request.topic, request.partition);
    const copy = new Uint8Array(bytes);
    placeBatch(copy, baseOffset, 0);
    log.batches.push({ baseOffset, endOffset: baseOffset + recordCount, bytes: copy, producer });
    for (const wake of waiting) wake();
    return { baseOffset, recordCount, logAppendTimeMs: -1, isDuplicate: false };
  };

  const broker: MemoryBroker = {
    onProduce: undefined,
    onFetch: undefined,
    produced: [],
    fetches: 0,
    trim: (topic, partition, startOffset) => {
      partitionOf(topic, partition).startOffset = startOffset;
    },
    clusterId: () => Promise.resolve('cluster-1'),
    createTopic: async ({ name, partitions = 1, configs = {}, validateOnly = false }) =>
      Promise.resolve(make(name, partitions, configs, !validateOnly)),
    describeTopic: async (name, options) => {
      if (
        !topics.has(name) &&
        options?.allowAutoTopicCreation === true &&
        autoCreatePartitions !== undefined
      ) {
        make(name, autoCreatePartitions, {});
      }
      return Promise.resolve(find(name).topic);
    },
    listTopics: async () =>
      Promise.resolve(
        [...topics.values()].map(({ topic }) => topic).sort((a, b) => (a.name < b.name ? -1 : 1)),
      ),
    deleteTopic: async (name) => {
      find(name);
      topics.delete(name);
      return Promise.resolve();
    },
    describeConfigs: async (name) => {
      const { topic } = find(name);
      return Promise.resolve(
        CONFIGS.map((config) => ({
          ...config,
          value: topic.configs[config.name] ?? config.value,
          isDefault: topic.configs[config.name] === undefined,
        })),
      );
    },
    produce: async (request) => {
      broker.produced.push(request);
      await broker.onProduce?.(request);
      return splitBatches(request.batches).map(({ bytes }) => append(request, bytes));
    },
    fetch: async ({ topic, partition, offset, maxBytes, maxWaitMs, signal }): Promise<FetchedBatches> => {
      broker.fetches++;
      broker.onFetch?.();
      const log = partitionOf(topic, partition);
      const end = endOf(topic, partition);
      if (offset < log.startOffset || offset > end) {
        throw new BrokerError(
          'OFFSET_OUT_OF_RANGE',
          `offset ${offset} is not from ${log.startOffset} to ${end}`,
        );
      }
      if (offset === end && maxWaitMs > 0 && signal?.aborted !== true) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            waiting.delete(done);
            clearTimeout(timer);
            resolve();
          };
          const timer = setTimeout(done, maxWaitMs);
          waiting.add(done);
          signal?.addEventListener('abort', done, { once: true });
        });
      }
      const taken: Uint8Array[] = [];
      let bytes = 0;
      for (const batch of partitionOf(topic, partition).batches) {
        if (batch.endOffset <= offset) continue;
        bytes += batch.bytes.length;
        if (taken.length > 0 && bytes > maxBytes) break;
        taken.push(batch.bytes);
      }
      return {
        batches: Buffer.concat(taken),
        highWatermark: endOf(topic, partition),
        logStartOffset: log.startOffset,
      };
    },
    listOffset: async (topic, partition, at) => {
      const log = partitionOf(topic, partition);
      return Promise.resolve({
        offset: at === 'earliest' ? log.startOffset : endOf(topic, partition),
        timestampMs: -1,
      });
    },
    initProducerId: async () => Promise.resolve({ producerId: nextProducerId++, producerEpoch: 0 }),
  };
  return broker;
}
