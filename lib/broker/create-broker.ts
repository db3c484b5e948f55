// The broker over one log: finds the topic, then asks the log of its partition.
import { BrokerError } from '../base/errors.ts';
import { openCluster } from '../cluster/cluster.ts';
import { createCoordinator } from '../groups/create-coordinator.ts';
import { createGroups } from '../groups/create-groups.ts';
import { createInstances } from '../groups/instances.ts';
import { ProducerIds } from '../cluster/producer-ids.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { alterConfigs } from '../topics/alter-configs.ts';
import { describeConfigs } from '../topics/config-state.ts';
import { createPartitions } from '../topics/create-partitions.ts';
import { createTopic } from '../topics/create-topic.ts';
import { deleteTopic } from '../topics/delete-topic.ts';
import { getTopic, listTopics } from '../topics/find-topics.ts';
import { fetchFrom } from './fetch.ts';
import { produceTo } from './produce.ts';
import { TopicLookup } from './topic-lookup.ts';
import type { KeyWatch } from '../base/key-watch.ts';
import type { Broker, ListedOffset, OffsetSpec } from './broker.ts';
import type { MatchTopics } from '../groups/group-deps.ts';
import type { GroupLimits } from '../groups/limits.ts';
import type { Log } from '../log/log.ts';
import type { Topic } from '../topics/topic.ts';
import type { TopicLimits } from '../topics/limits.ts';

export interface BrokerSettings {
  /** Kafka's auto.create.topics.enable. */
  readonly autoCreateTopics: boolean;
  /** How long a waiting fetch sleeps before it looks for the appends of other processes, at first and at most. */
  readonly pollMsMin: number;
  readonly pollMsMax: number;
}

export interface BrokerDeps {
  readonly log: Log;
  /** Told of this process's own appends by the log's events. */
  readonly watch: KeyWatch;
  readonly topicLimits: TopicLimits;
  /** Default: Kafka's. */
  readonly groupLimits?: GroupLimits;
  /** For subscriptions by a pattern; without it they are refused. */
  readonly matchTopics?: MatchTopics;
  readonly settings: BrokerSettings;
}

/** A broker over a log whose stores it shares for topics and the cluster record. Owns nothing that must be closed. */
export function createBroker(deps: BrokerDeps): Broker {
  const { log, watch, topicLimits, groupLimits, matchTopics, settings } = deps;
  const { items, clock, dice } = log.deps;
  const topicDeps = { items, clock, dice, limits: topicLimits };
  const lookup = new TopicLookup(topicDeps, settings);
  const coordinator = createCoordinator(topicDeps, {
    ...settings,
    ...(groupLimits && { limits: groupLimits }),
    ...(matchTopics && { matchTopics }),
  });
  const producerIds = new ProducerIds(items);
  let cluster: ReturnType<typeof openCluster> | undefined;

  return {
    groups: createGroups(coordinator),
    instances: createInstances(coordinator.deps),
    clusterId: async () => {
      cluster ??= openCluster(log.deps).catch((error: unknown) => {
        cluster = undefined;
        throw error;
      });
      return (await cluster).clusterId;
    },
    createTopic: (request) => createTopic(topicDeps, request),
    describeTopic: (name, options) => lookup.find(name, options),
    findTopicById: (topicId) => lookup.findById(topicId),
    listTopics: () => listTopics(items),
    deleteTopic: async (name, topicId) => {
      const topic = await getTopic(items, name);
      await deleteTopic(topicDeps, name, topicId).finally(() => {
        lookup.drop(name);
        endWaits(watch, topic);
      });
    },
    describeConfigs: async (name) => describeConfigs((await getTopic(items, name)).configs),
    alterConfigs: (name, changes, options) =>
      alterConfigs(topicDeps, name, changes, options).finally(() => {
        lookup.drop(name);
      }),
    createPartitions: (request) =>
      createPartitions(topicDeps, request).finally(() => {
        lookup.drop(request.name);
      }),
    produce: ({ topic: name, partition, batch }) =>
      lookup.withPartition(name, partition, (topic) => produceTo(log, topic, { partition, batch }), {
        allowAutoTopicCreation: true,
      }),
    fetch: (request) =>
      lookup.withPartition(request.topic, request.partition, (topic) => {
        checkTopicId(topic, request.topicId);
        const partitionId = partitionIdOf(topic.topicId, request.partition);
        return fetchFrom({ log, clock, watch, ...settings }, partitionId, request);
      }),
    listOffset: (name, partition, at) =>
      lookup.withPartition(name, partition, ({ topicId }) =>
        listOffset(log, partitionIdOf(topicId, partition), at),
      ),
    initProducerId: async () => ({ producerId: await producerIds.next(), producerEpoch: 0 }),
  };
}

/** Who waits for records of a topic that is gone waits in vain. */
function endWaits(watch: KeyWatch, { topicId, partitions }: Topic): void {
  for (let partition = 0; partition < partitions; partition++)
    watch.notify(partitionIdOf(topicId, partition));
}

function checkTopicId({ name, topicId }: Topic, expected: string | undefined): void {
  if (expected === undefined || expected === topicId) return;
  const message = `topic ${name} was deleted and made anew: its id is ${topicId}, not ${expected}`;
  throw new BrokerError('UNKNOWN_TOPIC_ID', message, { field: 'topic_id' });
}

async function listOffset(log: Log, partitionId: string, at: OffsetSpec): Promise<ListedOffset> {
  if (typeof at === 'number') return log.offsetForTimestamp(partitionId, at);
  if (at === 'maxTimestamp') return log.offsetOfMaxTimestamp(partitionId);
  const { logStartOffset, highWatermark } = await log.offsets(partitionId);
  return { offset: at === 'earliest' ? logStartOffset : highWatermark, timestampMs: -1 };
}
