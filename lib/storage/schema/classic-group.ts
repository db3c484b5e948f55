// A group of the classic protocol as its row holds it: small things only. What members join with, what they are assigned
// and their leases are rows of their own.
import type { Item } from '../ports/item-store.ts';

/*
 * Fields of a group's row (group.ts) that are those of a classic group:
 *   st state, at since when it is in that state (ms), pt protocol type, g generation, pn protocol name, l leader's member id,
 *   d deadline (ms; 0: none), ie latest end of the initial rebalance (ms; 0: it is none), nm has a new member since the
 *   initial rebalance was last put off, as assignments id ('': none yet)
 *   m {member id: {i group instance id, left out of dynamic members; c client id, h client host, s session timeout (ms),
 *      r rebalance timeout (ms), p [protocol names in order of preference], x hash of the metadata, j has joined, y has synced}}
 *   pm {member id: end (ms)}
 */

const FIELD = {
  state: 'st',
  stateSinceMs: 'at',
  protocolType: 'pt',
  generation: 'g',
  protocolName: 'pn',
  leader: 'l',
  deadlineMs: 'd',
  initialEndMs: 'ie',
  hasNewMember: 'nm',
  assignmentsId: 'as',
  members: 'm',
  pendingMembers: 'pm',
} as const;

const MEMBER = {
  groupInstanceId: 'i',
  clientId: 'c',
  clientHost: 'h',
  sessionTimeoutMs: 's',
  rebalanceTimeoutMs: 'r',
  protocolNames: 'p',
  metadataHash: 'x',
  hasJoined: 'j',
  hasSynced: 'y',
} as const;

// Kafka differs: a group that is Dead has no row.
export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** A member as its group knows it. */
export interface ClassicMember {
  /** undefined: a dynamic member. */
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** In the order of the member's preference; at least one. */
  readonly protocolNames: readonly string[];
  /** Names, with the member id, the row of what the member joined with. */
  readonly metadataHash: string;
  /** In the present PreparingRebalance; false in every other state. */
  readonly hasJoined: boolean;
  /** In the present generation; means nothing in PreparingRebalance. */
  readonly hasSynced: boolean;
}

export interface ClassicGroup {
  readonly kind: 'classic';
  readonly state: ClassicGroupState;
  readonly stateSinceMs: number;
  /** Empty: nobody has ever joined; the group has only committed offsets. */
  readonly protocolType: string;
  /** Of the members that last came together; 0: none have. */
  readonly generation: number;
  /** What the generation's members agreed on; empty: there are none. */
  readonly protocolName: string;
  /** Member id; empty exactly where there are no members. */
  readonly leader: string;
  /** When those who have not joined, or later not synced, are removed; 0: nobody is waited for. */
  readonly deadlineMs: number;
  /** Until when the rebalance of a group that was empty can be put off for new members; 0: it is another rebalance, or none. */
  readonly initialEndMs: number;
  /** Somebody joined since the initial rebalance began or was put off. */
  readonly hasNewMember: boolean;
  /** Names the rows of the generation's assignments; empty: the leader has not assigned. */
  readonly assignmentsId: string;
  readonly members: Readonly<Record<string, ClassicMember>>;
  /** Ids that were given out, and until when whoever got one may join with it (ms). */
  readonly pendingMembers: Readonly<Record<string, number>>;
}

/** A group that nobody has joined. */
export const emptyClassicGroup = (nowMs: number): ClassicGroup => ({
  kind: 'classic',
  state: 'Empty',
  stateSinceMs: nowMs,
  protocolType: '',
  generation: 0,
  protocolName: '',
  leader: '',
  deadlineMs: 0,
  initialEndMs: 0,
  hasNewMember: false,
  assignmentsId: '',
  members: {},
  pendingMembers: {},
});

/** The fields of the group's row, as above. */
export function classicGroupFields(group: ClassicGroup): Item {
  return {
    [FIELD.state]: group.state,
    [FIELD.stateSinceMs]: group.stateSinceMs,
    [FIELD.protocolType]: group.protocolType,
    [FIELD.generation]: group.generation,
    [FIELD.protocolName]: group.protocolName,
    [FIELD.leader]: group.leader,
    [FIELD.deadlineMs]: group.deadlineMs,
    [FIELD.initialEndMs]: group.initialEndMs,
    [FIELD.hasNewMember]: group.hasNewMember,
    [FIELD.assignmentsId]: group.assignmentsId,
    [FIELD.members]: mapValues(group.members, memberFields),
    [FIELD.pendingMembers]: group.pendingMembers,
  };
}

const memberFields = (member: ClassicMember): Item => ({
  ...(member.groupInstanceId !== undefined && { [MEMBER.groupInstanceId]: member.groupInstanceId }),
  [MEMBER.clientId]: member.clientId,
  [MEMBER.clientHost]: member.clientHost,
  [MEMBER.sessionTimeoutMs]: member.sessionTimeoutMs,
  [MEMBER.rebalanceTimeoutMs]: member.rebalanceTimeoutMs,
  [MEMBER.protocolNames]: member.protocolNames,
  [MEMBER.metadataHash]: member.metadataHash,
  [MEMBER.hasJoined]: member.hasJoined,
  [MEMBER.hasSynced]: member.hasSynced,
});

/** Reads the fields of a group's row whose format was checked. */
export function readClassicGroup(item: Item): ClassicGroup {
  return {
    kind: 'classic',
    state: item[FIELD.state] as ClassicGroupState,
    stateSinceMs: Number(item[FIELD.stateSinceMs]),
    protocolType: item[FIELD.protocolType] as string,
    generation: Number(item[FIELD.generation]),
    protocolName: item[FIELD.protocolName] as string,
    leader: item[FIELD.leader] as string,
    deadlineMs: Number(item[FIELD.deadlineMs]),
    initialEndMs: Number(item[FIELD.initialEndMs]),
    hasNewMember: item[FIELD.hasNewMember] as boolean,
    assignmentsId: item[FIELD.assignmentsId] as string,
    members: mapValues(item[FIELD.members] as Readonly<Record<string, Item>>, readMemberFields),
    pendingMembers: mapValues(item[FIELD.pendingMembers] as Item, Number),
  };
}

const readMemberFields = (fields: Item): ClassicMember => ({
  groupInstanceId: fields[MEMBER.groupInstanceId] as string | undefined,
  clientId: fields[MEMBER.clientId] as string,
  clientHost: fields[MEMBER.clientHost] as string,
  sessionTimeoutMs: Number(fields[MEMBER.sessionTimeoutMs]),
  rebalanceTimeoutMs: Number(fields[MEMBER.rebalanceTimeoutMs]),
  protocolNames: fields[MEMBER.protocolNames] as readonly string[],
  metadataHash: fields[MEMBER.metadataHash] as string,
  hasJoined: fields[MEMBER.hasJoined] as boolean,
  hasSynced: fields[MEMBER.hasSynced] as boolean,
});

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
