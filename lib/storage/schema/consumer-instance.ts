// A consumer of the HTTP API as it is stored, so that any process can serve the next call of it.
import { absent, any, equals } from '../ports/condition.ts';
import { checkFormat, FORMAT_ATTRIBUTE } from './format.ts';
import { groupPk } from './group.ts';
import { EXPIRES_ATTRIBUTE } from './tables.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey, ItemValue } from '../ports/item-store.ts';

/*
 * Table `groups`, pk `group#<group id>`, sk `instance#<name>`
 *   f 1, w write, until (ms), expires
 *   fmt format, rs auto.offset.reset, ac auto commit, min fetch.min.bytes, wait consumer.request.timeout.ms,
 *     ses session timeout (ms)
 *   sub {t [topic]} or {r pattern}; absent: not subscribed
 *   m member id, e member epoch, hb when the next heartbeat is due (ms)
 *   p [{t topic, i topic id, n partition, o position, c committed}]: what it owns or was assigned by hand
 * Each write puts a fresh random `w` on condition that `w` is what was seen: of two calls at once one starts again, and a
 * write that got no answer is known by its `w`.
 * Life: until it is deleted, or was not used for its session timeout. `until` decides; the row goes some time after it.
 */

const FORMATS = [1];
const INSTANCE = {
  format: FORMAT_ATTRIBUTE,
  write: 'w',
  until: 'until',
  embeddedFormat: 'fmt',
  autoOffsetReset: 'rs',
  autoCommit: 'ac',
  fetchMinBytes: 'min',
  requestTimeoutMs: 'wait',
  sessionTimeoutMs: 'ses',
  subscription: 'sub',
  memberId: 'm',
  memberEpoch: 'e',
  heartbeatDueMs: 'hb',
  partitions: 'p',
} as const;

/** Far longer than processes' clocks differ. */
const KEPT_MS = 86_400_000;

/** What was set when the consumer was made. */
export interface InstanceConfig {
  readonly format: 'binary' | 'json' | 'text';
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none';
  readonly autoCommit: boolean;
  /** Bytes of keys and values that a read waits for; 1: any record. */
  readonly fetchMinBytes: number;
  readonly requestTimeoutMs: number;
  readonly sessionTimeoutMs: number;
}

export type InstanceSubscription = { readonly topics: readonly string[] } | { readonly pattern: string };

/** A partition that the consumer reads. */
export interface InstancePartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** The next offset to deliver; absent: to be found, the committed offset or what auto.offset.reset says. */
  readonly position?: number;
  /** What is known to be committed: a position beyond it was delivered and is not committed. */
  readonly committed?: number;
}

/** A consumer of the HTTP API. */
export interface ConsumerInstance {
  readonly config: InstanceConfig;
  /** Absent: not subscribed. */
  readonly subscription?: InstanceSubscription;
  /** Of the member of the group that a subscribed consumer is. Empty: it is none. */
  readonly memberId: string;
  /** 0: it has not joined, or has to join again. */
  readonly memberEpoch: number;
  readonly heartbeatDueMs: number;
  /** Owned through the group, or assigned by hand. The first one is served first. */
  readonly partitions: readonly InstancePartition[];
  /** From when on the consumer is gone. */
  readonly untilMs: number;
}

/** With the mark of the write that made the row what it is. */
export interface StoredInstance {
  readonly instance: ConsumerInstance;
  readonly write: string;
}

export const instanceKey = (groupId: string, name: string): Required<ItemKey> => ({
  ...{ pk: groupPk(groupId), sk: `instance#${name}` },
});

