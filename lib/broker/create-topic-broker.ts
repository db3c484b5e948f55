// The part of a broker that administers topics.
import { partitionIdOf } from '../storage/schema/head.ts';
import { alterConfigs } from '../topics/alter-configs.ts';
import { describeConfigs } from '../topics/config-state.ts';
import { createPartitions } from '../topics/create-partitions.ts';
import { createTopic } from '../topics/create-topic.ts';
import { deleteTopic } from '../topics/delete-topic.ts';
import { getTopic, listTopics } from '../topics/find-topics.ts';
import type { BrokerCore } from './broker-core.ts';
import type { TopicBroker } from './broker.ts';
import type { KeyWatch } from '../base/key-watch.ts';
import type { Topic } from '../topics/topic.ts';

/** Owns nothing that must be closed. */
export function createTopicBroker({ watch, topicDeps, lookup, settings }: BrokerCore): TopicBroker {
  const { items } = topicDeps;
  return {
    topicDefaults: {
      autoCreateTopics: settings.autoCreateTopics,
      partitions: topicDeps.limits.partitionsDefault,
    },
    createTopic: (request) => createTopic(topicDeps, request),
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
  };
}

/** Who waits for records of a topic that is gone waits in vain. */
function endWaits(watch: KeyWatch, { topicId, partitions }: Topic): void {
  for (let partition = 0; partition < partitions; partition++)
    watch.notify(partitionIdOf(topicId, partition));
}
