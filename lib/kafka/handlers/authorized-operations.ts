// What a client may do, for those who ask: everything, as there are no ACLs.

/** Kafka's AclOperation, by its code. */
const OPERATION = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
} as const;

/** One bit for each operation, as on the wire. */
const bitsOf = (...operations: readonly (keyof typeof OPERATION)[]): number =>
  operations.reduce((bits, operation) => bits | (1 << OPERATION[operation]), 0);

/** All that there is to do with a topic. */
export const TOPIC_OPERATIONS = bitsOf(
  ...(['read', 'write', 'create', 'delete'] as const),
  ...(['alter', 'describe', 'describeConfigs', 'alterConfigs'] as const),
);

/** All that there is to do with the cluster. */
export const CLUSTER_OPERATIONS = bitsOf(
  ...(['create', 'alter', 'describe', 'clusterAction'] as const),
  ...(['describeConfigs', 'alterConfigs', 'idempotentWrite'] as const),
);
