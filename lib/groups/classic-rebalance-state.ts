// How a classic group moves between its states: a rebalance begins, its members are together, and time passes.
import {
  chooseProtocol,
  haveAllJoined,
  haveAllSynced,
  mapMembers,
  memberIdsOf,
  memberOf,
  rebalanceTimeoutMsOf,
  withoutMembers,
} from './classic-members-state.ts';
import type { ClassicGroup, ClassicGroupState } from '../storage/schema/classic-group.ts';
import type { Moment } from './group.ts';
import type { GroupLimits } from './limits.ts';

type RebalanceLimits = Pick<GroupLimits, 'initialRebalanceDelayMs'>;

const inState = (group: ClassicGroup, state: ClassicGroupState, nowMs: number): ClassicGroup => ({
  ...group,
  state,
  stateSinceMs: nowMs,
});

/**
 * Asks all members to join anew. The first rebalance of a group that was empty waits for more of them; each other one ends
 * as soon as all are there. Of a group that is in PreparingRebalance already it only looks whether all are.
 */
export function rebalance(group: ClassicGroup, nowMs: number, limits: RebalanceLimits): ClassicGroup {
  if (group.state === 'PreparingRebalance')
    return group.initialEndMs > 0 ? group : completeIfJoined(group, nowMs);
  const preparing = inState(group, 'PreparingRebalance', nowMs);
  const timeoutMs = rebalanceTimeoutMsOf(group);
  if (group.state === 'Empty') {
    const delayMs = limits.initialRebalanceDelayMs;
    return {
      ...preparing,
      deadlineMs: nowMs + delayMs,
      initialEndMs: nowMs + Math.max(timeoutMs, delayMs),
      hasNewMember: false,
    };
  }
  return completeIfJoined({ ...preparing, deadlineMs: nowMs + timeoutMs }, nowMs);
}

/** Ends PreparingRebalance, also an initial one, where nobody is waited for. Other groups stay as they are. */
const completeIfJoined = (group: ClassicGroup, nowMs: number): ClassicGroup =>
  group.state === 'PreparingRebalance' && haveAllJoined(group) ? complete(group, nowMs) : group;

/** The next generation, of those who are there. */
function complete(before: ClassicGroup, nowMs: number): ClassicGroup {
  const isLate = (memberId: string) => {
    const member = memberOf(before, memberId);
    // A static member is one until its session ends, whether it joins or not.
    return member?.hasJoined === false && member.groupInstanceId === undefined;
  };
  const group = withoutMembers(before, memberIdsOf(before).filter(isLate));
  const joined = memberIdsOf(group).filter((memberId) => memberOf(group, memberId)?.hasJoined);
  const leader = joined.includes(group.leader) ? group.leader : joined[0];
  const timeoutMs = rebalanceTimeoutMsOf(group);
  if (leader === undefined && memberIdsOf(group).length > 0)
    return { ...group, deadlineMs: nowMs + timeoutMs };
  const next = {
    ...mapMembers(group, (member) => ({ ...member, hasJoined: false, hasSynced: false })),
    ...{ generation: group.generation + 1, leader: leader ?? '', assignmentsId: '' },
    ...{ initialEndMs: 0, hasNewMember: false },
  };
  if (leader === undefined) return { ...inState(next, 'Empty', nowMs), protocolName: '', deadlineMs: 0 };
  const completing = inState(next, 'CompletingRebalance', nowMs);
  return { ...completing, protocolName: chooseProtocol(next), deadlineMs: nowMs + timeoutMs };
}

/** The leader has assigned; those who have not synced are still waited for. */
export function stabilize(group: ClassicGroup, assignmentsId: string, nowMs: number): ClassicGroup {
  return endSyncIfDone({ ...inState(group, 'Stable', nowMs), assignmentsId });
}

/** No deadline any more where all members of a stable group have synced. */
export const endSyncIfDone = (group: ClassicGroup): ClassicGroup =>
  group.state === 'Stable' && haveAllSynced(group) ? { ...group, deadlineMs: 0 } : group;

/**
 * What time has made of the group: without members whose lease has ended and ids that nobody used in time, and past its
 * deadlines. The same value where nothing has changed; then it would be the same again at once.
 */
export function tick(group: ClassicGroup, moment: Moment, limits: RebalanceLimits): ClassicGroup {
  let now = withoutExpired(group, moment, limits);
  while (now.deadlineMs > 0 && now.deadlineMs <= moment.nowMs) now = pastDeadline(now, moment.nowMs, limits);
  return now;
}

// Kafka differs: there nobody expires while it waits for others to join or to assign, or a new member after 5 minutes. Here
// whoever serves the waiting member renews its lease, and a member whose connection has gone expires as any other.
function withoutExpired(group: ClassicGroup, moment: Moment, limits: RebalanceLimits): ClassicGroup {
  const { nowMs, leases } = moment;
  const expired = leases ? memberIdsOf(group).filter((memberId) => (leases.get(memberId) ?? 0) <= nowMs) : [];
  const unused = Object.entries(group.pendingMembers).filter(([, endMs]) => endMs <= nowMs);
  if (expired.length === 0 && unused.length === 0) return group;
  const left = withoutMembers(group, [...expired, ...unused.map(([memberId]) => memberId)]);
  if (left.state === 'PreparingRebalance') return completeIfJoined(left, nowMs);
  return expired.length > 0 ? rebalance(left, nowMs, limits) : left;
}

function pastDeadline(group: ClassicGroup, nowMs: number, limits: RebalanceLimits): ClassicGroup {
  const { state, deadlineMs, initialEndMs, hasNewMember } = group;
  if (state !== 'PreparingRebalance') {
    const silent = memberIdsOf(group).filter((memberId) => !memberOf(group, memberId)?.hasSynced);
    return rebalance(withoutMembers(group, silent), nowMs, limits);
  }
  if (!hasNewMember || deadlineMs >= initialEndMs) return complete(group, nowMs);
  const laterMs = Math.min(deadlineMs + limits.initialRebalanceDelayMs, initialEndMs);
  return { ...group, deadlineMs: laterMs, hasNewMember: false };
}
