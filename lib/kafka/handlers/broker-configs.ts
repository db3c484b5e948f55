// What this gateway's node says of itself as Kafka's broker configs: only what is true and what tools ask for. All are
// read-only.
import { describeConfigs } from '../../topics/config-state.ts';
import type { HandlerDeps } from './handler.ts';
import type { TopicConfig } from '../../topics/topic.ts';

/** The broker configs that are the defaults of topic configs, by the topic config's name. */
const TOPIC_DEFAULTS: Readonly<Record<string, string>> = {
  'cleanup.policy': 'log.cleanup.policy',
  'compression.type': 'compression.type',
  'max.message.bytes': 'message.max.bytes',
  'message.timestamp.type': 'log.message.timestamp.type',
  'min.insync.replicas': 'min.insync.replicas',
  'retention.bytes': 'log.retention.bytes',
  'retention.ms': 'log.retention.ms',
  'segment.bytes': 'log.segment.bytes',
};

/** The broker's configs, in the order of their names. */
export function brokerConfigs({ broker, node, limits }: HandlerDeps): readonly TopicConfig[] {
  const { autoCreateTopics, partitions } = broker.topicDefaults;
  const own = [
    set('advertised.listeners', 'list', listenerOf(node), 'Where clients find the gateway.'),
    set('auto.create.topics.enable', 'boolean', String(autoCreateTopics), 'Asking for a topic makes it.'),
    set('num.partitions', 'int', partitions, 'Of topics that are made without saying how many.'),
    set('broker.id', 'int', node.nodeId, 'Every gateway is this node.'),
    set('node.id', 'int', node.nodeId, 'Every gateway is this node.'),
    set(
      'connections.max.idle.ms',
      'long',
      limits.idleMsMax,
      'Connections without requests are closed after it.',
    ),
    set('default.replication.factor', 'int', 1, 'The storage replicates by itself; any factor is accepted.'),
    set('delete.topic.enable', 'boolean', 'true', 'Topics can be deleted.'),
    set(
      'max.connections',
      'int',
      limits.connectionsMax,
      'Connections of this gateway; those beyond are closed.',
    ),
    set('socket.request.max.bytes', 'int', limits.frameBytesMax, 'The largest request.'),
  ];
  const defaults = describeConfigs({}).flatMap((config) => {
    const name = TOPIC_DEFAULTS[config.name];
    return name === undefined ? [] : [{ ...config, name, isReadOnly: true }];
  });
  return [...own, ...defaults].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An IPv6 address stands in brackets. */
function listenerOf({ securityProtocol, host, port }: HandlerDeps['node']): string {
  return `${securityProtocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const set = (
  name: string,
  type: TopicConfig['type'],
  value: string | number,
  documentation: string,
): TopicConfig => ({
  ...{ name, type, value: String(value), documentation },
  ...{ isDefault: false, isReadOnly: true, isSensitive: false },
});
