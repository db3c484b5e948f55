// A broker that a test watches and disturbs: what was produced and fetched, errors on demand, a log that starts later.
import { BrokerError } from '../../../lib/base/errors.ts';
import type { Broker, FetchRequest, ProduceRequest } from '../../../lib/broker/broker.ts';

export interface WatchedBroker extends Broker {
  /** Called before each produce; what it throws is thrown. */
  onProduce: ((request: ProduceRequest) => void | Promise<void>) | undefined;
  /** Called before each fetch, likewise; what it returns is fetched instead. */
  onFetch: ((request: FetchRequest) => FetchRequest | undefined) | undefined;
  readonly produced: ProduceRequest[];
  readonly fetched: FetchRequest[];
  /** Lets a partition start at an offset, as if retention had raised it. */
  readonly trim: (topic: string, partition: number, startOffset: number) => void;
}

export function watchBroker(broker: Broker): WatchedBroker {
  const starts = new Map<string, number>();
  const startOf = (topic: string, partition: number): number => starts.get(`${topic}/${partition}`) ?? 0;
  const watched: WatchedBroker = {
    onProduce: undefined,
    onFetch: undefined,
    produced: [],
    fetched: [],
    trim: (topic, partition, startOffset) => starts.set(`${topic}/${partition}`, startOffset),
    groups: broker.groups,
    instances: broker.instances,
    topicDefaults: broker.topicDefaults,
    clusterId: () => broker.clusterId(),
    createTopic: (request) => broker.createTopic(request),
    describeTopic: (name, options) => broker.describeTopic(name, options),
    findTopicById: (topicId) => broker.findTopicById(topicId),
    listTopics: () => broker.listTopics(),
    deleteTopic: (name, topicId) => broker.deleteTopic(name, topicId),
    describeConfigs: (name) => broker.describeConfigs(name),
    alterConfigs: (name, changes, options) => broker.alterConfigs(name, changes, options),
    createPartitions: (request) => broker.createPartitions(request),
    deleteRecords: (...call) => broker.deleteRecords(...call),
    initProducerId: () => broker.initProducerId(),
    produce: async (request) => {
      watched.produced.push(request);
      await watched.onProduce?.(request);
      return broker.produce(request);
    },
    fetch: async (request) => {
      watched.fetched.push(request);
      const changed = watched.onFetch?.(request) ?? request;
      const { topic, partition, offset } = changed;
      if (offset < startOf(topic, partition)) {
        throw new BrokerError(
          'OFFSET_OUT_OF_RANGE',
          `offset ${offset} is below ${startOf(topic, partition)}`,
        );
      }
      return broker.fetch(changed);
    },
    fetchMany: (...call) => broker.fetchMany(...call),
    listOffset: async (topic, partition, at) => {
      const listed = await broker.listOffset(topic, partition, at);
      return { ...listed, offset: Math.max(listed.offset, startOf(topic, partition)) };
    },
  };
  return watched;
}
