// How a member gets from what it owns to what it is to have (KIP-848): first it gives up what it is to lose, then it is given
// what nobody else owns any more.
import { assert } from '../base/assert.ts';
import { has, intersect, isNone, isSame, minus, unite } from './partitions-by-id.ts';
import type { ConsumerGroup, ConsumerMember, PartitionsById } from '../storage/schema/consumer-group.ts';

/**
 * The member after one step. `owned`: what it says that it owns, undefined where it says nothing. A member that was told to
 * give partitions up stays as it is until it says that it did. The same value where nothing changes.
 */
export function reconcile(
  group: ConsumerGroup,
  memberId: string,
  owned: PartitionsById | undefined,
  nowMs: number,
): ConsumerMember {
  const before = memberOf(group, memberId);
  const isGivingUp = !isNone(before.revoking);
  if (isGivingUp && (owned === undefined || !isNone(intersect(before.revoking, owned)))) return before;
  const member = isGivingUp ? { ...before, revoking: {}, revokeDeadlineMs: 0 } : before;
  const next = step(group, memberId, member, owned, nowMs);
  return isSameMember(before, next) ? before : next;
}

function step(
  group: ConsumerGroup,
  memberId: string,
  member: ConsumerMember,
  owned: PartitionsById | undefined,
  nowMs: number,
): ConsumerMember {
  const kept = intersect(member.assigned, member.target);
  const lost = minus(member.assigned, member.target);
  // Where it says that it owns nothing of that, it need not be asked.
  const isOwned = owned === undefined || !isNone(intersect(lost, owned));
  if (!isNone(lost) && isOwned)
    return { ...member, assigned: kept, revoking: lost, revokeDeadlineMs: nowMs + member.rebalanceTimeoutMs };
  const wanted = minus(member.target, kept);
  return atEpoch(
    { ...member, assigned: unite(kept, freeOf(group, memberId, wanted)) },
    group.assignmentEpoch,
  );
}

function atEpoch(member: ConsumerMember, epoch: number): ConsumerMember {
  if (member.memberEpoch === epoch) return member;
  return { ...member, memberEpoch: epoch, previousMemberEpoch: member.memberEpoch };
}

/** What no other member owns, and none is giving up still. */
function freeOf(group: ConsumerGroup, memberId: string, wanted: PartitionsById): PartitionsById {
  let free = wanted;
  for (const [otherId, other] of Object.entries(group.members)) {
    if (otherId === memberId || isNone(free)) continue;
    free = minus(minus(free, other.assigned), other.revoking);
  }
  return free;
}

/** Throws AssertionError where there is no such member. */
export function memberOf({ members }: ConsumerGroup, memberId: string): ConsumerMember {
  const member = Object.hasOwn(members, memberId) ? members[memberId] : undefined;
  assert(member !== undefined, `member ${memberId} should be in the group`);
  return member;
}

/** Whether both own, give up and are to have the same at the same epochs. */
function isSameMember(a: ConsumerMember, b: ConsumerMember): boolean {
  return (
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.revokeDeadlineMs === b.revokeDeadlineMs &&
    isSame(a.assigned, b.assigned) &&
    isSame(a.revoking, b.revoking)
  );
}

/** Whether the member has all that it is to have, and nothing else. */
export const isReconciled = (group: ConsumerGroup, member: ConsumerMember): boolean =>
  member.memberEpoch === group.assignmentEpoch &&
  isNone(member.revoking) &&
  isSame(member.assigned, member.target);

/** What must be true of every consumer group. Throws AssertionError: two members own one partition, or epochs are out of order. */
export function checkConsumerGroup(group: ConsumerGroup): void {
  const owners = new Map<string, string>();
  assert(
    group.assignmentEpoch <= group.groupEpoch,
    `assignment epoch ${group.assignmentEpoch} should be at most the group epoch ${group.groupEpoch}`,
  );
  for (const [memberId, member] of Object.entries(group.members)) {
    assert(
      member.memberEpoch <= group.groupEpoch,
      `epoch ${member.memberEpoch} of ${memberId} should be at most the group epoch ${group.groupEpoch}`,
    );
    for (const held of [member.assigned, member.revoking]) {
      for (const [topicId, partitions] of Object.entries(held)) {
        for (const partition of partitions) {
          const place = `${topicId}:${partition}`;
          const owner = owners.get(place);
          assert(owner === undefined, `${place} is of ${owner ?? ''} and of ${memberId}`);
          owners.set(place, memberId);
        }
      }
    }
    assert(
      Object.entries(member.revoking).every(([topicId, partitions]) =>
        partitions.every((partition) => !has(member.assigned, topicId, partition)),
      ),
      `${memberId} should not own what it gives up`,
    );
  }
}
