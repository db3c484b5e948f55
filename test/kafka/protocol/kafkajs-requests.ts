// The arguments that kafkajs's requests are made of, the same for all versions of an API, and what ours is to read from
// the newest version it has.

export interface KafkajsRequest {
  readonly args: unknown;
  readonly says: Readonly<Record<string, unknown>>;
}

const TXN = { transactionalId: 'txn-1', producerId: 4000, producerEpoch: 7 };
const TXN_SAYS = { transactionalId: 'txn-1', producerId: 4000n, producerEpoch: 7 };
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** By the name that kafkajs has for the API. Produce is in records.test.ts. */
export const KAFKAJS_REQUESTS: Readonly<Record<string, KafkajsRequest>> = {
  Fetch: {
    args: {
      ...{ replicaId: -1, maxWaitTime: 500, minBytes: 1, maxBytes: 1000, isolationLevel: 1, rackId: 'r' },
      topics: [{ topic: 'a', partitions: [{ partition: 3, fetchOffset: 42, maxBytes: 900 }] }],
    },
    says: {
      ...{ replicaId: -1, maxWaitMs: 500, minBytes: 1, maxBytes: 1000, isolationLevel: 1, rackId: 'r' },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [] },
      topics: [{ topic: 'a', partitions: [{ partition: 3, fetchOffset: 42, partitionMaxBytes: 900 }] }],
    },
  },
  ListOffsets: {
    args: {
      ...{ replicaId: -1, isolationLevel: 1 },
      topics: [{ topic: 'a', partitions: [{ partition: 3, timestamp: -2 }] }],
    },
    says: {
      ...{ replicaId: -1, isolationLevel: 1 },
      topics: [{ name: 'a', partitions: [{ partitionIndex: 3, timestamp: -2 }] }],
    },
  },
  Metadata: {
    args: { topics: ['a', 'b'], allowAutoTopicCreation: false },
    says: { topics: [{ name: 'a' }, { name: 'b' }], allowAutoTopicCreation: false },
  },
  OffsetCommit: {
    args: {
      ...{ groupId: 'g', groupGenerationId: 5, memberId: 'm', retentionTime: -1 },
      topics: [{ topic: 'a', partitions: [{ partition: 1, offset: 9, metadata: 'x' }] }],
    },
    says: {
      ...{ groupId: 'g', generationIdOrMemberEpoch: 5, memberId: 'm' },
      topics: [
        { name: 'a', partitions: [{ partitionIndex: 1, committedOffset: 9, committedMetadata: 'x' }] },
      ],
    },
  },
  OffsetFetch: {
    args: { groupId: 'g', topics: [{ topic: 'a', partitions: [{ partition: 1 }, { partition: 2 }] }] },
    says: { groupId: 'g', topics: [{ name: 'a', partitionIndexes: [1, 2] }] },
  },
  GroupCoordinator: {
    args: { groupId: 'g', coordinatorKey: 'g', coordinatorType: 1 },
    says: { key: 'g', keyType: 1 },
  },
  JoinGroup: {
    args: {
      ...{ groupId: 'g', sessionTimeout: 30000, rebalanceTimeout: 60000, memberId: 'm' },
      ...{ groupInstanceId: 'i', protocolType: 'consumer' },
      groupProtocols: [{ name: 'range', metadata: Buffer.from('xy') }],
    },
    says: {
      ...{ groupId: 'g', sessionTimeoutMs: 30000, rebalanceTimeoutMs: 60000, memberId: 'm' },
      ...{ groupInstanceId: 'i', protocolType: 'consumer' },
      protocols: [{ name: 'range', metadata: bytesOf('xy') }],
    },
  },
  Heartbeat: {
    args: { groupId: 'g', groupGenerationId: 5, memberId: 'm', groupInstanceId: 'i' },
    says: { groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: 'i' },
  },
  LeaveGroup: {
    args: { groupId: 'g', memberId: 'm', members: [{ memberId: 'm', groupInstanceId: 'i' }] },
    says: { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: null }] },
  },
  SyncGroup: {
    args: {
      ...{ groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: null },
      groupAssignment: [{ memberId: 'm', memberAssignment: Buffer.from('xy') }],
    },
    says: {
      ...{ groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: null },
      assignments: [{ memberId: 'm', assignment: bytesOf('xy') }],
    },
  },
  DescribeGroups: { args: { groupIds: ['g', 'h'] }, says: { groups: ['g', 'h'] } },
  ListGroups: { args: {}, says: {} },
  SaslHandshake: { args: { mechanism: 'PLAIN' }, says: { mechanism: 'PLAIN' } },
  ApiVersions: { args: {}, says: {} },
  CreateTopics: {
    args: {
      topics: [
        {
          ...{ topic: 'a', numPartitions: 3, replicationFactor: 1 },
          replicaAssignment: [{ partition: 0, replicas: [1, 2] }],
          configEntries: [{ name: 'retention.ms', value: '1' }],
        },
      ],
      ...{ validateOnly: true, timeout: 1000 },
    },
    says: {
      topics: [
        {
          ...{ name: 'a', numPartitions: 3, replicationFactor: 1 },
          assignments: [{ partitionIndex: 0, brokerIds: [1, 2] }],
          configs: [{ name: 'retention.ms', value: '1' }],
        },
      ],
      ...{ timeoutMs: 1000, validateOnly: true },
    },
  },
  DeleteTopics: {
    args: { topics: ['a', 'b'], timeout: 1000 },
    says: { topicNames: ['a', 'b'], timeoutMs: 1000 },
  },
  DeleteRecords: {
    args: { topics: [{ topic: 'a', partitions: [{ partition: 1, offset: '9' }] }], timeout: 1000 },
    says: { topics: [{ name: 'a', partitions: [{ partitionIndex: 1, offset: 9 }] }], timeoutMs: 1000 },
  },
  InitProducerId: {
    args: { transactionalId: 'txn-1', transactionTimeout: 60000 },
    says: { transactionalId: 'txn-1', transactionTimeoutMs: 60000 },
  },
  AddPartitionsToTxn: {
    args: { ...TXN, topics: [{ topic: 'a', partitions: [1, 2] }] },
    says: {
      ...{ v3AndBelowTransactionalId: 'txn-1', v3AndBelowProducerId: 4000n, v3AndBelowProducerEpoch: 7 },
      v3AndBelowTopics: [{ name: 'a', partitions: [1, 2] }],
    },
  },
  AddOffsetsToTxn: { args: { ...TXN, groupId: 'g' }, says: { ...TXN_SAYS, groupId: 'g' } },
  EndTxn: { args: { ...TXN, transactionResult: true }, says: { ...TXN_SAYS, committed: true } },
  TxnOffsetCommit: {
    args: {
      ...{ ...TXN, groupId: 'g' },
      topics: [{ topic: 'a', partitions: [{ partition: 1, offset: 9, metadata: 'x' }] }],
    },
    says: {
      ...{ ...TXN_SAYS, groupId: 'g' },
      topics: [
        { name: 'a', partitions: [{ partitionIndex: 1, committedOffset: 9, committedMetadata: 'x' }] },
      ],
    },
  },
  DescribeConfigs: {
    args: { resources: [{ type: 2, name: 'a', configNames: ['k'] }], includeSynonyms: true },
    says: {
      resources: [{ resourceType: 2, resourceName: 'a', configurationKeys: ['k'] }],
      includeSynonyms: true,
    },
  },
  AlterConfigs: {
    args: {
      resources: [{ type: 2, name: 'a', configEntries: [{ name: 'k', value: 'v' }] }],
      validateOnly: true,
    },
    says: {
      resources: [{ resourceType: 2, resourceName: 'a', configs: [{ name: 'k', value: 'v' }] }],
      validateOnly: true,
    },
  },
  SaslAuthenticate: { args: { authBytes: bytesWithLength('xy') }, says: { authBytes: bytesOf('xy') } },
  CreatePartitions: {
    args: {
      topicPartitions: [{ topic: 'a', count: 6, assignments: [[1]] }],
      validateOnly: true,
      timeout: 1000,
    },
    says: {
      topics: [{ name: 'a', count: 6, assignments: [{ brokerIds: [1] }] }],
      ...{ timeoutMs: 1000, validateOnly: true },
    },
  },
  DeleteGroups: { args: ['g', 'h'], says: { groupsNames: ['g', 'h'] } },
};

/** kafkajs's mechanisms put the length before what they say. */
function bytesWithLength(text: string): Buffer {
  const bytes = Buffer.alloc(4 + Buffer.byteLength(text));
  bytes.writeInt32BE(bytes.length - 4);
  bytes.write(text, 4);
  return bytes;
}
