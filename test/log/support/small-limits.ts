// The limits and the partition of tests that need no topic.
import { AWS_LIMITS, type LogLimits } from '../../../lib/log/limits.ts';
import { partitionIdOf } from '../../../lib/storage/schema/head.ts';

/** AWS's limits made small, so that a few records roll, spill, and lie in every kind of place. */
export const SMALL_LIMITS: LogLimits = {
  ...AWS_LIMITS,
  inlineBytesMax: 120,
  headBytesSoft: 600,
  tailEntriesSoft: 4,
  tailEntriesMax: 8,
  producersBytesMax: 24,
  smallObjectBytesMax: 400,
};

export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
export const PARTITION_ID = partitionIdOf(TOPIC_ID, 0);
