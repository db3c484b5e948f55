// The broker over one log: finds the topic, then asks the log of its partition.
import { BrokerError } from '../base/errors.ts';
import { openCluster } from '../cluster/cluster.ts';
import { ProducerIds } from '../cluster/producer-ids.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { describeConfigs } from '../topics/config-state.ts';
import { createTopic } from '../topics/create-topic.ts';
import { deleteTopic } from '../topics/delete-topic.ts';
import { getTopic, listTopics } from '../topics/find-topics.ts';
import { fetchFrom } from './fetch.ts';
import { produceTo } from './produce.ts';
import { TopicLookup } from './topic-lookup.ts';
import type { AppendWatch } from './append-watch.ts';
import type { Broker, ListedOffset } from './broker.ts';
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
  readonly watch: AppendWatch;
  readonly topicLimits: TopicLimits;
  readonly settings: BrokerSettings;
}

/** A broker over a log whose stores it shares for topics and the cluster record. Owns nothing that must be closed. */
export function createBroker({ log, watch, topicLimits, settings }: BrokerDeps): Broker {
  const { items, clock, dice } = log.deps;
  const topicDeps = { items, clock, dice, limits: topicLimits };
  const lookup = new TopicLookup(topicDeps, settings);
  const producerIds = new ProducerIds(items);
  let cluster: ReturnType<typeof openCluster> | undefined;

  return {
    clusterId: async () => {
      cluster ??= openCluster(log.deps).catch((error: unknown) => {
        cluster = undefined;
        throw error;
      });
      return (await cluster).clusterId;
    },
    createTopic: (request) => createTopic(topicDeps, request),
    describeTopic: (name, options) => lookup.find(name, options),
    listTopics: () => listTopics(items),
    deleteTopic: async (name) => {
      const topic = await getTopic(items, name);
      await deleteTopic(topicDeps, name).finally(() => {
        lookup.drop(name);
        endWaits(watch, topic);
      });
    },
    describeConfigs: async (name) => describeConfigs((await getTopic(items, name)).configs),
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
function endWaits(watch: AppendWatch, { topicId, partitions }: Topic): void {
  for (let partition = 0; partition < partitions; partition++)
    watch.notify(partitionIdOf(topicId, partition));
}

function checkTopicId({ name, topicId }: Topic, expected: string | undefined): void {
  if (expected === undefined || expected === topicId) return;
  const message = `topic ${name} was deleted and made anew: its id is ${topicId}, not ${expected}`;
  throw new BrokerError('UNKNOWN_TOPIC_ID', message, { field: 'topic_id' });
}

async function listOffset(
  log: Log,
  partitionId: string,
  at: 'earliest' | 'latest' | number,
): Promise<ListedOffset> {
  if (typeof at === 'number') return log.offsetForTimestamp(partitionId, at);
  const { logStartOffset, highWatermark } = await log.offsets(partitionId);
  return { offset: at === 'earliest' ? logStartOffset : highWatermark, timestampMs: -1 };
}
