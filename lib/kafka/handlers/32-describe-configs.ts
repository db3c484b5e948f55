// DescribeConfigs: all configs of topics as they are in force, and what this gateway's node is set to.
import { BrokerError } from '../../base/errors.ts';
import { describeConfigs as describeTopicConfigs } from '../../topics/config-state.ts';
import { checkTopicName } from '../../topics/topic-name.ts';
import { DESCRIBE_CONFIGS } from '../protocol/apis/32-describe-configs.ts';
import { brokerConfigs } from './broker-configs.ts';
import { CONFIG_TYPES, RESOURCE, SOURCE, sourceOf } from './config-resources.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import { someAtATime } from './some-at-a-time.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';
import type { TopicConfig } from '../../topics/topic.ts';

type Request = RequestOf<typeof DESCRIBE_CONFIGS>;
type Asked = Request['resources'][number];
type Answer = ResponseOf<typeof DESCRIBE_CONFIGS>['results'][number];
type Config = Answer['configs'][number];

/** DescribeConfigs. */
export const describeConfigs = handler<typeof DESCRIBE_CONFIGS>({
  schema: DESCRIBE_CONFIGS,
  handle: async (context, request) => ({
    results: await someAtATime(request.resources, (asked) => describe(context, request, asked)),
  }),
});

async function describe(context: RequestContext, request: Request, asked: Asked): Promise<Answer> {
  const { resourceType, resourceName } = asked;
  try {
    const configs = await configsOf(context, asked);
    return {
      ...{ errorCode: 0, errorMessage: null, resourceType, resourceName },
      configs: wanted(asked, configs).map((config) => answerOf(request, config)),
    };
  } catch (error) {
    return { ...errorOf(error), resourceType, resourceName, configs: [] };
  }
}

interface Sourced {
  readonly config: TopicConfig;
  readonly source: number;
}

async function configsOf(
  context: RequestContext,
  { resourceType, resourceName }: Asked,
): Promise<readonly Sourced[]> {
  switch (resourceType) {
    case RESOURCE.topic: {
      checkTopicName(resourceName);
      const configs = await context.broker.describeConfigs(resourceName);
      return configs.map((config) => ({ config, source: sourceOf(config) }));
    }
    case RESOURCE.broker: {
      checkBroker(context, resourceName);
      return brokerConfigs(context).map((config) => ({
        ...{ config, source: config.isDefault ? SOURCE.default : SOURCE.staticBroker },
      }));
    }
    default: {
      const message = `resources of type ${resourceType} have no configs: topics (2) and brokers (4) have`;
      throw new BrokerError('INVALID_REQUEST', message);
    }
  }
}

/** Empty: what all brokers share, which is everything, as gateways look the same to clients. */
function checkBroker({ node: { nodeId } }: RequestContext, resourceName: string): void {
  if (resourceName === '' || resourceName === String(nodeId)) return;
  throw new BrokerError('INVALID_REQUEST', `the only broker is ${nodeId}, got "${resourceName}"`);
}

/** No keys mean all of them. */
function wanted({ configurationKeys }: Asked, configs: readonly Sourced[]): readonly Sourced[] {
  if (configurationKeys === null || configurationKeys.length === 0) return configs;
  return configs.filter(({ config }) => configurationKeys.includes(config.name));
}

function answerOf({ includeSynonyms, includeDocumentation }: Request, { config, source }: Sourced): Config {
  const { name, value, isDefault, isReadOnly, isSensitive, type, documentation } = config;
  return {
    ...{ name, value, readOnly: isReadOnly, isDefault, configSource: source, isSensitive },
    synonyms: includeSynonyms ? synonymsOf({ config, source }) : [],
    configType: CONFIG_TYPES[type],
    documentation: includeDocumentation ? documentation : null,
  };
}

const DEFAULTS: ReadonlyMap<string, string> = new Map(
  describeTopicConfigs({}).map(({ name, value }) => [name, value]),
);

/** What gives the value, then what would give it in its place. */
function synonymsOf({ config: { name, value }, source }: Sourced): Config['synonyms'] {
  const first = { name, value, source };
  const defaultValue = source === SOURCE.topic ? DEFAULTS.get(name) : undefined;
  return defaultValue === undefined
    ? [first]
    : [first, { name, value: defaultValue, source: SOURCE.default }];
}
