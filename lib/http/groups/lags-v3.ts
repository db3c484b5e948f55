// Lags of a consumer group as Kafka REST v3 shows them: of each partition that it has committed, and summed up.
import type { Context } from 'hono';
import type { Broker } from '../../broker/broker.ts';
import { groupLag } from '../../broker/group-lag.ts';
import type { PartitionLag } from '../../groups/groups.ts';
import { answerV3 } from '../answer.ts';
import { HttpError } from '../errors.ts';
import { pathParameter } from '../request.ts';
import { answerList, linkTo, ListQuery, metadataOf, requireCluster } from '../resources-v3.ts';
import type { Route } from '../route.ts';
import { v3Answer } from '../schemas.ts';
import { placeKey } from './consumer-groups-v3.ts';
import { ConsumerLagData, ConsumerLagList, LagSummaryData } from './schemas-groups-v3.ts';

/** Of a partition with a committed offset. */
type KnownLag = PartitionLag & { readonly committedOffset: number; readonly lag: number };

interface GroupLags {
  readonly clusterId: string;
  readonly groupId: string;
  readonly lags: readonly KnownLag[];
}

/** Throws 40405. */
async function lagsOf(c: Context, broker: Broker): Promise<GroupLags> {
  const clusterId = await requireCluster(c, broker);
  const groupId = pathParameter(c, 'consumer_group_id');
  const lags = (await groupLag(broker, groupId)).filter((one): one is KnownLag => one.lag !== undefined);
  return { clusterId, groupId, lags };
}

function lagData(c: Context, { clusterId, groupId }: GroupLags, lag: KnownLag): ConsumerLagData {
  const { topic, partition, member } = lag;
  return {
    kind: 'KafkaConsumerLag',
    metadata: metadataOf(c, {
      path: [clusterId, 'consumer-groups', groupId, 'lags', topic, 'partitions', partition],
      name: [
        ['kafka', clusterId],
        ['consumer-group', groupId],
        ['lag', topic],
        ['partition', partition],
      ],
    }),
    cluster_id: clusterId,
    consumer_group_id: groupId,
    topic_name: topic,
    partition_id: partition,
    current_offset: lag.committedOffset,
    log_end_offset: lag.logEndOffset,
    lag: lag.lag,
    consumer_id: member?.memberId ?? '',
    instance_id: member?.groupInstanceId ?? null,
    client_id: member?.clientId ?? '',
  };
}

async function getSummary(c: Context, broker: Broker): Promise<Response> {
  const found = await lagsOf(c, broker);
  const [first, ...others] = found.lags;
  if (!first) throw notCommitted(found.groupId, 'no offsets', 'consumer_group_id');
  const largest = others.reduce((max, one) => (one.lag > max.lag ? one : max), first);
  return answerV3(c, summaryData(c, found, largest));
}

function summaryData(c: Context, { clusterId, groupId, lags }: GroupLags, largest: KnownLag): LagSummaryData {
  const { topic, partition, member } = largest;
  const path = [clusterId, 'consumer-groups', groupId] as const;
  const metadata = metadataOf(c, {
    path: [...path, 'lag-summary'],
    name: [
      ['kafka', clusterId],
      ['consumer-group', groupId],
    ],
  });
  return {
    kind: 'KafkaConsumerGroupLagSummary',
    metadata: { ...metadata, resource_name: `${metadata.resource_name}/lag-summary` },
    cluster_id: clusterId,
    consumer_group_id: groupId,
    max_lag_consumer_id: member?.memberId ?? '',
    max_lag_instance_id: member?.groupInstanceId ?? null,
    max_lag_client_id: member?.clientId ?? '',
    max_lag_topic_name: topic,
    max_lag_partition_id: partition,
    max_lag: largest.lag,
    total_lag: lags.reduce((sum, { lag }) => sum + lag, 0),
    max_lag_consumer: { related: linkTo(c, ...path, 'consumers', member?.memberId ?? '') },
    max_lag_partition: { related: linkTo(c, clusterId, 'topics', topic, 'partitions', partition) },
  };
}

async function getLag(c: Context, broker: Broker): Promise<Response> {
  const found = await lagsOf(c, broker);
  const [topic, partition] = [pathParameter(c, 'topic_name'), pathParameter(c, 'partition_id')];
  const lag = found.lags.find((one) => one.topic === topic && String(one.partition) === partition);
  if (!lag) throw notCommitted(found.groupId, `no offset of ${topic}-${partition}`, 'partition_id');
  return answerV3(c, lagData(c, found, lag));
}

const notCommitted = (groupId: string, what: string, field: string): HttpError =>
  new HttpError({
    status: 404,
    errorCode: 404,
    message: `Lag cannot be found: group ${groupId} has committed ${what}`,
    details: { field },
  });

const PATH = '/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}';

/** The routes of lags. */
export const LAGS_V3_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${PATH}/lag-summary`,
    group: 'admin',
    operationId: 'getConsumerGroupLagSummaryV3',
    summary: 'Get how far a consumer group is behind in all',
    answers: { 200: v3Answer('The largest lag and the sum', LagSummaryData) },
    errors: [404, 406],
    handle: (c, { broker }) => getSummary(c, broker),
  },
  {
    method: 'GET',
    path: `${PATH}/lags`,
    group: 'admin',
    operationId: 'listConsumerLagsV3',
    summary: 'List how far a consumer group is behind',
    query: ListQuery,
    answers: { 200: v3Answer('Of each partition that is committed, by topic and number', ConsumerLagList) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const found = await lagsOf(c, broker);
      return answerList(c, 'KafkaConsumerLagList', found.lags, {
        keyOf: placeKey,
        render: (lag) => lagData(c, found, lag),
      });
    },
  },
  {
    method: 'GET',
    path: `${PATH}/lags/{topic_name}/partitions/{partition_id}`,
    group: 'admin',
    operationId: 'getConsumerLagV3',
    summary: 'Get how far a consumer group is behind in a partition',
    answers: { 200: v3Answer('The lag', ConsumerLagData) },
    errors: [404, 406],
    handle: (c, { broker }) => getLag(c, broker),
  },
];
