// The classic group protocol: joining, syncing, heartbeats and leaving. What is decided is pure (classic-*-state.ts); here
// rows are put before the group names them, and members wait.
import { formatUuid } from '../base/dice.ts';
import { BrokerError } from '../base/errors.ts';
import { join, joinedAnswer, type JoinCommand } from './classic-join-state.ts';
import { requireMember, unknownMember } from './classic-members-state.ts';
import { checkHeartbeat, leave } from './classic-state.ts';
import { sync, syncAnswer, type SyncCommand } from './classic-sync-state.ts';
import { decideOn, waitForGroup } from './classic-waiting.ts';
import { hashOf, putAssignments, putJoinRow, withAssignment, withMetadata } from './classic-rows.ts';
import { checkGroupId, checkMemberId } from './group-id.ts';
import { checkSessionTimeout } from './session-timeout.ts';
import { randomMark } from './group-store.ts';
import type { ClassicGroup } from '../storage/schema/classic-group.ts';
import type { Coordinator } from './coordinator.ts';
import type { GroupDeps } from './group-deps.ts';
import type {
  HeartbeatRequest,
  JoinGroupAnswer,
  JoinGroupRequest,
  LeaveGroupRequest,
  LeftMember,
  SyncGroupAnswer,
  SyncGroupRequest,
} from './groups.ts';

/** Of an id, in its text form and with what parts it from what is before it. */
const UUID_BYTES = 37;

/** As Groups.joinGroup. */
export async function joinGroup(
  coordinator: Coordinator,
  request: JoinGroupRequest,
): Promise<JoinGroupAnswer> {
  const { groupId, signal, protocols, ...asked } = request;
  const { deps } = coordinator;
  checkIds(deps, groupId, [request]);
  checkSessionTimeout(request.sessionTimeoutMs, deps.limits);
  const command: JoinCommand = {
    ...asked,
    newMemberId: newMemberId(deps, request),
    protocolNames: protocols.map(({ name }) => name),
    metadataHash: hashOf(protocols),
  };
  if (willBeMember(request)) {
    const memberId = command.memberId || command.newMemberId;
    await Promise.all([
      putJoinRow(deps, groupId, memberId, command.metadataHash, protocols),
      coordinator.leases.renew(groupId, memberId, request.sessionTimeoutMs),
    ]);
  }
  const isJoining = request.memberId === '';
  const answer = await decideOn(
    coordinator,
    groupId,
    (group, moment) => join(group, command, moment, deps.limits),
    { isJoining },
  );
  if (answer.kind === 'memberIdRequired') return answer;
  if (answer.kind === 'joined') return withMetadata(deps, groupId, answer);
  const { ticket } = answer;
  const look = (group: ClassicGroup) => whenTold(joinedAnswer(group, ticket));
  return withMetadata(deps, groupId, await waitForGroup(coordinator, groupId, ticket, look, signal));
}

/** Ids and names of instances are parts of keys. Throws INVALID_GROUP_ID, INVALID_REQUEST. */
function checkIds(
  { limits }: GroupDeps,
  groupId: string,
  members: readonly { readonly memberId: string; readonly groupInstanceId?: string }[],
): void {
  checkGroupId(limits, groupId);
  for (const member of members) checkMemberId(limits, member);
}

/** As Kafka makes them: of what the client is called, and something that nobody else has. */
function newMemberId({ dice, limits }: GroupDeps, { clientId, groupInstanceId }: JoinGroupRequest): string {
  let prefix = groupInstanceId ?? clientId;
  while (Buffer.byteLength(prefix) > limits.memberIdBytesMax - UUID_BYTES) {
    prefix = prefix.slice(0, Math.ceil(prefix.length / 2));
  }
  return `${prefix.toWellFormed()}-${formatUuid(dice.bytes(16))}`;
}

