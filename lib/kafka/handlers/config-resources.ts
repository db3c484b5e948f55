// What has configs, and how configs are told on the wire.
import { BrokerError } from '../../base/errors.ts';
import type { TopicConfig } from '../../topics/topic.ts';

/** Kafka's ConfigResource.Type. */
export const RESOURCE = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const;

/** Kafka's ConfigEntry.ConfigSource, as far as there are such here. */
export const SOURCE = { topic: 1, staticBroker: 4, default: 5 } as const;

/** Kafka's ConfigEntry.ConfigType. */
export const CONFIG_TYPES = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
} as const satisfies Record<TopicConfig['type'], number>;

/** Where a topic's config comes from. */
export const sourceOf = ({ isDefault }: TopicConfig): number => (isDefault ? SOURCE.default : SOURCE.topic);

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** One text for each resource. */
export const resourceKey = ({ resourceType, resourceName }: Resource): string =>
  `${resourceType} ${resourceName}`;

/** The error of a resource of which nothing can be altered. */
export function cannotAlter({ resourceType, resourceName }: Resource): BrokerError {
  const what = {
    [RESOURCE.broker]: 'broker configs are set where the gateway is started',
    [RESOURCE.group]: 'groups have no configs of their own',
  }[resourceType];
  const why = what ?? 'only topics (type 2) have configs that can be altered';
  return new BrokerError('INVALID_REQUEST', `resource "${resourceName}" of type ${resourceType}: ${why}`);
}
