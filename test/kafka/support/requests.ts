// Bodies of requests that tests of connections send.
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { batchOf } from '../../broker/memory-broker.ts';

/** A Produce of one record to one partition, of at least `bytes` bytes. */
export const produceOf = (name: string, index: number, { acks = -1, bytes = 0 } = {}) => {
  const records = batchOf([`${index}`.padEnd(bytes, '.')]);
  const topicData = [{ name, topicId: ZERO_UUID, partitionData: [{ index, records }] }];
  return { transactionalId: null, acks, timeoutMs: 10_000, topicData };
};

/** A Fetch of one partition from its first record on, which answers at once. */
export const fetchOf = (topic: string, partition: number, maxBytes: number) => ({
  ...{ maxWaitMs: 0, minBytes: 0, maxBytes, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
  replicaState: { replicaId: -1, replicaEpoch: -1 },
  topics: [
    {
      topic,
      topicId: ZERO_UUID,
      partitions: [
        {
          partition,
          fetchOffset: 0,
          partitionMaxBytes: maxBytes,
          currentLeaderEpoch: -1,
          logStartOffset: -1,
        },
      ],
    },
  ],
  forgottenTopicsData: [],
  rackId: '',
});
