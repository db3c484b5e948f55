// DescribeCluster: the cluster's id, and its one node.
import { BrokerError } from '../../base/errors.ts';
import { DESCRIBE_CLUSTER } from '../protocol/apis/60-describe-cluster.ts';
import { CLUSTER_OPERATIONS } from './authorized-operations.ts';
import { errorOf, handler } from './handler.ts';

const BROKERS = 1;

/** DescribeCluster. */
export const describeCluster = handler<typeof DESCRIBE_CLUSTER>({
  schema: DESCRIBE_CLUSTER,
  handle: async ({ broker, node }, { endpointType, includeClusterAuthorizedOperations }) => {
    const { nodeId, host, port } = node;
    try {
      // Kafka differs: it has controllers (2) elsewhere, and says MISMATCHED_ENDPOINT_TYPE.
      if (endpointType !== BROKERS) {
        throw new BrokerError(
          'INVALID_REQUEST',
          `the endpoint type must be 1 (brokers), got ${endpointType}`,
        );
      }
      return {
        ...{ errorCode: 0, endpointType, clusterId: await broker.clusterId(), controllerId: nodeId },
        brokers: [{ brokerId: nodeId, host, port, rack: null, isFenced: false }],
        ...(includeClusterAuthorizedOperations && { clusterAuthorizedOperations: CLUSTER_OPERATIONS }),
      };
    } catch (error) {
      return { ...errorOf(error), endpointType, clusterId: '', brokers: [] };
    }
  },
});
