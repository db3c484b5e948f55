// Syncing a classic group: the leader says what each member is assigned, and the others wait for it.
import { BrokerError } from '../base/errors.ts';
import {
  memberIdsOf,
  rebalancing,
  requireGeneration,
  requireMember,
  withMember,
} from './classic-members-state.ts';
import { endSyncIfDone, stabilize } from './classic-rebalance-state.ts';
import type { ClassicGroup, ClassicMember } from '../storage/schema/classic-group.ts';
import type { Moment, Step } from './group.ts';
import type { SyncGroupRequest } from './groups.ts';

/** A SyncGroup without the assignments, which lie in rows of their own. */
export interface SyncCommand extends Omit<SyncGroupRequest, 'groupId' | 'assignments' | 'signal'> {
  /** Names the rows that were put with what a leader assigns; undefined: none were put. */
  readonly assignmentsId: string | undefined;
}

/** Of a member that waits for the leader. */
export interface SyncTicket {
  readonly memberId: string;
  readonly groupInstanceId?: string | undefined;
  readonly generation: number;
}

/** The row of that id and slot has the assignment; without a row it is empty. */
export interface Assigned {
  readonly kind: 'assigned';
  readonly protocolType: string;
  readonly protocolName: string;
  readonly assignmentsId: string;
  readonly slot: string;
}

export type SyncAnswer = { readonly kind: 'waiting'; readonly ticket: SyncTicket } | Assigned;

/** The leader's assignments are to be put, each under the slot of its member id, and then it syncs again with their id. */
export interface AssignmentsNeeded {
  readonly kind: 'assignmentsNeeded';
  readonly slots: Readonly<Record<string, string>>;
}

/** Under which a member's assignment lies: a static member finds it again under another id. */
export const slotOf = (memberId: string, { groupInstanceId }: ClassicMember): string =>
  groupInstanceId ?? memberId;

/**
 * The leader's sync makes the group Stable. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
 * INCONSISTENT_GROUP_PROTOCOL, and REBALANCE_IN_PROGRESS where the member is to join again.
 */
export function sync(
  group: ClassicGroup,
  command: SyncCommand,
  { nowMs }: Moment,
): Step<ClassicGroup, SyncAnswer | AssignmentsNeeded> {
  const { memberId, groupInstanceId, generation, assignmentsId } = command;
  const member = requireMember(group, command);
  requireGeneration(group, memberId, generation);
  refuseOtherProtocol(group, command);
  if (group.state === 'PreparingRebalance') throw rebalancing(group, memberId);
  const isAssigning = group.state === 'CompletingRebalance' && group.leader === memberId;
  if (isAssigning && assignmentsId === undefined) {
    return { group, answer: { kind: 'assignmentsNeeded', slots: slotsOf(group) } };
  }
  const synced = member.hasSynced ? group : withMember(group, memberId, { ...member, hasSynced: true });
  const next =
    isAssigning && assignmentsId !== undefined
      ? stabilize(synced, assignmentsId, nowMs)
      : endSyncIfDone(synced);
  return { group: next, answer: syncAnswer(next, { memberId, groupInstanceId, generation }) };
}

const slotsOf = (group: ClassicGroup): Readonly<Record<string, string>> =>
  Object.fromEntries(
    memberIdsOf(group).map((id) => [id, slotOf(id, requireMember(group, { memberId: id }))]),
  );

function refuseOtherProtocol(
  group: ClassicGroup,
  { memberId, protocolType, protocolName }: SyncCommand,
): void {
  const isSame =
    (protocolType ?? group.protocolType) === group.protocolType &&
    (protocolName ?? group.protocolName) === group.protocolName;
  if (isSame) return;
  const expected = `${group.protocolType} ${group.protocolName}`;
  const got = `${protocolType ?? group.protocolType} ${protocolName ?? group.protocolName}`;
  const message = `expected protocol ${expected} of member ${memberId}, got ${got}`;
  throw new BrokerError('INCONSISTENT_GROUP_PROTOCOL', message);
}

/**
 * What a member that has synced is told when it looks at the group. Throws UNKNOWN_MEMBER_ID and FENCED_INSTANCE_ID where it
 * is no member any more, REBALANCE_IN_PROGRESS where its generation came to nothing.
 */
export function syncAnswer(group: ClassicGroup, ticket: SyncTicket): SyncAnswer {
  const { memberId, generation } = ticket;
  const member = requireMember(group, ticket);
  if (generation !== group.generation || group.state === 'PreparingRebalance') {
    throw rebalancing(group, memberId);
  }
  if (group.state === 'CompletingRebalance') return { kind: 'waiting', ticket };
  const { protocolType, protocolName, assignmentsId } = group;
  return {
    ...{ kind: 'assigned', protocolType, protocolName, assignmentsId },
    slot: slotOf(memberId, member),
  };
}
