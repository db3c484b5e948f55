// Administration, by the names that kafkajs gives it: topics, offsets and groups. Answers are typed, and offsets are numbers.
import { type BrokerError, toBrokerError } from '../base/errors.ts';
import type { GroupDescription, GroupListing } from '../groups/groups.ts';
import type { ClientDeps } from './client-deps.ts';
import { offsetOf } from './consumer/consumer-options.ts';

export interface TopicToCreate {
  readonly topic: string;
  /** Default, and -1: the cluster's. */
  readonly numPartitions?: number;
  /** Taken and passed over: the storage replicates. */
  readonly replicationFactor?: number;
  readonly configEntries?: readonly { readonly name: string; readonly value: string }[];
}

export interface TopicMetadata {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly { readonly partitionId: number }[];
}

/** `offset` and `high`: the next one to be given out; `low`: the first that can be read. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly offset: number;
  readonly high: number;
  readonly low: number;
}

export interface GroupOffset {
  readonly partition: number;
  /** The next offset to read; -1: none is committed. */
  readonly offset: number;
  readonly metadata: string | null;
}

export interface SeekEntry {
  readonly partition: number;
  readonly offset: number | string;
}

/** What became of one of several. */
export interface GroupResult {
  readonly groupId: string;
  readonly error?: BrokerError;
}

