// Joining a classic group: what a JoinGroup makes of it, and what whoever waits for the others is told.
import { BrokerError } from '../base/errors.ts';
import {
  chooseProtocol,
  isPending,
  memberIdsOf,
  memberOf,
  requireMember,
  staticMemberIdOf,
  supportsProtocols,
  withMember,
  withoutMembers,
} from './classic-members-state.ts';
import { endSyncIfDone, rebalance } from './classic-rebalance-state.ts';
import type { ClassicGroup, ClassicMember } from '../storage/schema/classic-group.ts';
import type { Moment, Step } from './group.ts';
import type { JoinGroupRequest } from './groups.ts';
import { checkSessionTimeout } from './session-timeout.ts';
import type { GroupLimits } from './limits.ts';

/** A JoinGroup without the metadata, which lies in a row of its own. */
export interface JoinCommand extends Omit<JoinGroupRequest, 'groupId' | 'protocols' | 'signal'> {
  /** For a member that has none: made afresh for this request, and the same whenever it is decided again. */
  readonly newMemberId: string;
  readonly protocolNames: readonly string[];
  readonly metadataHash: string;
}

/** Of a member that waits for the others. */
export interface JoinTicket {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  /** The group's when the member joined: it waits for a later one. */
  readonly generation: number;
}

export interface Joined {
  readonly kind: 'joined';
  readonly memberId: string;
  readonly generation: number;
  readonly protocolType: string;
  readonly protocolName: string;
  readonly leader: string;
  readonly skipAssignment: boolean;
  /** For the leader, in the order of their ids; for others empty. */
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | undefined;
    readonly metadataHash: string;
  }[];
}

/** Of a member that has joined. */
export type JoinedAnswer = Joined | { readonly kind: 'waiting'; readonly ticket: JoinTicket };

export type JoinAnswer = JoinedAnswer | { readonly kind: 'memberIdRequired'; readonly memberId: string };

type JoinStep = Step<ClassicGroup, JoinAnswer>;

/**
 * Takes a member into the group, or lets it come back. Throws INVALID_SESSION_TIMEOUT, INCONSISTENT_GROUP_PROTOCOL,
 * GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, and INVALID_REQUEST for an instance that joins with the id
 * that a dynamic member was given.
 */
export function join(
  group: ClassicGroup,
  command: JoinCommand,
  { nowMs }: Moment,
  limits: GroupLimits,
): JoinStep {
  checkSessionTimeout(command.sessionTimeoutMs, limits);
  const { memberId, newMemberId } = command;
  if (memberId === '') {
    // Decided before, by an attempt of which nobody knows what became.
    const decided = memberOf(group, newMemberId);
    if (decided) return decidedBefore(group, command, decided, nowMs, limits);
    if (isPending(group, newMemberId)) return { group, answer: memberIdRequired(newMemberId) };
  }
  refuseFullGroup(group, command, limits);
  if (!supportsProtocols(group, command.protocolType, command.protocolNames)) {
    throw inconsistentProtocol(group, command);
  }
  return memberId === '' ? joinNew(group, command, nowMs, limits) : joinKnown(group, command, nowMs, limits);
}

function joinNew(group: ClassicGroup, command: JoinCommand, nowMs: number, limits: GroupLimits): JoinStep {
  const { newMemberId, groupInstanceId } = command;
  if (groupInstanceId !== undefined) {
    const oldId = staticMemberIdOf(group, groupInstanceId);
    if (oldId !== undefined) return replaceStatic(group, command, oldId, nowMs, limits);
  } else if (command.requiresKnownMemberId) {
    const pendingMembers = { ...group.pendingMembers, [newMemberId]: nowMs + command.sessionTimeoutMs };
    return { group: { ...group, pendingMembers }, answer: memberIdRequired(newMemberId) };
  }
  return addMember(group, command, newMemberId, nowMs, limits);
}

const memberIdRequired = (memberId: string): JoinAnswer => ({ kind: 'memberIdRequired', memberId });

// Kafka differs: there the ids that were given out do not count, nor static members that have not come back, and a static
// member cannot replace itself in a full group.
function refuseFullGroup(group: ClassicGroup, command: JoinCommand, { membersMax }: GroupLimits): void {
  const { memberId, groupInstanceId } = command;
  const knownId = memberId || (groupInstanceId && staticMemberIdOf(group, groupInstanceId)) || '';
  // While a group rebalances, members that it would go on without make room for those who are there first.
  const isRebalancing = group.state === 'PreparingRebalance';
  const holdsPlace = (member: ClassicMember) =>
    !isRebalancing || member.hasJoined || member.groupInstanceId !== undefined;
  const known = memberOf(group, knownId);
  if (known && holdsPlace(known)) return;
  const count = Object.values(group.members).filter(holdsPlace).length;
  const promised = knownId === '' ? Object.keys(group.pendingMembers).length : 0;
  if (count + promised < membersMax) return;
  throw new BrokerError(
    'GROUP_MAX_SIZE_REACHED',
    `a group must have at most ${membersMax} members, got ${count + promised + 1}`,
  );
}

function inconsistentProtocol(group: ClassicGroup, command: JoinCommand): BrokerError {
  const { protocolType, protocolNames } = command;
  const asked = `${protocolType || 'no type'} with protocols ${protocolNames.join(', ') || 'none'}`;
  const expected =
    group.state === 'Empty'
      ? 'a protocol type and a protocol'
      : `${group.protocolType} with a protocol of all members`;
  return new BrokerError('INCONSISTENT_GROUP_PROTOCOL', `expected ${expected}, got ${asked}`);
}

