// What each function may do to the tables and the bucket, as data: its role gets this and no more.
import { HOT_PREFIX, SEGMENTS_PREFIX } from '../../lib/storage/schema/object-key.ts';
import { CLUSTER_KEY } from '../../lib/storage/schema/cluster.ts';
import type { TableName } from '../../lib/storage/ports/item-store.ts';

/** The functions, by the file of functions/ that each of them is. */
export const FUNCTION_NAMES = [
  'produce',
  'produce-later',
  'consume',
  'stream',
  'admin',
  'seal',
  'sweep',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** Actions on items. TransactWriteItems needs those of its parts. */
export type TableAction =
  'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem';

export interface TableRight {
  readonly table: TableName;
  readonly actions: readonly TableAction[];
  /** Only items with these partition keys. */
  readonly partitionKeys?: readonly string[];
}

export interface ObjectRight {
  readonly action: 'GetObject' | 'PutObject' | 'DeleteObject';
  readonly prefix: string;
}

export interface Rights {
  readonly tables: readonly TableRight[];
  /** Those who get objects may also list the bucket: without it, S3 answers that an absent object is forbidden. */
  readonly objects: readonly ObjectRight[];
  /** Functions that it wakes. */
  readonly wakes: readonly FunctionName[];
}

const table = (name: TableName, ...actions: TableAction[]): TableRight => ({ table: name, actions });

const putHot: ObjectRight = { action: 'PutObject', prefix: HOT_PREFIX };
const getAll: readonly ObjectRight[] = [HOT_PREFIX, SEGMENTS_PREFIX].map((prefix) => ({
  action: 'GetObject',
  prefix,
}));

/** Append and roll. Duplicates are looked for in pages; objects are never read. */
const append: readonly TableRight[] = [
  table('topics', 'GetItem'),
  table('heads', 'GetItem', 'UpdateItem'),
  table('log-index', 'Query', 'PutItem'),
  table('objects', 'PutItem'),
  table('producers', 'GetItem', 'PutItem'),
];

/** Who waits for records of several partitions looks at all their heads by one request. */
const read: readonly TableRight[] = [
  table('topics', 'GetItem'),
  table('heads', 'GetItem', 'BatchGetItem'),
  table('log-index', 'Query'),
  table('objects', 'GetItem'),
];

/** Members of groups and their offsets; consumers of HTTP. A commit checks the group and puts offsets in one transaction. */
const groups: readonly TableRight[] = [
  // Patterns are looked up in the list of topics.
  table('topics', 'Query'),
  table('groups', 'GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'),
  table('offsets', 'BatchGetItem', 'Query', 'PutItem'),
];

/** Rolling an idle tail is part of sealing; a segment and the log's state are put by one transaction. */
const seal: readonly TableRight[] = [
  table('heads', 'GetItem', 'UpdateItem'),
  table('log-index', 'GetItem', 'Query', 'PutItem'),
  table('objects', 'GetItem'),
  table('producers', 'PutItem'),
];

/** A sealer that lost a race deletes the object it made. */
const sealObjects: readonly ObjectRight[] = [
  { action: 'GetObject', prefix: HOT_PREFIX },
  { action: 'PutObject', prefix: SEGMENTS_PREFIX },
  { action: 'DeleteObject', prefix: SEGMENTS_PREFIX },
];

/** The rights of each function. */
export const FUNCTION_RIGHTS: Readonly<Record<FunctionName, Rights>> = {
  produce: {
    tables: [
      ...append,
      // Whoever is first asked for the cluster's id makes the cluster record.
      { table: 'topics', actions: ['PutItem'], partitionKeys: [CLUSTER_KEY.pk] },
      table('producers', 'UpdateItem'),
    ],
    objects: [putHot],
    wakes: ['produce-later', 'seal'],
  },
  'produce-later': { tables: append, objects: [putHot], wakes: ['seal'] },
  consume: { tables: [...read, ...groups], objects: getAll, wakes: [] },
  stream: { tables: read, objects: getAll, wakes: [] },
  admin: {
    tables: [
      table('topics', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
      // Lags are told from heads.
      table('heads', 'GetItem', 'PutItem', 'UpdateItem'),
      table('groups', 'GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem'),
      table('offsets', 'BatchGetItem', 'Query', 'DeleteItem'),
    ],
    objects: [],
    wakes: [],
  },
  seal: { tables: seal, objects: sealObjects, wakes: [] },
  sweep: {
    tables: [
      ...seal,
      table('topics', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem'),
      table('heads', 'BatchGetItem'),
      table('log-index', 'UpdateItem', 'DeleteItem'),
      table('objects', 'DeleteItem'),
      table('groups', 'GetItem', 'Query', 'PutItem', 'DeleteItem'),
      table('offsets', 'Query', 'DeleteItem'),
    ],
    objects: [...sealObjects, { action: 'DeleteObject', prefix: HOT_PREFIX }],
    wakes: [],
  },
};

/**
 * The rights of the Kafka gateway's tasks: what producing, consuming and administering need together, as one process does all
 * of it. Deleting records seals what lies before the new start.
 */
export const GATEWAY_RIGHTS: Rights = {
  tables: [
    ...append,
    ...read,
    ...groups,
    ...seal,
    table('topics', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    table('heads', 'GetItem', 'PutItem', 'UpdateItem'),
    table('producers', 'UpdateItem'),
    table('offsets', 'DeleteItem'),
  ],
  objects: [putHot, ...getAll, ...sealObjects],
  wakes: ['seal'],
};
