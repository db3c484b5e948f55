// A topic as it is stored: two rows, by name and by topic id, and a third one while a deletion is under way.
import { absent, all, equals } from '../ports/condition.ts';
import { set } from '../ports/action.ts';
import { checkFormat, FORMAT_ATTRIBUTE } from './format.ts';
import type { Item, ItemKey, TransactWrite } from '../ports/item-store.ts';

/*
 * Table `topics`
 *   pk `topic`, sk <name>: f 1, id <topicId>, p partitions, c configs {name: value}, at createdAt (ms)
 *      Life: while the topic has its name. It alone decides whether a topic exists.
 *   pk `id`, sk <topicId>: f 1, name, st state (live, deleting, deleted); while live also p, c, at as above
 *      Life: for ever. Once it is there, no late request can make a topic of this id again.
 *   pk `deletion`, sk <topicId>: f 1, name, p partitions
 *      Life: from the deletion until the topic's data is collected: the work list of whoever carries deletions on.
 * The rows of a topic are made, and unmade, by one transaction. p may rise and c may change; then both rows that have them
 * change together.
 */

const FORMATS = [1];

const TOPIC = {
  format: FORMAT_ATTRIBUTE,
  topicId: 'id',
  name: 'name',
  partitions: 'p',
  configs: 'c',
  createdAt: 'at',
  state: 'st',
} as const;

/** Partition keys of the table `topics`. */
const KINDS = { byName: 'topic', byId: 'id', deletion: 'deletion' } as const;

/** What the rows of a topic hold. */
export interface StoredTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

/**
 * `deleting`: its name is free, and its heads are being retired. `deleted`: nothing can be appended any more; also the
 * state of a topic whose creation was given up.
 */
export type TopicState = 'live' | 'deleting' | 'deleted';

/** A deletion under way. */
export interface Deletion {
  readonly topicId: string;
  readonly name: string;
  readonly partitions: number;
}

/** Where the rows by name are: one `query` of this partition key lists the topics in the order of their names. */
export const TOPIC_NAMES_PK = KINDS.byName;
/** Where the deletions under way are. */
export const DELETIONS_PK = KINDS.deletion;

export const topicNameKey = (name: string): Required<ItemKey> => ({ pk: KINDS.byName, sk: name });
export const topicIdKey = (topicId: string): Required<ItemKey> => ({ pk: KINDS.byId, sk: topicId });
export const deletionKey = (topicId: string): Required<ItemKey> => ({ pk: KINDS.deletion, sk: topicId });

const contents = ({ partitions, configs, createdAtMs }: StoredTopic): Item => ({
  [TOPIC.format]: 1,
  [TOPIC.partitions]: partitions,
  [TOPIC.configs]: configs,
  [TOPIC.createdAt]: createdAtMs,
});

/** Makes both rows, unless the name is taken or the id was ever used. The writes' indexes are those of `CREATE_WRITES`. */
export function createTopicWrites(topic: StoredTopic): readonly TransactWrite[] {
  const { name, topicId } = topic;
  const byName = { ...topicNameKey(name), ...contents(topic), [TOPIC.topicId]: topicId };
  const byId = { ...topicIdKey(topicId), ...contents(topic), [TOPIC.name]: name, [TOPIC.state]: 'live' };
  return [
    { kind: 'put', table: 'topics', item: byName, condition: absent('pk') },
    { kind: 'put', table: 'topics', item: byId, condition: absent('pk') },
  ];
}

/** Which write of `createTopicWrites` is which. */
export const CREATE_WRITES = { byName: 0, byId: 1 } as const;

/** Frees the name and begins the deletion, if the name is still that topic's with as many partitions. */
export function deleteTopicWrites({ name, topicId, partitions }: StoredTopic): readonly TransactWrite[] {
  const isAsSeen = all(equals(TOPIC.topicId, topicId), equals(TOPIC.partitions, partitions));
  const byId = { ...topicIdKey(topicId), ...stateOf(name, 'deleting') };
  const deletion = {
    ...deletionKey(topicId),
    [TOPIC.format]: 1,
    [TOPIC.name]: name,
    [TOPIC.partitions]: partitions,
  };
  return [
    { kind: 'delete', table: 'topics', key: topicNameKey(name), condition: isAsSeen },
    { kind: 'put', table: 'topics', item: byId, condition: equals(TOPIC.state, 'live') },
    { kind: 'put', table: 'topics', item: deletion, condition: absent('pk') },
  ];
}

/**
 * Gives both rows the partitions and configs of `after`, if the topic still has the name and those of `before`: safe to
 * repeat, and refused where it arrives after another change or after the deletion.
 */
export function changeTopicWrites(before: StoredTopic, after: StoredTopic): readonly TransactWrite[] {
  const actions = [set(TOPIC.partitions, after.partitions), set(TOPIC.configs, after.configs)];
  const isAsSeen = [
    equals(TOPIC.partitions, before.partitions),
    equals(TOPIC.configs, before.configs),
  ] as const;
  const { name, topicId } = before;
  return [
    {
      ...{ kind: 'update', table: 'topics', key: topicNameKey(name), actions },
      condition: all(equals(TOPIC.topicId, topicId), ...isAsSeen),
    },
    {
      ...{ kind: 'update', table: 'topics', key: topicIdKey(topicId), actions },
      condition: all(equals(TOPIC.state, 'live'), ...isAsSeen),
    },
  ];
}

const stateOf = (name: string, state: TopicState): Item => ({
  [TOPIC.format]: 1,
  [TOPIC.name]: name,
  [TOPIC.state]: state,
});

/** The row that stands for a topic that never came to be, so that no late request can make it. */
export const abandonedTopicItem = (topicId: string, name: string): Item => ({
  ...topicIdKey(topicId),
  ...stateOf(name, 'deleted'),
});

/** The update of the row by id that ends a deletion. */
export const TO_DELETED = {
  actions: [set(TOPIC.state, 'deleted')],
  condition: equals(TOPIC.state, 'deleting'),
} as const;

/** Reads a row by name. Throws UNSUPPORTED_VERSION for a format that this code does not know. */
export function readTopicByName(item: Item): StoredTopic {
  const name = item['sk'] as string;
  checkFormat(`topic ${name}`, Number(item[TOPIC.format]), FORMATS);
  return { name, topicId: item[TOPIC.topicId] as string, ...readContents(item) };
}

/** Reads a row by id; `topic` is there while its state is live. Throws as `readTopicByName`. */
export function readTopicById(item: Item): {
  readonly state: TopicState;
  readonly topic: StoredTopic | undefined;
} {
  const topicId = item['sk'] as string;
  checkFormat(`topic id ${topicId}`, Number(item[TOPIC.format]), FORMATS);
  const state = item[TOPIC.state] as TopicState;
  const name = item[TOPIC.name] as string;
  return { state, topic: state === 'live' ? { name, topicId, ...readContents(item) } : undefined };
}

const readContents = (item: Item) => ({
  partitions: Number(item[TOPIC.partitions]),
  configs: item[TOPIC.configs] as Readonly<Record<string, string>>,
  createdAtMs: Number(item[TOPIC.createdAt]),
});

/** Reads a row of the work list. Throws as `readTopicByName`. */
export function readDeletion(item: Item): Deletion {
  const topicId = item['sk'] as string;
  checkFormat(`deletion of topic id ${topicId}`, Number(item[TOPIC.format]), FORMATS);
  return { topicId, name: item[TOPIC.name] as string, partitions: Number(item[TOPIC.partitions]) };
}