function joinKnown(group: ClassicGroup, command: JoinCommand, nowMs: number, limits: GroupLimits): JoinStep {
  const { memberId, groupInstanceId } = command;
  if (isPending(group, memberId)) {
    if (groupInstanceId === undefined) return addMember(group, command, memberId, nowMs, limits);
    const message = `member id ${memberId} was given to a dynamic member, got instance ${groupInstanceId}`;
    throw new BrokerError('INVALID_REQUEST', message, { field: 'groupInstanceId' });
  }
  const member = requireMember(group, command);
  const isSame = member.metadataHash === command.metadataHash;
  const isAnswered =
    group.state === 'CompletingRebalance' || (group.state === 'Stable' && group.leader !== memberId);
  // Its answer may have been lost; a leader of a stable group asks for a rebalance by joining again.
  if (isAnswered && isSame) return { group, answer: joinedOf(group, memberId) };
  return joinAs(group, memberId, rejoined(member, command), nowMs, limits);
}

const rejoined = (member: ClassicMember, command: JoinCommand): ClassicMember => ({
  ...member,
  sessionTimeoutMs: command.sessionTimeoutMs,
  rebalanceTimeoutMs: command.rebalanceTimeoutMs,
  protocolNames: command.protocolNames,
  metadataHash: command.metadataHash,
});

function addMember(
  before: ClassicGroup,
  command: JoinCommand,
  memberId: string,
  nowMs: number,
  limits: GroupLimits,
): JoinStep {
  const { groupInstanceId, clientId, clientHost, protocolType } = command;
  const isFirst = memberIdsOf(before).length === 0;
  const group = {
    ...before,
    protocolType: isFirst ? protocolType : before.protocolType,
    hasNewMember: before.initialEndMs > 0,
  };
  const member = rejoined({ groupInstanceId, clientId, clientHost, ...NOTHING_YET }, command);
  return joinAs(group, memberId, member, nowMs, limits);
}

const NOTHING_YET = {
  ...{ sessionTimeoutMs: 0, rebalanceTimeoutMs: 0, protocolNames: [], metadataHash: '' },
  ...{ hasJoined: false, hasSynced: false },
};

/** The member has joined: it waits until all have. */
function joinAs(
  group: ClassicGroup,
  memberId: string,
  member: ClassicMember,
  nowMs: number,
  limits: GroupLimits,
): JoinStep {
  const ticket = { memberId, groupInstanceId: member.groupInstanceId, generation: group.generation };
  const next = rebalance(withMember(group, memberId, { ...member, hasJoined: true }), nowMs, limits);
  return { group: next, answer: joinedAnswer(next, ticket) };
}

/** A static member comes back under another id: the one before is fenced, and a stable group need not notice. */
function replaceStatic(
  before: ClassicGroup,
  command: JoinCommand,
  oldId: string,
  nowMs: number,
  limits: GroupLimits,
): JoinStep {
  const { newMemberId } = command;
  const { clientId, clientHost } = command;
  // Kafka differs: there the client's id and host stay those of the one before.
  const member = rejoined({ ...requireMember(before, { memberId: oldId }), clientId, clientHost }, command);
  const wasLeader = before.leader === oldId;
  const left = { ...withoutMembers(before, [oldId]), leader: wasLeader ? newMemberId : before.leader };
  const group = withMember(left, newMemberId, { ...member, hasSynced: true });
  if (group.state !== 'Stable' || chooseProtocol(group) !== group.protocolName) {
    return joinAs(group, newMemberId, member, nowMs, limits);
  }
  const answer = replacedAnswer(group, command, wasLeader ? oldId : group.leader);
  return { group: endSyncIfDone(group), answer };
}

/** A leader that cannot skip its assignment is told of the id before: so it takes itself for a follower and assigns nothing. */
function replacedAnswer(group: ClassicGroup, command: JoinCommand, leaderBefore: string): Joined {
  const answer = joinedOf(group, command.newMemberId);
  if (!command.supportsSkippingAssignment) return { ...answer, leader: leaderBefore, members: [] };
  return { ...answer, skipAssignment: group.leader === command.newMemberId };
}

/** The new member is there by an attempt of the same call: it is told what that attempt would have told it. */
function decidedBefore(
  group: ClassicGroup,
  command: JoinCommand,
  member: ClassicMember,
  nowMs: number,
  limits: GroupLimits,
): JoinStep {
  const { newMemberId, groupInstanceId } = command;
  if (group.state === 'PreparingRebalance') return joinAs(group, newMemberId, member, nowMs, limits);
  if (group.state === 'Stable' && groupInstanceId !== undefined) {
    return {
      group,
      answer: replacedAnswer(group, command, group.leader === newMemberId ? '' : group.leader),
    };
  }
  return { group, answer: joinedOf(group, newMemberId) };
}

/**
 * What a member that has joined is told when it looks at the group. Throws UNKNOWN_MEMBER_ID and FENCED_INSTANCE_ID where it
 * is no member any more.
 */
export function joinedAnswer(group: ClassicGroup, ticket: JoinTicket): JoinedAnswer {
  requireMember(group, ticket);
  // Where the group has moved on since its generation came together, the member learns so when it syncs.
  if (group.generation > ticket.generation) return joinedOf(group, ticket.memberId);
  return { kind: 'waiting', ticket };
}

function joinedOf(group: ClassicGroup, memberId: string): Joined {
  const { generation, protocolType, protocolName, leader } = group;
  const members =
    leader === memberId
      ? memberIdsOf(group).map((id) => {
          const { groupInstanceId, metadataHash } = requireMember(group, { memberId: id });
          return { memberId: id, groupInstanceId, metadataHash };
        })
      : [];
  return {
    ...{ kind: 'joined', memberId, generation, protocolType, protocolName, leader, members },
    skipAssignment: false,
  };
}
