// CreateTopics: each topic is made or refused by itself, and answered when it is durable.
import { BrokerError } from '../../base/errors.ts';
import { describeConfigs } from '../../topics/config-state.ts';
import { CREATE_TOPICS } from '../protocol/apis/19-create-topics.ts';
import { ZERO_UUID } from '../protocol/layout.ts';
import { sourceOf } from './config-resources.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import { repeatedIn, someAtATime } from './some-at-a-time.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';
import type { Topic } from '../../topics/topic.ts';

type Request = RequestOf<typeof CREATE_TOPICS>;
type Asked = Request['topics'][number];
type Answer = ResponseOf<typeof CREATE_TOPICS>['topics'][number];

/** "The default" of a count. */
const DEFAULT = -1;

/** What is reported where nobody asked for a number: the storage below replicates by itself. */
const REPLICATION_FACTOR = 1;

/** CreateTopics. */
// Kafka differs: it answers REQUEST_TIMED_OUT after timeout_ms and goes on; here the answer says what became of the topic.
export const createTopics = handler<typeof CREATE_TOPICS>({
  schema: CREATE_TOPICS,
  handle: async (context, { topics, validateOnly }) => {
    const repeated = repeatedIn(topics.map(({ name }) => name));
    return {
      topics: await someAtATime(topics, (asked) =>
        create(context, asked, { validateOnly, isRepeated: repeated.has(asked.name) }),
      ),
    };
  },
});

async function create(
  { broker }: RequestContext,
  asked: Asked,
  { validateOnly, isRepeated }: { readonly validateOnly: boolean; readonly isRepeated: boolean },
): Promise<Answer> {
  const { name, numPartitions } = asked;
  try {
    check(asked, isRepeated);
    const topic = await broker.createTopic({
      ...{ name, validateOnly, configs: configsOf(asked) },
      ...(numPartitions !== DEFAULT && { partitions: numPartitions }),
    });
    return made(topic, asked, validateOnly);
  } catch (error) {
    return { ...{ name, topicId: ZERO_UUID, configs: [] }, ...errorOf(error) };
  }
}

function check({ name, replicationFactor, assignments }: Asked, isRepeated: boolean): void {
  if (isRepeated) throw new BrokerError('INVALID_REQUEST', `topic ${name} is named twice in one request`);
  if (assignments.length > 0) {
    const message = `topic ${name}: partitions have no replicas that could be assigned, got ${assignments.length} assignments`;
    throw new BrokerError('INVALID_REPLICA_ASSIGNMENT', message);
  }
  if (replicationFactor === DEFAULT || replicationFactor >= 1) return;
  const message = `topic ${name}: the replication factor must be at least 1, or -1 for the default, got ${replicationFactor}`;
  throw new BrokerError('INVALID_REPLICATION_FACTOR', message);
}

function configsOf({ configs }: Asked): Readonly<Record<string, string>> {
  return Object.fromEntries(
    configs.map(({ name, value }) => {
      if (value !== null) return [name, value];
      throw new BrokerError('INVALID_CONFIG', `${name} must have a value, got null`, {
        field: `configs.${name}`,
      });
    }),
  );
}

// Kafka differs: any replication factor is accepted and told back, as the storage replicates in its own way.
function made(topic: Topic, { replicationFactor }: Asked, validateOnly: boolean): Answer {
  return {
    ...{ name: topic.name, topicId: validateOnly ? ZERO_UUID : topic.topicId },
    ...{ errorCode: 0, errorMessage: null, numPartitions: topic.partitions },
    replicationFactor: replicationFactor === DEFAULT ? REPLICATION_FACTOR : replicationFactor,
    configs: describeConfigs(topic.configs).map((config) => ({
      ...{ name: config.name, value: config.value, readOnly: config.isReadOnly },
      ...{ configSource: sourceOf(config), isSensitive: config.isSensitive },
    })),
  };
}