/** Not where the member will be asked to come again with an id. */
const willBeMember = ({ memberId, groupInstanceId, requiresKnownMemberId }: JoinGroupRequest): boolean =>
  memberId !== '' || groupInstanceId !== undefined || !requiresKnownMemberId;

/** As Groups.syncGroup. */
export async function syncGroup(
  coordinator: Coordinator,
  request: SyncGroupRequest,
): Promise<SyncGroupAnswer> {
  const { groupId, memberId, groupInstanceId, signal, assignments, ...asked } = request;
  const { deps } = coordinator;
  checkIds(deps, groupId, [request]);
  const member = { memberId, ...(groupInstanceId !== undefined && { groupInstanceId }) };
  const syncWith = (assignmentsId: string | undefined) => {
    const command: SyncCommand = { ...member, ...asked, assignmentsId };
    return decideOn(coordinator, groupId, (group, moment) => sync(group, command, moment));
  };
  let answer = await syncWith(undefined);
  if (answer.kind === 'assignmentsNeeded') {
    const assignmentsId = randomMark(deps.dice.bytes(9));
    await putAssignments(deps, groupId, assignmentsId, answer.slots, assignments);
    answer = await syncWith(assignmentsId);
  }
  if (answer.kind === 'assigned') return withAssignment(deps, groupId, answer);
  const ticket = { ...member, generation: request.generation };
  const look = (group: ClassicGroup) => whenTold(syncAnswer(group, ticket));
  return withAssignment(deps, groupId, await waitForGroup(coordinator, groupId, member, look, signal));
}

/** Undefined: it waits still. */
const whenTold = <Answer extends { readonly kind: string }>(answer: Answer) =>
  isTold(answer) ? answer : undefined;

const isTold = <Answer extends { readonly kind: string }>(
  answer: Answer,
): answer is Exclude<Answer, { readonly kind: 'waiting' }> => answer.kind !== 'waiting';

/** As Groups.heartbeat. Whoever is told to join again has been heard of, too. */
export async function heartbeat(coordinator: Coordinator, request: HeartbeatRequest): Promise<void> {
  const { groupId, memberId } = request;
  checkIds(coordinator.deps, groupId, [request]);
  const { sessionTimeoutMs, refusal } = await decideOn(
    coordinator,
    groupId,
    (group) => {
      const refusal = rebalancingOrThrow(() => {
        checkHeartbeat(group, request);
      });
      const { sessionTimeoutMs } = requireMember(group, request);
      return { group, answer: { sessionTimeoutMs, refusal } };
    },
    { isCheap: true },
  );
  await coordinator.leases.keepAlive(groupId, memberId, sessionTimeoutMs);
  if (refusal) throw refusal.restated({ message: `group ${groupId}: ${refusal.message}` });
}

function rebalancingOrThrow(check: () => void): BrokerError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'REBALANCE_IN_PROGRESS') return error;
    throw error;
  }
}

/** As Groups.leaveGroup. Of a group that is not there nobody is a member. */
export async function leaveGroup(
  coordinator: Coordinator,
  { groupId, members }: LeaveGroupRequest,
): Promise<readonly LeftMember[]> {
  const { deps } = coordinator;
  checkIds(deps, groupId, members);
  const gone = new Set<number>();
  const left = decideOn(coordinator, groupId, (group, moment) => {
    const step = leave(group, members, moment, deps.limits);
    const answer = step.answer.map((one, at) => {
      if (!one.error) gone.add(at);
      // Who was there when this was decided before is gone by now, whoever's write it was.
      const isGone = gone.has(at) && one.error?.code === 'UNKNOWN_MEMBER_ID';
      return isGone ? (members[at] ?? one) : one;
    });
    return { ...step, answer };
  });
  return left.catch((error: unknown) => {
    if (!(error instanceof BrokerError) || error.code !== 'UNKNOWN_MEMBER_ID') throw error;
    return members.map((member) => ({
      ...member,
      error: unknownMember(member.memberId, member.groupInstanceId),
    }));
  });
}
