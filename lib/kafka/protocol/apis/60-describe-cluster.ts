// DescribeCluster, key 60, versions 0 to 2, always flexible: the cluster's id, controller and brokers.
//
// DescribeCluster Request => include_cluster_authorized_operations endpoint_type(1+)
//     include_fenced_brokers(2+)
//   include_cluster_authorized_operations => BOOLEAN
//   endpoint_type => INT8
//   include_fenced_brokers => BOOLEAN
// DescribeCluster Response => throttle_time_ms error_code error_message endpoint_type(1+) cluster_id
//     controller_id [brokers] cluster_authorized_operations
//   throttle_time_ms => INT32
//   error_code => INT16
//   error_message => NULLABLE_STRING
//   endpoint_type => INT8
//   cluster_id => STRING
//   controller_id => INT32
//   brokers => broker_id host port rack is_fenced(2+)
//     broker_id => INT32
//     host => STRING
//     port => INT32
//     rack => NULLABLE_STRING
//     is_fenced => BOOLEAN
//   cluster_authorized_operations => INT32
import { api, array, bool, field, int16, int32, int8, string, struct } from '../schema.ts';

/** The schema of DescribeCluster: the cluster's id, controller and brokers. */
export const DESCRIBE_CLUSTER = api({
  apiKey: 60,
  name: 'DescribeCluster',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  request: struct({
    includeClusterAuthorizedOperations: bool,
    endpointType: field(int8, { versions: '1+', defaultValue: 1 }),
    includeFencedBrokers: field(bool, { versions: '2+' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: int16,
    errorMessage: field(string, { nullable: '0+', defaultValue: null }),
    endpointType: field(int8, { versions: '1+', defaultValue: 1 }),
    clusterId: string,
    controllerId: field(int32, { defaultValue: -1 }),
    brokers: array(
      struct({
        brokerId: int32,
        host: string,
        port: int32,
        rack: field(string, { nullable: '0+', defaultValue: null }),
        isFenced: field(bool, { versions: '2+' }),
      }),
    ),
    clusterAuthorizedOperations: field(int32, { defaultValue: -2147483648 }),
  }),
});
