// The members of a classic group: finding and refusing them, adding and removing them, their leader and what protocol they
// agree on. Nothing here moves the group from one state to another.
import { BrokerError } from '../base/errors.ts';
import type { ClassicGroup, ClassicMember } from '../storage/schema/classic-group.ts';

/** Who says to be a member. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly groupInstanceId?: string | undefined;
}

/** Undefined: there is no such member. */
export const memberOf = (group: ClassicGroup, memberId: string): ClassicMember | undefined =>
  Object.hasOwn(group.members, memberId) ? group.members[memberId] : undefined;

/** The id was given out, and nobody has joined with it yet. */
export const isPending = (group: ClassicGroup, memberId: string): boolean =>
  Object.hasOwn(group.pendingMembers, memberId);

/** Sorted, so that what is decided does not depend on the order in which a store returns them. */
export const memberIdsOf = (group: ClassicGroup): readonly string[] => Object.keys(group.members).sort();

/** The member that the instance is at present; undefined: there is none. */
export const staticMemberIdOf = (group: ClassicGroup, groupInstanceId: string): string | undefined =>
  memberIdsOf(group).find((memberId) => memberOf(group, memberId)?.groupInstanceId === groupInstanceId);

/** The member that is meant. Throws UNKNOWN_MEMBER_ID, and FENCED_INSTANCE_ID where the instance is another member by now. */
export function requireMember(
  group: ClassicGroup,
  { memberId, groupInstanceId }: MemberIdentity,
): ClassicMember {
  if (groupInstanceId !== undefined) {
    const presentId = staticMemberIdOf(group, groupInstanceId);
    if (presentId !== undefined && presentId !== memberId) {
      const message = `instance ${groupInstanceId} is member ${presentId} now, got ${memberId}`;
      throw new BrokerError('FENCED_INSTANCE_ID', message);
    }
    if (presentId === undefined) throw unknownMember(memberId, groupInstanceId);
  }
  const member = memberOf(group, memberId);
  if (!member) throw unknownMember(memberId, groupInstanceId);
  return member;
}

/** UNKNOWN_MEMBER_ID. */
export function unknownMember(memberId: string, groupInstanceId?: string): BrokerError {
  const instance = groupInstanceId === undefined ? '' : ` of instance ${groupInstanceId}`;
  return new BrokerError('UNKNOWN_MEMBER_ID', `${memberId || 'nobody'}${instance} is no member of the group`);
}

/** Throws ILLEGAL_GENERATION for another generation than the group's. */
export function requireGeneration(group: ClassicGroup, memberId: string, generation: number): void {
  if (generation === group.generation) return;
  const message = `expected generation ${group.generation} of member ${memberId}, got ${generation}`;
  throw new BrokerError('ILLEGAL_GENERATION', message);
}

/** REBALANCE_IN_PROGRESS: the member is to join again, or to wait until it knows its assignment. */
export const rebalancing = (group: ClassicGroup, memberId: string): BrokerError =>
  new BrokerError(
    'REBALANCE_IN_PROGRESS',
    `the group of member ${memberId} is in ${group.state} after generation ${group.generation}`,
  );

/** With the member added or replaced; the first one leads. Its id is no longer pending. */
export function withMember(group: ClassicGroup, memberId: string, member: ClassicMember): ClassicGroup {
  return {
    ...group,
    members: { ...group.members, [memberId]: member },
    pendingMembers: without(group.pendingMembers, new Set([memberId])),
    leader: group.leader || memberId,
  };
}

/** The same group with each member changed. */
export const mapMembers = (
  group: ClassicGroup,
  change: (member: ClassicMember) => ClassicMember,
): ClassicGroup => ({
  ...group,
  members: Object.fromEntries(Object.entries(group.members).map(([id, member]) => [id, change(member)])),
});

/** Without those, members or pending; where the leader goes, another member leads. */
export function withoutMembers(group: ClassicGroup, memberIds: readonly string[]): ClassicGroup {
  if (memberIds.length === 0) return group;
  const gone = new Set(memberIds);
  const left = {
    ...group,
    members: without(group.members, gone),
    pendingMembers: without(group.pendingMembers, gone),
  };
  return gone.has(group.leader) ? { ...left, leader: memberIdsOf(left)[0] ?? '' } : left;
}

const without = <T>(record: Readonly<Record<string, T>>, keys: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.has(key)));

/** Nobody is waited for: neither a member nor one that was given an id. */
export const haveAllJoined = (group: ClassicGroup): boolean =>
  Object.values(group.members).every(({ hasJoined }) => hasJoined) &&
  Object.keys(group.pendingMembers).length === 0;

/** The leader, too. */
export const haveAllSynced = (group: ClassicGroup): boolean =>
  Object.values(group.members).every(({ hasSynced }) => hasSynced);

/** The longest of its members', at least 1: a deadline lies ahead when it is set. */
export const rebalanceTimeoutMsOf = (group: ClassicGroup): number =>
  Math.max(1, ...Object.values(group.members).map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));

/** Who can join offers a protocol that every member has, of the group's type; an empty group takes any. */
export function supportsProtocols(
  group: ClassicGroup,
  protocolType: string,
  protocolNames: readonly string[],
): boolean {
  if (group.state === 'Empty') return protocolType !== '' && protocolNames.length > 0;
  if (protocolType !== group.protocolType) return false;
  const members = Object.values(group.members);
  return protocolNames.some((name) => members.every((member) => member.protocolNames.includes(name)));
}

/**
 * What the members agree on: of the protocols that all have, each member votes for the one it likes best. Empty without
 * members. Where two have as many votes, the leader's order decides.
 */
export function chooseProtocol(group: ClassicGroup): string {
  const members = Object.values(group.members);
  const inLeadersOrder = memberOf(group, group.leader)?.protocolNames ?? [];
  const candidates = inLeadersOrder.filter((name) =>
    members.every(({ protocolNames }) => protocolNames.includes(name)),
  );
  const votes = new Map<string, number>();
  for (const { protocolNames } of members) {
    const vote = protocolNames.find((name) => candidates.includes(name)) ?? '';
    votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  const votesMax = Math.max(0, ...votes.values());
  return candidates.find((name) => votes.get(name) === votesMax) ?? '';
}
