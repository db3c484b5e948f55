// The service that every gateway shares: what can be asked of the log, in Kafka's terms.
import type { BrokerError } from '../base/errors.ts';
import type { Groups } from '../groups/groups.ts';
import type { Instances } from '../groups/instances.ts';
import type { AlterConfigsOptions } from '../topics/alter-configs.ts';
import type { ConfigChange } from '../topics/config-changes-state.ts';
import type { NewPartitions } from '../topics/create-partitions.ts';
import type { Topic, TopicConfig } from '../topics/topic.ts';

export interface CreateTopicRequest {
  readonly name: string;
  /** Default: the cluster's `num.partitions`. */
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** Check everything, make nothing. */
  readonly validateOnly?: boolean;
}

export interface DescribeTopicOptions {
  /**
   * Makes an absent topic where the cluster creates topics automatically, as Kafka's Metadata request of that name does:
   * a gateway that partitions needs the count before it can produce. Default false.
   */
  readonly allowAutoTopicCreation?: boolean;
}

export interface ProduceRequest {
  readonly topic: string;
  readonly partition: number;
  /** One whole record batch (magic 2), as the producer sent it; Kafka allows no more. Left alone until the call resolves. */
  readonly batch: Uint8Array;
}

/** Where the batch of a produce request stands. A batch that was stored before (same producer, same sequence) answers its first place. */
export interface ProducedBatch {
  readonly baseOffset: number;
  readonly recordCount: number;
  /** Set where the topic's message.timestamp.type is LogAppendTime, else -1. */
  readonly logAppendTimeMs: number;
  readonly isDuplicate: boolean;
}

/** What is fetched of one partition. */
export interface PartitionFetch {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Answers hold whole batches within this many bytes, but always at least one batch where there is one. */
  readonly maxBytes: number;
  /** Of the topic that the offset is an offset of: one that was made anew under the same name is refused. */
  readonly topicId?: string;
}

export interface FetchRequest extends PartitionFetch {
  /** Wait up to so long for at least one record; 0: answer at once. */
  readonly maxWaitMs: number;
  /** Ends the wait early with what there is. */
  readonly signal?: AbortSignal;
}

export interface FetchManyOptions {
  /** Wait for so many bytes of all partitions together; with 0 nothing is waited for. */
  readonly minBytes: number;
  /** Of all partitions together. The first batch of the first partition that has one is answered whatever its size (KIP-74). */
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  /** Ends the wait early with what there is. */
  readonly signal?: AbortSignal;
}

export interface FetchedBatches {
  /** Whole batches with their true offsets, beginning with the one that contains the asked offset; empty at the end. */
  readonly batches: Uint8Array;
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

/** An offset of ListOffsets; -1 and -1 where no record has the timestamp or a later one. */
export interface ListedOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/**
 * Which offset: the first, the next one to be given out, the first of the records with the largest timestamp, or the first
 * record with this timestamp or a later one (ms).
 */
export type OffsetSpec = 'earliest' | 'latest' | 'maxTimestamp' | number;

/**
 * The part of a broker that records go through. All methods of a broker throw BrokerError: UNKNOWN_TOPIC_OR_PARTITION,
 * INVALID_TOPIC_EXCEPTION and so on; storage errors (THROTTLING_QUOTA_EXCEEDED, KAFKA_STORAGE_ERROR, REQUEST_TIMED_OUT) may
 * come from every one of them.
 */
export interface RecordBroker {
  clusterId(): Promise<string>;
  /** Throws UNKNOWN_TOPIC_OR_PARTITION, and INVALID_TOPIC_EXCEPTION where it would have to make the topic. */
  describeTopic(name: string, options?: DescribeTopicOptions): Promise<Topic>;
  /** undefined: there is none of that id. */
  findTopicById(topicId: string): Promise<Topic | undefined>;
  /** Resolves when durable. Makes the topic first where the cluster creates topics automatically. */
  produce(request: ProduceRequest): Promise<ProducedBatch>;
  /**
   * Throws OFFSET_OUT_OF_RANGE below logStartOffset and above the high watermark, UNKNOWN_TOPIC_ID where the topic is not
   * the one of the request's id any more.
   */
  fetch(request: FetchRequest): Promise<FetchedBatches>;
  /**
   * Fetches from many partitions, with one wait for all of them; answers in the order of the requests. A partition that
   * fails answers its error, and ends the wait. Each call begins with another partition, so that none is always the one
   * that the bytes do not suffice for.
   */
  fetchMany(
    requests: readonly PartitionFetch[],
    options: FetchManyOptions,
  ): Promise<readonly (FetchedBatches | BrokerError)[]>;
  listOffset(topic: string, partition: number, at: OffsetSpec): Promise<ListedOffset>;
  /**
   * Deletes the records before an offset, or all there are; answers the first offset that is left. Throws
   * OFFSET_OUT_OF_RANGE for an offset that is negative or above the high watermark.
   */
  deleteRecords(topic: string, partition: number, before: number | 'highWatermark'): Promise<number>;
  /** A producer id that nobody had before, with epoch 0. */
  initProducerId(): Promise<{ readonly producerId: bigint; readonly producerEpoch: number }>;
}

export interface TopicDefaults {
  /** Kafka's auto.create.topics.enable. */
  readonly autoCreateTopics: boolean;
  /** Kafka's num.partitions. */
  readonly partitions: number;
}

/** The part of a broker that administers topics. */
export interface TopicBroker {
  /** How topics are made that nobody described. */
  readonly topicDefaults: TopicDefaults;
  /** Throws INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG. */
  createTopic(request: CreateTopicRequest): Promise<Topic>;
  /** In the order of their names. */
  listTopics(): Promise<readonly Topic[]>;
  /** With `topicId` only the topic of that id; else UNKNOWN_TOPIC_OR_PARTITION is thrown. */
  deleteTopic(name: string, topicId?: string): Promise<void>;
  /** All of Kafka's topic configs, in the order of their names. */
  describeConfigs(name: string): Promise<readonly TopicConfig[]>;
  /**
   * Changes topic configs. Gateways that know the topic work with the old ones for a few seconds. Throws
   * UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG, and INVALID_REQUEST for a config that is named twice.
   */
  alterConfigs(name: string, changes: readonly ConfigChange[], options: AlterConfigsOptions): Promise<Topic>;
  /** Answers the topic with its new number of partitions. Throws UNKNOWN_TOPIC_OR_PARTITION, and INVALID_PARTITIONS unless they become more. */
  createPartitions(request: NewPartitions): Promise<Topic>;
}

/** The part of a broker that serves consumer groups. */
export interface GroupBroker {
  readonly groups: Groups;
  /** Consumers over HTTP, which are in the store between two requests. */
  readonly instances: Instances;
}

/** The whole broker. Who serves a part of it needs only that part: a function on AWS loads no more. */
export interface Broker extends RecordBroker, TopicBroker, GroupBroker {}