/** The row. */
export function instanceItem(groupId: string, name: string, { instance, write }: StoredInstance): Item {
  const { config, subscription, memberId, memberEpoch, heartbeatDueMs, partitions, untilMs } = instance;
  return {
    ...instanceKey(groupId, name),
    [INSTANCE.format]: 1,
    [INSTANCE.write]: write,
    [INSTANCE.until]: untilMs,
    [EXPIRES_ATTRIBUTE]: Math.ceil((untilMs + KEPT_MS) / 1_000),
    [INSTANCE.embeddedFormat]: config.format,
    [INSTANCE.autoOffsetReset]: config.autoOffsetReset,
    [INSTANCE.autoCommit]: config.autoCommit,
    [INSTANCE.fetchMinBytes]: config.fetchMinBytes,
    [INSTANCE.requestTimeoutMs]: config.requestTimeoutMs,
    [INSTANCE.sessionTimeoutMs]: config.sessionTimeoutMs,
    ...(subscription && { [INSTANCE.subscription]: packSubscription(subscription) }),
    [INSTANCE.memberId]: memberId,
    [INSTANCE.memberEpoch]: memberEpoch,
    [INSTANCE.heartbeatDueMs]: heartbeatDueMs,
    [INSTANCE.partitions]: partitions.map(packPartition),
  };
}

/** Reads a row. Throws UNSUPPORTED_VERSION for a format that this code does not know. */
export function readInstance(item: Item): StoredInstance {
  checkFormat(`consumer ${(item['sk'] as string).slice(9)}`, Number(item[INSTANCE.format]), FORMATS);
  const subscription = item[INSTANCE.subscription] as PackedSubscription | undefined;
  return {
    write: item[INSTANCE.write] as string,
    instance: {
      config: {
        format: item[INSTANCE.embeddedFormat] as InstanceConfig['format'],
        autoOffsetReset: item[INSTANCE.autoOffsetReset] as InstanceConfig['autoOffsetReset'],
        autoCommit: item[INSTANCE.autoCommit] as boolean,
        fetchMinBytes: Number(item[INSTANCE.fetchMinBytes]),
        requestTimeoutMs: Number(item[INSTANCE.requestTimeoutMs]),
        sessionTimeoutMs: Number(item[INSTANCE.sessionTimeoutMs]),
      },
      ...(subscription && { subscription: unpackSubscription(subscription) }),
      memberId: item[INSTANCE.memberId] as string,
      memberEpoch: Number(item[INSTANCE.memberEpoch]),
      heartbeatDueMs: Number(item[INSTANCE.heartbeatDueMs]),
      partitions: (item[INSTANCE.partitions] as unknown as readonly PackedPartition[]).map(unpackPartition),
      untilMs: Number(item[INSTANCE.until]),
    },
  };
}

/** That the row is as seen; where nothing was seen, that there is none. */
export const isInstanceAsSeen = (seen: StoredInstance | undefined): Condition =>
  seen ? equals(INSTANCE.write, seen.write) : absent('pk');

/** That the row is as seen, or gone: what a deletion needs, so that it may be repeated. */
export const isInstanceAsSeenOrGone = (seen: StoredInstance): Condition =>
  any(absent('pk'), equals(INSTANCE.write, seen.write));

type PackedSubscription = { readonly t: readonly string[] } | { readonly r: string };

const packSubscription = (subscription: InstanceSubscription): ItemValue =>
  'topics' in subscription ? { t: subscription.topics } : { r: subscription.pattern };

const unpackSubscription = (packed: PackedSubscription): InstanceSubscription =>
  't' in packed ? { topics: packed.t } : { pattern: packed.r };

interface PackedPartition {
  readonly t: string;
  readonly i: string;
  readonly n: number;
  readonly o?: number;
  readonly c?: number;
}

const packPartition = ({ topic, topicId, partition, position, committed }: InstancePartition): ItemValue => ({
  ...{ t: topic, i: topicId, n: partition },
  ...(position !== undefined && { o: position }),
  ...(committed !== undefined && { c: committed }),
});

const unpackPartition = ({ t, i, n, o, c }: PackedPartition): InstancePartition => ({
  ...{ topic: t, topicId: i, partition: n },
  ...(o !== undefined && { position: o }),
  ...(c !== undefined && { committed: c }),
});
