// The commands of the classic protocol that neither join nor sync: a heartbeat, leaving, committing; and how any command is
// decided between two looks at the time.
import { BrokerError } from '../base/errors.ts';
import {
  isPending,
  rebalancing,
  requireGeneration,
  requireMember,
  staticMemberIdOf,
  unknownMember,
  withoutMembers,
  type MemberIdentity,
} from './classic-members-state.ts';
import { rebalance, tick } from './classic-rebalance-state.ts';
import type { ClassicGroup } from '../storage/schema/classic-group.ts';
import type { Moment, Step } from './group.ts';
import type { CommitOffsetsRequest, HeartbeatRequest, LeaveGroupRequest, LeftMember } from './groups.ts';
import type { GroupLimits } from './limits.ts';

/** Of a command: what it was told, or the refusal of a command that itself changes nothing. */
export type Decided<Answer> = { readonly answer: Answer } | { readonly refusal: BrokerError };

/**
 * Decides a command on the group as time has left it. Throws the command's refusal where nothing at all has changed, and
 * answers it where time has changed the group, so that that is stored.
 */
export function decideClassic<Answer>(
  before: ClassicGroup,
  moment: Moment,
  limits: GroupLimits,
  command: (group: ClassicGroup) => Step<ClassicGroup, Answer>,
): Step<ClassicGroup, Decided<Answer>> {
  const group = tick(before, moment, limits);
  try {
    const step = command(group);
    // A rebalance without a delay is over at once.
    const after = tick(step.group, { ...moment, leases: undefined }, limits);
    return { group: after, answer: { answer: step.answer } };
  } catch (error) {
    if (!(error instanceof BrokerError) || group === before) throw error;
    return { group, answer: { refusal: error } };
  }
}

/** Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, and REBALANCE_IN_PROGRESS: the member is to join again. */
export function checkHeartbeat(group: ClassicGroup, request: Omit<HeartbeatRequest, 'groupId'>): void {
  requireMember(group, request);
  requireGeneration(group, request.memberId, request.generation);
  if (group.state === 'PreparingRebalance') throw rebalancing(group, request.memberId);
}

/** Who leaves is gone at once, and those who stay rebalance. Each member is answered for itself. */
export function leave(
  group: ClassicGroup,
  leaving: LeaveGroupRequest['members'],
  { nowMs }: Moment,
  limits: GroupLimits,
): Step<ClassicGroup, readonly LeftMember[]> {
  let left = group;
  const answer = leaving.map((identity): LeftMember => {
    try {
      left = withoutMembers(left, [leavingId(left, identity)]);
      return identity;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return { ...identity, error };
    }
  });
  if (left === group) return { group, answer };
  // Kafka differs: there an id that nobody has joined with makes a stable group rebalance when it leaves.
  const hasLost = Object.keys(left.members).length < Object.keys(group.members).length;
  const isRebalancing = left.state === 'PreparingRebalance';
  return { group: hasLost || isRebalancing ? rebalance(left, nowMs, limits) : left, answer };
}

function leavingId(group: ClassicGroup, { memberId, groupInstanceId }: MemberIdentity): string {
  if (memberId === '') {
    const staticId = groupInstanceId === undefined ? undefined : staticMemberIdOf(group, groupInstanceId);
    if (staticId === undefined) throw unknownMember(memberId, groupInstanceId);
    return staticId;
  }
  if (!isPending(group, memberId)) requireMember(group, { memberId, groupInstanceId });
  return memberId;
}

/**
 * Whether the request may commit offsets now. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, and
 * REBALANCE_IN_PROGRESS while a new generation waits for its assignment.
 */
export function checkCommit(
  group: ClassicGroup,
  request: Pick<CommitOffsetsRequest, 'memberId' | 'groupInstanceId' | 'generationOrMemberEpoch'>,
): void {
  const { memberId, generationOrMemberEpoch: generation } = request;
  if (generation < 0 && group.state === 'Empty') return;
  requireMember(group, request);
  requireGeneration(group, memberId, generation);
  if (group.state === 'CompletingRebalance') throw rebalancing(group, memberId);
}
