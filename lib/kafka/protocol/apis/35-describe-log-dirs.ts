// DescribeLogDirs, key 35, versions 0 to 4, flexible from 2 on: the sizes of partitions on brokers' disks.
//
// DescribeLogDirs Request => [topics]
//   topics (may be null) => topic [partitions]
//     topic => STRING
//     partitions => INT32
// DescribeLogDirs Response => throttle_time_ms error_code(3+) [results]
//   throttle_time_ms => INT32
//   error_code => INT16
//   results => error_code log_dir [topics] total_bytes(4+) usable_bytes(4+)
//     error_code => INT16
//     log_dir => STRING
//     topics => name [partitions]
//       name => STRING
//       partitions => partition_index partition_size offset_lag is_future_key
//         partition_index => INT32
//         partition_size => INT64
//         offset_lag => INT64
//         is_future_key => BOOLEAN
//     total_bytes => INT64
//     usable_bytes => INT64
import { api, array, bool, field, int16, int32, int64, string, struct } from '../schema.ts';

/** The schema of DescribeLogDirs: the sizes of partitions on brokers' disks. */
export const DESCRIBE_LOG_DIRS = api({
  apiKey: 35,
  name: 'DescribeLogDirs',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  request: struct({
    topics: field(array(struct({ topic: string, partitions: array(int32) })), { nullable: '0+' }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { defaultValue: 0 }),
    errorCode: field(int16, { versions: '3+' }),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(
              struct({ partitionIndex: int32, partitionSize: int64, offsetLag: int64, isFutureKey: bool }),
            ),
          }),
        ),
        totalBytes: field(int64, { versions: '4+', defaultValue: -1 }),
        usableBytes: field(int64, { versions: '4+', defaultValue: -1 }),
      }),
    ),
  }),
});
