// The arguments that platformatic/kafka's requests are made of, the same for all versions of an API, and what ours is to
// read from the newest version that both have.

/** A topic id as they write it, and as Kafka does. */
export const ID = {
  dashed: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  kafka: 'PyUE4E-JQdOaDAMF6CwzAQ',
} as const;

export interface SampleRequest {
  readonly args: readonly unknown[];
  readonly says: Readonly<Record<string, unknown>>;
}

const TXN = ['txn-1', 4000n, 7] as const;
const TXN_SAYS = { transactionalId: 'txn-1', producerId: 4000n, producerEpoch: 7 };

/** Of an ACL, or of a filter, in their names. */
const ACL = {
  ...{ resourceType: 2, resourceName: 'a', resourcePatternType: 3, principal: 'User:ann', host: '*' },
  ...{ operation: 4, permissionType: 3 },
};
const ACL_FILTER_SAYS = {
  ...{ resourceTypeFilter: 2, resourceNameFilter: 'a', patternTypeFilter: 3, principalFilter: 'User:ann' },
  ...{ hostFilter: '*', operation: 4, permissionType: 3 },
};

/** By the name of the API. Produce and Fetch, whose requests are not alike in all versions, are in records.test.ts. */
export const PLATFORMATIC_REQUESTS: Readonly<Record<string, SampleRequest>> = {
  ListOffsets: {
    args: [
      -1,
      1,
      [{ name: 'a', partitions: [{ partitionIndex: 3, currentLeaderEpoch: 2, timestamp: -2n }] }],
    ],
    says: {
      replicaId: -1,
      isolationLevel: 1,
      topics: [{ name: 'a', partitions: [{ partitionIndex: 3, currentLeaderEpoch: 2, timestamp: -2 }] }],
    },
  },
  Metadata: {
    args: [['a', 'b'], true, true],
    says: {
      topics: [{ name: 'a' }, { name: 'b' }],
      allowAutoTopicCreation: true,
      includeTopicAuthorizedOperations: true,
    },
  },
  OffsetCommit: {
    args: [
      ...['g', 5, 'm', null],
      [
        {
          name: 'a',
          partitions: [
            { partitionIndex: 1, committedOffset: 9n, committedLeaderEpoch: 4, committedMetadata: 'x' },
          ],
        },
      ],
    ],
    says: {
      ...{ groupId: 'g', generationIdOrMemberEpoch: 5, memberId: 'm', groupInstanceId: null },
      topics: [
        {
          name: 'a',
          partitions: [
            { partitionIndex: 1, committedOffset: 9, committedLeaderEpoch: 4, committedMetadata: 'x' },
          ],
        },
      ],
    },
  },
  OffsetFetch: {
    args: [
      [{ groupId: 'g', memberId: 'm', memberEpoch: 3, topics: [{ name: 'a', partitionIndexes: [1, 2] }] }],
      true,
    ],
    says: {
      groups: [
        { groupId: 'g', memberId: 'm', memberEpoch: 3, topics: [{ name: 'a', partitionIndexes: [1, 2] }] },
      ],
      requireStable: true,
    },
  },
  FindCoordinator: { args: [1, ['g']], says: { keyType: 1, coordinatorKeys: ['g'] } },
  JoinGroup: {
    args: ['g', 30000, 60000, 'm', 'i', 'consumer', [{ name: 'range', metadata: Buffer.from('xy') }], 'why'],
    says: {
      ...{ groupId: 'g', sessionTimeoutMs: 30000, rebalanceTimeoutMs: 60000, memberId: 'm' },
      ...{ groupInstanceId: 'i', protocolType: 'consumer', reason: 'why' },
      protocols: [{ name: 'range', metadata: new Uint8Array(Buffer.from('xy')) }],
    },
  },
  Heartbeat: {
    args: ['g', 5, 'm', 'i'],
    says: { groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: 'i' },
  },
  LeaveGroup: {
    args: ['g', [{ memberId: 'm', groupInstanceId: 'i', reason: 'why' }]],
    says: { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: 'i', reason: 'why' }] },
  },
  SyncGroup: {
    args: ['g', 5, 'm', null, 'consumer', 'range', [{ memberId: 'm', assignment: Buffer.from('xy') }]],
    says: {
      ...{ groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: null },
      ...{ protocolType: 'consumer', protocolName: 'range' },
      assignments: [{ memberId: 'm', assignment: new Uint8Array(Buffer.from('xy')) }],
    },
  },
  DescribeGroups: {
    args: [['g', 'h'], true],
    says: { groups: ['g', 'h'], includeAuthorizedOperations: true },
  },
  ListGroups: {
    args: [['STABLE'], ['CONSUMER']],
    says: { statesFilter: ['Stable'], typesFilter: ['consumer'] },
  },
  SaslHandshake: { args: ['PLAIN'], says: { mechanism: 'PLAIN' } },
  ApiVersions: {
    args: ['wadi', '1.0'],
    says: { clientSoftwareName: 'wadi', clientSoftwareVersion: '1.0' },
  },
  CreateTopics: {
    args: [
      [
        {
          ...{ name: 'a', numPartitions: 3, replicationFactor: 1 },
          assignments: [{ partitionIndex: 0, brokerIds: [1, 2] }],
          configs: [{ name: 'retention.ms', value: null }],
        },
      ],
      ...[1000, true],
    ],
    says: {
      topics: [
        {
          ...{ name: 'a', numPartitions: 3, replicationFactor: 1 },
          assignments: [{ partitionIndex: 0, brokerIds: [1, 2] }],
          configs: [{ name: 'retention.ms', value: null }],
        },
      ],
      ...{ timeoutMs: 1000, validateOnly: true },
    },
  },
  DeleteTopics: {
    args: [[{ name: 'a', topicId: ID.dashed }], 1000],
    says: { topics: [{ name: 'a', topicId: ID.kafka }], timeoutMs: 1000 },
  },
  DeleteRecords: {
    args: [[{ name: 'a', partitions: [{ partitionIndex: 1, offset: 9n }] }], 1000],
    says: { topics: [{ name: 'a', partitions: [{ partitionIndex: 1, offset: 9 }] }], timeoutMs: 1000 },
  },
  InitProducerId: {
    args: ['txn-1', 60000, 4000n, 7],
    says: { ...TXN_SAYS, transactionTimeoutMs: 60000 },
  },
  OffsetForLeaderEpoch: {
    args: [-2, [{ name: 'a', partitions: [{ partitionIndex: 1, currentLeaderEpoch: 2, leaderEpoch: 3 }] }]],
    says: {
      replicaId: -2,
      topics: [{ topic: 'a', partitions: [{ partition: 1, currentLeaderEpoch: 2, leaderEpoch: 3 }] }],
    },
  },
  AddPartitionsToTxn: {
    args: [
      [
        {
          ...{ transactionalId: 'txn-1', producerId: 4000n, producerEpoch: 7, verifyOnly: false },
          topics: [{ name: 'a', partitions: [1, 2] }],
        },
      ],
    ],
    says: {
      ...{ v3AndBelowTransactionalId: 'txn-1', v3AndBelowProducerId: 4000n, v3AndBelowProducerEpoch: 7 },
      v3AndBelowTopics: [{ name: 'a', partitions: [1, 2] }],
    },
  },
  AddOffsetsToTxn: { args: [...TXN, 'g'], says: { ...TXN_SAYS, groupId: 'g' } },
  EndTxn: { args: [...TXN, true], says: { ...TXN_SAYS, committed: true } },
  TxnOffsetCommit: {
    args: [
      ...['txn-1', 'g', 4000n, 7, 5, 'm', null],
      [
        {
          name: 'a',
          partitions: [
            { partitionIndex: 1, committedOffset: 9n, committedLeaderEpoch: 4, committedMetadata: null },
          ],
        },
      ],
    ],
    says: {
      ...{ ...TXN_SAYS, groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: null },
      topics: [
        {
          name: 'a',
          partitions: [
            { partitionIndex: 1, committedOffset: 9, committedLeaderEpoch: 4, committedMetadata: null },
          ],
        },
      ],
    },
  },
  DescribeAcls: { args: [ACL], says: ACL_FILTER_SAYS },
  CreateAcls: { args: [[ACL]], says: { creations: [ACL] } },
  DeleteAcls: { args: [[ACL]], says: { filters: [ACL_FILTER_SAYS] } },
  DescribeConfigs: {
    args: [[{ resourceType: 2, resourceName: 'a', configurationKeys: null }], true, true],
    says: {
      resources: [{ resourceType: 2, resourceName: 'a', configurationKeys: null }],
      ...{ includeSynonyms: true, includeDocumentation: true },
    },
  },
  AlterConfigs: {
    args: [[{ resourceType: 2, resourceName: 'a', configs: [{ name: 'k', value: null }] }], true],
    says: {
      resources: [{ resourceType: 2, resourceName: 'a', configs: [{ name: 'k', value: null }] }],
      validateOnly: true,
    },
  },
  IncrementalAlterConfigs: {
    args: [
      [{ resourceType: 2, resourceName: 'a', configs: [{ name: 'k', configOperation: 2, value: 'v' }] }],
      true,
    ],
    says: {
      resources: [
        { resourceType: 2, resourceName: 'a', configs: [{ name: 'k', configOperation: 2, value: 'v' }] },
      ],
      validateOnly: true,
    },
  },
  DescribeLogDirs: {
    args: [[{ name: 'a', partitions: [1, 2] }]],
    says: { topics: [{ topic: 'a', partitions: [1, 2] }] },
  },
  SaslAuthenticate: {
    args: [Buffer.from('xy')],
    says: { authBytes: new Uint8Array(Buffer.from('xy')) },
  },
  CreatePartitions: {
    args: [[{ name: 'a', count: 6, assignments: [{ brokerIds: [1] }] }], 1000, true],
    says: {
      topics: [{ name: 'a', count: 6, assignments: [{ brokerIds: [1] }] }],
      ...{ timeoutMs: 1000, validateOnly: true },
    },
  },
  DeleteGroups: { args: [['g', 'h']], says: { groupsNames: ['g', 'h'] } },
  OffsetDelete: {
    args: ['g', [{ name: 'a', partitions: [{ partitionIndex: 1 }] }]],
    says: { groupId: 'g', topics: [{ name: 'a', partitions: [{ partitionIndex: 1 }] }] },
  },
  DescribeCluster: {
    args: [true, 1],
    says: { includeClusterAuthorizedOperations: true, endpointType: 1 },
  },
  DescribeProducers: {
    args: [[{ name: 'a', partitionIndexes: [1, 2] }]],
    says: { topics: [{ name: 'a', partitionIndexes: [1, 2] }] },
  },
  DescribeTransactions: { args: [['txn-1']], says: { transactionalIds: ['txn-1'] } },
  ListTransactions: {
    args: [['ONGOING'], [4000n], 5n, 'txn.*'],
    says: {
      ...{ stateFilters: ['Ongoing'], producerIdFilters: [4000n], durationFilter: 5 },
      transactionalIdPattern: 'txn.*',
    },
  },
  ConsumerGroupHeartbeat: {
    args: [
      ...['g', 'm', 0, 'i', 'r', 60000],
      ...[['a'], 'a.*', 'uniform', [{ topicId: ID.dashed, partitions: [1, 2] }]],
    ],
    says: {
      ...{ groupId: 'g', memberId: 'm', memberEpoch: 0, instanceId: 'i', rackId: 'r' },
      ...{ rebalanceTimeoutMs: 60000, subscribedTopicNames: ['a'], subscribedTopicRegex: 'a.*' },
      ...{ serverAssignor: 'uniform', topicPartitions: [{ topicId: ID.kafka, partitions: [1, 2] }] },
    },
  },
  ConsumerGroupDescribe: {
    args: [['g'], true],
    says: { groupIds: ['g'], includeAuthorizedOperations: true },
  },
  ListConfigResources: { args: [[2, 4]], says: { resourceTypes: [2, 4] } },
  DescribeTopicPartitions: {
    args: [[{ name: 'a' }], 100, { topicName: 'a', partitionIndex: 3 }],
    says: {
      topics: [{ name: 'a' }],
      responsePartitionLimit: 100,
      cursor: { topicName: 'a', partitionIndex: 3 },
    },
  },
};
