// /v3/clusters: the cluster as Kafka REST v3 shows it, and producer ids for idempotent producing.
import type { Context } from 'hono';
import { answerV3 } from './answer.ts';
import { answerList, linkTo, ListQuery, metadataOf, requireCluster } from './resources-v3.ts';
import type { RecordRoute, Route } from './route.ts';
import { Cluster, ClusterList, ProducerData } from './schemas-v3.ts';
import { v3Answer } from './schemas.ts';

function clusterData(c: Context, clusterId: string): Cluster {
  const related = (name: string): { related: string } => ({ related: linkTo(c, clusterId, name) });
  return {
    kind: 'KafkaCluster',
    metadata: metadataOf(c, { path: [clusterId], name: [['kafka', clusterId]] }),
    cluster_id: clusterId,
    acls: related('acls'),
    brokers: related('brokers'),
    broker_configs: related('broker-configs'),
    consumer_groups: related('consumer-groups'),
    topics: related('topics'),
    partition_reassignments: {
      related: linkTo(c, clusterId, 'topics', '-', 'partitions', '-', 'reassignment'),
    },
  };
}

/** The routes that tell of the cluster. */
export const CLUSTERS_V3_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v3/clusters',
    group: 'admin',
    operationId: 'listClusters',
    summary: 'List the clusters: there is one',
    query: ListQuery,
    answers: { 200: v3Answer('The cluster', ClusterList) },
    errors: [406],
    handle: async (c, { broker }) =>
      answerList(c, 'KafkaClusterList', [await broker.clusterId()], {
        keyOf: (id) => id,
        render: (id) => clusterData(c, id),
      }),
  },
  {
    method: 'GET',
    path: '/v3/clusters/{cluster_id}',
    group: 'admin',
    operationId: 'getCluster',
    summary: 'Get the cluster',
    answers: { 200: v3Answer('The cluster', Cluster) },
    errors: [404, 406],
    handle: async (c, { broker }) => answerV3(c, clusterData(c, await requireCluster(c, broker))),
  },
];

/** The route that gives producer ids; it is part of producing, and granted with it. */
export const PRODUCERS_V3_ROUTES: readonly RecordRoute[] = [
  {
    method: 'POST',
    path: '/v3/clusters/{cluster_id}/producers',
    group: 'produce',
    operationId: 'initProducer',
    summary: 'Get a producer id',
    description:
      'An id that nobody had before, for producer_id and producer_epoch of a produce request. Its sequences begin at 0 in ' +
      'each partition. The request has no body. An addition to Kafka REST.',
    answers: { 200: v3Answer('The producer', ProducerData) },
    errors: [404, 406],
    handle: async (c, { broker }) => {
      const clusterId = await requireCluster(c, broker);
      const { producerId, producerEpoch } = await broker.initProducerId();
      const answer: ProducerData = {
        kind: 'KafkaProducer',
        metadata: metadataOf(c, {
          path: [clusterId, 'producers', String(producerId)],
          name: [
            ['kafka', clusterId],
            ['producer', String(producerId)],
          ],
        }),
        cluster_id: clusterId,
        producer_id: Number(producerId),
        producer_epoch: producerEpoch,
      };
      return answerV3(c, answer);
    },
  },
];
