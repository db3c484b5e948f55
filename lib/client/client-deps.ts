// What producers, consumers and admins work on.
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type {
  Broker,
  CreateTopicRequest,
  DescribeTopicOptions,
  FetchedBatches,
  FetchRequest,
} from '../broker/broker.ts';
import type { Groups } from '../groups/groups.ts';
import type { Topic } from '../topics/topic.ts';

/** What a client asks of topics. */
export type TopicSummary = Pick<Topic, 'name' | 'topicId' | 'partitions'>;

/** The part of `Groups` that a client speaks: the consumer protocol, offsets and administration. */
export type ClientGroups = Pick<
  Groups,
  | 'consumerGroupHeartbeat'
  | 'commitOffsets'
  | 'fetchOffsets'
  | 'listGroups'
  | 'describeGroup'
  | 'deleteGroup'
  | 'deleteOffsets'
>;

/**
 * The part of `Broker` that a client needs, so that every Broker is one, and one over HTTP can be one. Throws what Broker
 * throws. A fetch whose signal is aborted may throw.
 */
export interface ClientBroker extends Pick<
  Broker,
  'clusterId' | 'deleteTopic' | 'produce' | 'listOffset' | 'initProducerId'
> {
  readonly groups: ClientGroups;
  createTopic(request: CreateTopicRequest): Promise<TopicSummary>;
  describeTopic(name: string, options?: DescribeTopicOptions): Promise<TopicSummary>;
  listTopics(): Promise<readonly TopicSummary[]>;
  fetch(request: FetchRequest): Promise<Pick<FetchedBatches, 'batches' | 'highWatermark'>>;
}

export interface ClientDeps {
  readonly broker: ClientBroker;
  readonly clock: Clock;
  readonly dice: Dice;
  /** Resolves once what was asked for in one go is here, so that it can share a request: `inputHandled` outside of simulations. */
  readonly gather: () => Promise<void>;
  /** Shown to whoever describes a group; decides nothing. */
  readonly clientId: string;
}
