// Fetch, key 1, versions 4 to 18, flexible from 12 on: record batches to read, from an offset of each partition on.
//
// Fetch Request => <cluster_id>(12+) replica_id(4-14) <replica_state>(15+) max_wait_ms min_bytes max_bytes
//     isolation_level session_id(7+) session_epoch(7+) [topics] [forgotten_topics_data](7+) rack_id(11+)
//   cluster_id => NULLABLE_STRING
//   replica_id => INT32
//   replica_state => replica_id replica_epoch
//     replica_id => INT32
//     replica_epoch => INT64
//   max_wait_ms => INT32
//   min_bytes => INT32
//   max_bytes => INT32
//   isolation_level => INT8
//   session_id => INT32
//   session_epoch => INT32
//   topics => topic(4-12) topic_id(13+) [partitions]
//     topic => STRING
//     topic_id => UUID
//     partitions => partition current_leader_epoch(9+) fetch_offset last_fetched_epoch(12+)
//         log_start_offset(5+) partition_max_bytes <replica_directory_id>(17+) <high_watermark>(18+)
//       partition => INT32
//       current_leader_epoch => INT32
//       fetch_offset => INT64
//       last_fetched_epoch => INT32
//       log_start_offset => INT64
//       partition_max_bytes => INT32
//       replica_directory_id => UUID
//       high_watermark => INT64
//   forgotten_topics_data => topic(7-12) topic_id(13+) [partitions]
//     topic => STRING
//     topic_id => UUID
//     partitions => INT32
//   rack_id => STRING
// Fetch Response => throttle_time_ms error_code(7+) session_id(7+) [responses] <[node_endpoints]>(16+)
//   throttle_time_ms => INT32
//   error_code => INT16
//   session_id => INT32
//   responses => topic(4-12) topic_id(13+) [partitions]
//     topic => STRING
//     topic_id => UUID
//     partitions => partition_index error_code high_watermark last_stable_offset log_start_offset(5+)
//         <diverging_epoch>(12+) <current_leader>(12+) <snapshot_id>(12+) [aborted_transactions]
//         preferred_read_replica(11+) records
//       partition_index => INT32
//       error_code => INT16
//       high_watermark => INT64
//       last_stable_offset => INT64
//       log_start_offset => INT64
//       diverging_epoch => epoch end_offset
//         epoch => INT32
//         end_offset => INT64
//       current_leader => leader_id leader_epoch
//         leader_id => INT32
//         leader_epoch => INT32
//       snapshot_id => end_offset epoch
//         end_offset => INT64
//         epoch => INT32
//       aborted_transactions (may be null) => producer_id first_offset
//         producer_id => INT64
//         first_offset => INT64
//       preferred_read_replica => INT32
//       records => NULLABLE_RECORDS
//   node_endpoints => node_id host port rack
//     node_id => INT32
//     host => STRING
//     port => INT32
//     rack => NULLABLE_STRING
import {
  api,
  array,
  bigInt64,
  field,
  int16,
  int32,
  int64,
  int8,
  records,
  string,
  struct,
  uuid,
} from '../schema.ts';

/** The schema of Fetch: record batches to read, from an offset of each partition on. */
export const FETCH = api({
  apiKey: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 18,
  flexibleFrom: 12,
  request: struct({
    clusterId: field(string, { versions: '12+', nullable: '12+', tag: 0, defaultValue: null }),
    replicaId: field(int32, { versions: '4-14', defaultValue: -1 }),
    replicaState: field(
      struct({
        replicaId: field(int32, { defaultValue: -1 }),
        replicaEpoch: field(int64, { defaultValue: -1 }),
      }),
      { versions: '15+', tag: 1 },
    ),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: field(int32, { defaultValue: 0x7fffffff }),
    isolationLevel: field(int8, { defaultValue: 0 }),
    sessionId: field(int32, { versions: '7+', defaultValue: 0 }),
    sessionEpoch: field(int32, { versions: '7+', defaultValue: -1 }),
    topics: array(
      struct({
        topic: field(string, { versions: '4-12' }),
        topicId: field(uuid, { versions: '13+' }),
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: field(int32, { versions: '9+', defaultValue: -1 }),
            fetchOffset: int64,
            lastFetchedEpoch: field(int32, { versions: '12+', defaultValue: -1 }),
            logStartOffset: field(int64, { versions: '5+', defaultValue: -1 }),
            partitionMaxBytes: int32,
            replicaDirectoryId: field(uuid, { versions: '17+', tag: 0 }),
            highWatermark: field(bigInt64, { versions: '18+', tag: 1, defaultValue: 9223372036854775807n }),
          }),
        ),
      }),
    ),
    forgottenTopicsData: field(
      array(
        struct({
          topic: field(string, { versions: '7-12' }),
          topicId: field(uuid, { versions: '13+' }),
          partitions: array(int32),
        }),
      ),
      { versions: '7+' },
    ),
    rackId: field(string, { versions: '11+', defaultValue: '' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: field(int16, { versions: '7+' }),
    sessionId: field(int32, { versions: '7+', defaultValue: 0 }),
    responses: array(
      struct({
        topic: field(string, { versions: '4-12' }),
        topicId: field(uuid, { versions: '13+' }),
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: field(int64, { defaultValue: -1 }),
            logStartOffset: field(int64, { versions: '5+', defaultValue: -1 }),
            divergingEpoch: field(
              struct({
                epoch: field(int32, { defaultValue: -1 }),
                endOffset: field(int64, { defaultValue: -1 }),
              }),
              { versions: '12+', tag: 0 },
            ),
            currentLeader: field(
              struct({
                leaderId: field(int32, { defaultValue: -1 }),
                leaderEpoch: field(int32, { defaultValue: -1 }),
              }),
              { versions: '12+', tag: 1 },
            ),
            snapshotId: field(
              struct({
                endOffset: field(int64, { defaultValue: -1 }),
                epoch: field(int32, { defaultValue: -1 }),
              }),
              { versions: '12+', tag: 2 },
            ),
            abortedTransactions: field(array(struct({ producerId: bigInt64, firstOffset: int64 })), {
              nullable: '4+',
            }),
            preferredReadReplica: field(int32, { versions: '11+', defaultValue: -1 }),
            records: field(records, { nullable: '4+' }),
          }),
        ),
      }),
    ),
    nodeEndpoints: field(
      array(
        struct({
          nodeId: int32,
          host: string,
          port: int32,
          rack: field(string, { nullable: '16+', defaultValue: null }),
        }),
      ),
      { versions: '16+', tag: 0 },
    ),
  }),
});
