// A group of the consumer protocol (KIP-848) as its row holds it: epochs, members, what each owns, gives up and is to have.
import type { Item, ItemValue } from '../ports/item-store.ts';

/*
 * Fields of a group's row (group.ts) that are those of a consumer group:
 *   es empty since (ms; 0: it has members), g group epoch, ta target assignment epoch, an assignor,
 *   t {topic name: [topic id, partitions]}, the topics that the target was made of
 *   m {member id: {i group instance id, r rack id, both left out of those without one; c client id, h client host,
 *      n [topic names], x regex ('': none), xn [names that the regex matched], sa server assignor ('': no matter which),
 *      rt rebalance timeout (ms), s session timeout (ms), e member epoch, pe previous member epoch, aw is away (static),
 *      a assigned, v revoking, t target: each {topic id: [partitions]}, d when what is revoking must be given up (ms; 0: nothing is)}}
 */

const FIELD = {
  emptySinceMs: 'es',
  groupEpoch: 'g',
  assignmentEpoch: 'ta',
  assignor: 'an',
  topics: 't',
  members: 'm',
} as const;

const MEMBER = {
  groupInstanceId: 'i',
  rackId: 'r',
  clientId: 'c',
  clientHost: 'h',
  subscribedTopicNames: 'n',
  subscribedTopicRegex: 'x',
  matchedTopicNames: 'xn',
  serverAssignor: 'sa',
  rebalanceTimeoutMs: 'rt',
  sessionTimeoutMs: 's',
  memberEpoch: 'e',
  previousMemberEpoch: 'pe',
  isAway: 'aw',
  assigned: 'a',
  revoking: 'v',
  target: 't',
  revokeDeadlineMs: 'd',
} as const;

/** Partitions by topic id, each list ascending; topics without partitions are left out. */
export type PartitionsById = Readonly<Record<string, readonly number[]>>;

export interface SubscribedTopic {
  readonly topicId: string;
  readonly partitions: number;
}

export interface ConsumerMember {
  /** undefined: a dynamic member. */
  readonly groupInstanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  /** Empty: none. */
  readonly subscribedTopicRegex: string;
  /** What the regex matched when the member was last heard of. */
  readonly matchedTopicNames: readonly string[];
  /** Empty: whichever the others want. */
  readonly serverAssignor: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** 0: it has joined, and was told nothing yet. */
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  /** A static member that has said it will be back: what it owns stays its own until its lease ends. */
  readonly isAway: boolean;
  /** What it may consume. */
  readonly assigned: PartitionsById;
  /** What it was told to give up, and has not said that it did: nobody else may have it. */
  readonly revoking: PartitionsById;
  readonly target: PartitionsById;
  /** 0: nothing is revoking. */
  readonly revokeDeadlineMs: number;
}

export interface ConsumerGroup {
  readonly kind: 'consumer';
  /** 0: it has members. */
  readonly emptySinceMs: number;
  /** Rises whenever members, subscriptions or topics change. */
  readonly groupEpoch: number;
  /** The group epoch that the target was made for. */
  readonly assignmentEpoch: number;
  readonly assignor: string;
  /** By name; topics that members subscribe to and that are not there are left out. */
  readonly topics: Readonly<Record<string, SubscribedTopic>>;
  readonly members: Readonly<Record<string, ConsumerMember>>;
}

/** A group that nobody has joined. */
export const emptyConsumerGroup = (nowMs: number): ConsumerGroup => ({
  kind: 'consumer',
  emptySinceMs: nowMs,
  groupEpoch: 0,
  assignmentEpoch: 0,
  assignor: '',
  topics: {},
  members: {},
});

/** The fields of the group's row, as above. */
export function consumerGroupFields(group: ConsumerGroup): Item {
  return {
    [FIELD.emptySinceMs]: group.emptySinceMs,
    [FIELD.groupEpoch]: group.groupEpoch,
    [FIELD.assignmentEpoch]: group.assignmentEpoch,
    [FIELD.assignor]: group.assignor,
    [FIELD.topics]: mapValues(group.topics, ({ topicId, partitions }): ItemValue => [topicId, partitions]),
    [FIELD.members]: mapValues(group.members, memberFields),
  };
}

/** Fields of members whose value is what the row holds. */
const PLAIN_FIELDS = [
  'clientId',
  'clientHost',
  'subscribedTopicNames',
  'subscribedTopicRegex',
  'matchedTopicNames',
  'serverAssignor',
  'rebalanceTimeoutMs',
  'sessionTimeoutMs',
  'memberEpoch',
  'previousMemberEpoch',
  'isAway',
  'assigned',
  'revoking',
  'target',
  'revokeDeadlineMs',
] as const satisfies readonly (keyof ConsumerMember)[];

const memberFields = (member: ConsumerMember): Item => ({
  ...(member.groupInstanceId !== undefined && { [MEMBER.groupInstanceId]: member.groupInstanceId }),
  ...(member.rackId !== undefined && { [MEMBER.rackId]: member.rackId }),
  ...Object.fromEntries(PLAIN_FIELDS.map((field) => [MEMBER[field], member[field]])),
});

/** Reads the fields of a group's row whose format was checked. */
export function readConsumerGroup(item: Item): ConsumerGroup {
  const topics = item[FIELD.topics] as Readonly<Record<string, readonly [string, number]>>;
  return {
    kind: 'consumer',
    emptySinceMs: Number(item[FIELD.emptySinceMs]),
    groupEpoch: Number(item[FIELD.groupEpoch]),
    assignmentEpoch: Number(item[FIELD.assignmentEpoch]),
    assignor: item[FIELD.assignor] as string,
    topics: mapValues(topics, ([topicId, partitions]) => ({ topicId, partitions })),
    members: mapValues(item[FIELD.members] as Readonly<Record<string, Item>>, readMemberFields),
  };
}

const readMemberFields = (fields: Item): ConsumerMember =>
  ({
    groupInstanceId: fields[MEMBER.groupInstanceId],
    rackId: fields[MEMBER.rackId],
    ...Object.fromEntries(PLAIN_FIELDS.map((field) => [field, fields[MEMBER[field]]])),
  }) as unknown as ConsumerMember;

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