/** Holds nothing open: `connect` and `disconnect` are here as kafkajs's are. All methods throw BrokerError. */
export class Admin {
  readonly #deps: ClientDeps;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    return Promise.resolve();
  }

  /** False where any of them was there already; the others are made all the same. Throws what is wrong with the first that cannot be made. */
  async createTopics(request: {
    readonly topics: readonly TopicToCreate[];
    /** Check everything, make nothing. */
    readonly validateOnly?: boolean;
  }): Promise<boolean> {
    const { validateOnly = false } = request;
    let isAllNew = true;
    for (const { topic: name, numPartitions = -1, configEntries = [] } of request.topics) {
      try {
        await this.#deps.broker.createTopic({
          ...{ name, validateOnly },
          ...(numPartitions !== -1 && { partitions: numPartitions }),
          configs: Object.fromEntries(configEntries.map((entry) => [entry.name, entry.value])),
        });
      } catch (error) {
        if (toBrokerError(error).code !== 'TOPIC_ALREADY_EXISTS') throw error;
        isAllNew = false;
      }
    }
    return isAllNew;
  }

  /** With all of their records. Throws UNKNOWN_TOPIC_OR_PARTITION at the first that is not there. */
  async deleteTopics({ topics }: { readonly topics: readonly string[] }): Promise<void> {
    for (const topic of topics) await this.#deps.broker.deleteTopic(topic);
  }

  /** The names of all topics, in order. */
  async listTopics(): Promise<readonly string[]> {
    return (await this.#deps.broker.listTopics()).map(({ name }) => name);
  }

  /** Of these topics, or of all. Throws UNKNOWN_TOPIC_OR_PARTITION for one that is not there: none is made by asking. */
  async fetchTopicMetadata({ topics }: { readonly topics?: readonly string[] } = {}): Promise<{
    readonly topics: readonly TopicMetadata[];
  }> {
    const { broker } = this.#deps;
    const found =
      topics === undefined
        ? await broker.listTopics()
        : await Promise.all(topics.map((topic) => broker.describeTopic(topic)));
    return {
      topics: found.map(({ name, topicId, partitions }) => ({
        ...{ name, topicId },
        partitions: upTo(partitions).map((partitionId) => ({ partitionId })),
      })),
    };
  }

  async fetchTopicOffsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#eachPartition(topic, async (partition) => {
      const [low, high] = await Promise.all([
        this.#deps.broker.listOffset(topic, partition, 'earliest'),
        this.#deps.broker.listOffset(topic, partition, 'latest'),
      ]);
      return { partition, offset: high.offset, high: high.offset, low: low.offset };
    });
  }

  /** The first offset with this timestamp or a later one; where there is none, and without a timestamp, the next to be given out. */
  async fetchTopicOffsetsByTimestamp(
    topic: string,
    timestampMs?: number,
  ): Promise<readonly { readonly partition: number; readonly offset: number }[]> {
    const { broker } = this.#deps;
    return this.#eachPartition(topic, async (partition) => {
      const found = await broker.listOffset(topic, partition, timestampMs ?? 'latest');
      const { offset } = found.offset === -1 ? await broker.listOffset(topic, partition, 'latest') : found;
      return { partition, offset };
    });
  }

  /**
   * What a group has committed, of these topics with all of their partitions, or of all topics with those that it has
   * committed. `resolveOffsets` gives -1 the first offset that can be read in its place.
   */
  async fetchOffsets(request: {
    readonly groupId: string;
    readonly topics?: readonly string[];
    readonly resolveOffsets?: boolean;
  }): Promise<readonly { readonly topic: string; readonly partitions: readonly GroupOffset[] }[]> {
    const { groupId, resolveOffsets = false } = request;
    const committed = await this.#deps.broker.groups.fetchOffsets({ groupId });
    const topics = request.topics ?? [...new Set(committed.map(({ topic }) => topic))].sort();
    return Promise.all(
      topics.map(async (topic) => {
        const ofTopic = committed.filter((one) => one.topic === topic);
        const partitions =
          request.topics === undefined
            ? ofTopic.map(({ partition }) => partition).sort((a, b) => a - b)
            : upTo((await this.#deps.broker.describeTopic(topic)).partitions);
        const offsets = partitions.map(async (partition): Promise<GroupOffset> => {
          const found = ofTopic.find((one) => one.partition === partition);
          if (found !== undefined) return { partition, offset: found.offset, metadata: found.metadata };
          const first = resolveOffsets
            ? (await this.#deps.broker.listOffset(topic, partition, 'earliest')).offset
            : -1;
          return { partition, offset: first, metadata: null };
        });
        return { topic, partitions: await Promise.all(offsets) };
      }),
    );
  }

  /** Sets what a group has committed. The group must have no members. Throws the first error; other partitions may be set then. */
  async setOffsets(request: {
    readonly groupId: string;
    readonly topic: string;
    readonly partitions: readonly SeekEntry[];
  }): Promise<void> {
    const { groupId, topic } = request;
    const results = await this.#deps.broker.groups.commitOffsets({
      ...{ groupId, memberId: '', generationOrMemberEpoch: -1 },
      offsets: request.partitions.map(({ partition, offset }) => ({
        ...{ topic, partition, offset: offsetOf({ topic, partition, offset }) },
      })),
    });
    throwFirst(results);
  }

  /** Sets all partitions of a topic to their first offset (`earliest`) or their next one (default). As setOffsets. */
  async resetOffsets(request: {
    readonly groupId: string;
    readonly topic: string;
    readonly earliest?: boolean;
  }): Promise<void> {
    const { groupId, topic, earliest = false } = request;
    const offsets = await this.fetchTopicOffsets(topic);
    const partitions = offsets.map(({ partition, low, high }) => ({
      partition,
      offset: earliest ? low : high,
    }));
    await this.setOffsets({ groupId, topic, partitions });
  }

  async listGroups(): Promise<{ readonly groups: readonly GroupListing[] }> {
    return { groups: await this.#deps.broker.groups.listGroups() };
  }

  /** In the order of the ids. Throws GROUP_ID_NOT_FOUND for the first that is not there. */
  async describeGroups(
    groupIds: readonly string[],
  ): Promise<{ readonly groups: readonly GroupDescription[] }> {
    const { groups } = this.#deps.broker;
    return { groups: await Promise.all(groupIds.map((groupId) => groups.describeGroup(groupId))) };
  }

  /** With their committed offsets; says of each what became of it, in the order of the ids. Throws nothing. */
  async deleteGroups(groupIds: readonly string[]): Promise<readonly GroupResult[]> {
    const { groups } = this.#deps.broker;
    return Promise.all(
      groupIds.map(async (groupId) => {
        try {
          await groups.deleteGroup(groupId);
          return { groupId };
        } catch (error) {
          return { groupId, error: toBrokerError(error) };
        }
      }),
    );
  }

  /** Removes what a group has committed of a topic: of these partitions, or of all. Throws the first error. */
  async deleteOffsets(request: {
    readonly groupId: string;
    readonly topic: string;
    readonly partitions?: readonly number[];
  }): Promise<void> {
    const { broker } = this.#deps;
    const { groupId, topic } = request;
    const partitions = request.partitions ?? upTo((await broker.describeTopic(topic)).partitions);
    throwFirst(
      await broker.groups.deleteOffsets(
        groupId,
        partitions.map((partition) => ({ topic, partition })),
      ),
    );
  }

  async #eachPartition<T>(topic: string, ask: (partition: number) => Promise<T>): Promise<readonly T[]> {
    const { partitions } = await this.#deps.broker.describeTopic(topic);
    return Promise.all(upTo(partitions).map(ask));
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

function throwFirst(results: readonly { readonly error?: BrokerError }[]): void {
  const failures = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const [first] = failures;
  if (first === undefined) return;
  const done = results.length - failures.length;
  throw first.restated({
    message: `${first.message}${done === 0 ? '' : `; the other ${done} of ${results.length} partitions are done`}`,
    outcome: done === 0 ? first.outcome : 'unknown',
  });
}
