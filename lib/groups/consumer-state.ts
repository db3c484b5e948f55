// A consumer group (KIP-848) as a pure state machine: what a heartbeat makes of it, and what time does. Each heartbeat moves
// only its own member on.
import { BrokerError } from '../base/errors.ts';
import { ASSIGNORS } from './assignors/assignor.ts';
import { checkConsumerGroup, isReconciled, memberOf, reconcile } from './consumer-reconcile-state.ts';
import { retarget, withTopics, type TopicView } from './consumer-target-state.ts';
import { fromList, isSame, isSubset } from './partitions-by-id.ts';
import { checkSessionTimeout } from './session-timeout.ts';
import type { ConsumerGroup, ConsumerMember, PartitionsById } from '../storage/schema/consumer-group.ts';
import type { Moment, Step } from './group.ts';
import type { CommitOffsetsRequest, ConsumerGroupHeartbeatRequest, GroupState } from './groups.ts';
import type { GroupLimits } from './limits.ts';

/** A heartbeat whose regex has been looked up. */
export interface BeatCommand extends Omit<ConsumerGroupHeartbeatRequest, 'groupId'> {
  /** For a member that has none: made afresh for this request, and the same whenever it is decided again. */
  readonly newMemberId: string;
  /** The topics that the member's regex matches now; undefined: nobody has looked. */
  readonly matchedTopicNames?: readonly string[];
}

export interface Beaten {
  readonly memberId: string;
  readonly memberEpoch: number;
  /** All that the member may own; undefined: as it was told before. */
  readonly assigned: PartitionsById | undefined;
  readonly sessionTimeoutMs: number;
}

export interface BeatContext {
  readonly view: TopicView;
  readonly limits: GroupLimits;
  /** What this very heartbeat gave its member when it was decided before, by attempts of which nobody knows what became. */
  readonly decidedEpochs?: ReadonlySet<number>;
}

/** Epochs that are none. */
const JOINS = 0;
const LEAVES = -1;
const GOES_AWAY = -2;

/**
 * What time and topics have made of the group: without members whose lease has ended or that did not give up in time what
 * they were to, and with a target for the topics as they are. The same value where nothing has changed.
 */
export function tick(group: ConsumerGroup, { nowMs, leases }: Moment, view: TopicView): ConsumerGroup {
  const isGone = (memberId: string, { revokeDeadlineMs }: ConsumerMember) =>
    (leases !== undefined && (leases.get(memberId) ?? 0) <= nowMs) ||
    (revokeDeadlineMs > 0 && revokeDeadlineMs <= nowMs);
  const gone = Object.entries(group.members).filter(([memberId, member]) => isGone(memberId, member));
  const left = withoutMembers(
    group,
    gone.map(([memberId]) => memberId),
    nowMs,
  );
  return settle(group, withTopics(left, view));
}

function withoutMembers(group: ConsumerGroup, memberIds: readonly string[], nowMs: number): ConsumerGroup {
  if (memberIds.length === 0) return group;
  const gone = new Set(memberIds);
  const members = Object.fromEntries(
    Object.entries(group.members).filter(([memberId]) => !gone.has(memberId)),
  );
  return { ...group, members, emptySinceMs: Object.keys(members).length === 0 ? nowMs : 0 };
}

/** A new target where members, subscriptions or topics are not what they were. */
function settle(before: ConsumerGroup, after: ConsumerGroup): ConsumerGroup {
  if (after === before) return before;
  const group = needsTarget(before, after) ? retarget(after) : after;
  checkConsumerGroup(group);
  return group;
}

const needsTarget = (before: ConsumerGroup, after: ConsumerGroup): boolean =>
  before.topics !== after.topics || interestsOf(before) !== interestsOf(after);

/** What a target is made of, beside the topics. */
const interestsOf = ({ members }: ConsumerGroup): string =>
  JSON.stringify(
    Object.entries(members)
      .map(([memberId, member]) => [
        ...[
          member.groupInstanceId ?? memberId,
          member.subscribedTopicNames,
          member.subscribedTopicRegex,
          member.matchedTopicNames,
        ],
        ...[member.serverAssignor, member.groupInstanceId !== undefined],
      ])
      .sort(),
  );

/**
 * Throws INVALID_REQUEST, UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, UNRELEASED_INSTANCE_ID, FENCED_INSTANCE_ID,
 * UNSUPPORTED_ASSIGNOR, INVALID_SESSION_TIMEOUT, GROUP_MAX_SIZE_REACHED. The group is as `tick` left it.
 */
export function beat(
  group: ConsumerGroup,
  command: BeatCommand,
  { nowMs }: Moment,
  { view, limits, decidedEpochs = new Set() }: BeatContext,
): Step<ConsumerGroup, Beaten> {
  if (command.memberEpoch < JOINS) return leave(group, command, nowMs);
  checkAssignor(command);
  const joined =
    command.memberEpoch === JOINS
      ? join(group, command, limits)
      : stay(group, command, limits, decidedEpochs);
  const { memberId } = joined;
  const subscribed = settle(group, withTopics(withMember(joined.group, memberId, joined.member), view));
  const before = memberOf(subscribed, memberId);
  const owned = command.ownedPartitions && fromList(command.ownedPartitions);
  const member = reconcile(subscribed, memberId, owned, nowMs);
  const next = member === before ? subscribed : withMember(subscribed, memberId, member);
  if (next !== group) checkConsumerGroup(next);
  // The member is told where it says all about itself, as it does when an answer was lost, and where something has changed.
  const isRepeated = before.memberEpoch !== command.memberEpoch;
  const isTold = isFull(command) || isRepeated || !isSame(before.assigned, member.assigned);
  return {
    group: next,
    answer: {
      ...{ memberId, memberEpoch: member.memberEpoch, sessionTimeoutMs: member.sessionTimeoutMs },
      assigned: isTold ? member.assigned : undefined,
    },
  };
}

const isFull = (command: BeatCommand): boolean =>
  command.memberEpoch === JOINS ||
  (command.rebalanceTimeoutMs !== undefined &&
    (command.subscribedTopicNames ?? command.subscribedTopicRegex) !== undefined &&
    command.ownedPartitions !== undefined);

const withMember = (group: ConsumerGroup, memberId: string, member: ConsumerMember): ConsumerGroup =>
  group.members[memberId] === member
    ? group
    : { ...group, emptySinceMs: 0, members: { ...group.members, [memberId]: member } };

function checkAssignor({ serverAssignor }: BeatCommand): void {
  if (serverAssignor === undefined || Object.hasOwn(ASSIGNORS, serverAssignor)) return;
  const known = Object.keys(ASSIGNORS).join(', ');
  const message = `server assignor must be one of ${known}, got "${serverAssignor}"`;
  throw new BrokerError('UNSUPPORTED_ASSIGNOR', message, { field: 'serverAssignor' });
}

// ---- Joining and staying ---------------------------------------------------------------------------------------------

interface Joined {
  readonly group: ConsumerGroup;
  readonly memberId: string;
  readonly member: ConsumerMember;
}

function join(group: ConsumerGroup, command: BeatCommand, limits: GroupLimits): Joined {
  checkJoin(command);
  const memberId = command.memberId || command.newMemberId;
  const known = find(group, memberId);
  const { groupInstanceId } = command;
  if (known) {
    requireInstance(memberId, known, groupInstanceId);
    return { group, memberId, member: { ...described(known, command, limits), isAway: false } };
  }
  const [oldId, old] = findInstance(group, groupInstanceId) ?? [];
  if (oldId !== undefined && old) {
    if (!old.isAway) throw unreleased(oldId, groupInstanceId);
    // It is back under another id, and has what it had.
    const member = { ...old, isAway: false, memberEpoch: JOINS, previousMemberEpoch: JOINS };
    const members = Object.fromEntries(Object.entries(group.members).filter(([id]) => id !== oldId));
    return { group: { ...group, members }, memberId, member: described(member, command, limits) };
  }
  const count = Object.keys(group.members).length;
  if (count >= limits.membersMax) {
    const message = `a group must have at most ${limits.membersMax} members, got ${count + 1}`;
    throw new BrokerError('GROUP_MAX_SIZE_REACHED', message);
  }
  return { group, memberId, member: described(newMember(groupInstanceId), command, limits) };
}

function checkJoin(command: BeatCommand): void {
  const { subscribedTopicNames, subscribedTopicRegex, ownedPartitions, rebalanceTimeoutMs } = command;
  const refuse = (field: string, must: string) => {
    throw new BrokerError('INVALID_REQUEST', `${field} ${must} of a member that joins`, { field });
  };
  if (subscribedTopicNames === undefined && subscribedTopicRegex === undefined)
    refuse('subscribedTopicNames', 'or subscribedTopicRegex must be there');
  if (rebalanceTimeoutMs === undefined) refuse('rebalanceTimeoutMs', 'must be there');
  if (ownedPartitions === undefined || ownedPartitions.some(({ partitions }) => partitions.length > 0))
    refuse('ownedPartitions', 'must be there and empty');
}

const newMember = (groupInstanceId: string | undefined): ConsumerMember => ({
  ...{ groupInstanceId, rackId: undefined, clientId: '', clientHost: '' },
  ...{ subscribedTopicNames: [], subscribedTopicRegex: '', matchedTopicNames: [], serverAssignor: '' },
  ...{ rebalanceTimeoutMs: 0, sessionTimeoutMs: 0 },
  ...{ memberEpoch: JOINS, previousMemberEpoch: JOINS, isAway: false },
  ...{ assigned: {}, revoking: {}, target: {}, revokeDeadlineMs: 0 },
});

/** The member with what it says about itself; the same value where that is nothing new. */
function described(member: ConsumerMember, command: BeatCommand, limits: GroupLimits): ConsumerMember {
  const next: ConsumerMember = {
    ...member,
    rackId: command.rackId ?? member.rackId,
    clientId: command.clientId,
    clientHost: command.clientHost,
    subscribedTopicNames: command.subscribedTopicNames
      ? [...new Set(command.subscribedTopicNames)].sort()
      : member.subscribedTopicNames,
    subscribedTopicRegex: command.subscribedTopicRegex ?? member.subscribedTopicRegex,
    matchedTopicNames: command.matchedTopicNames ?? member.matchedTopicNames,
    serverAssignor: command.serverAssignor ?? member.serverAssignor,
    rebalanceTimeoutMs: command.rebalanceTimeoutMs ?? member.rebalanceTimeoutMs,
    sessionTimeoutMs: sessionTimeoutOf(member, command, limits),
  };
  return JSON.stringify(next) === JSON.stringify(member) ? member : next;
}

function sessionTimeoutOf(member: ConsumerMember, command: BeatCommand, limits: GroupLimits): number {
  const { sessionTimeoutMs } = command;
  if (sessionTimeoutMs === undefined) return member.sessionTimeoutMs || limits.consumerSessionTimeoutMs;
  checkSessionTimeout(sessionTimeoutMs, limits);
  return sessionTimeoutMs;
}

function stay(
  group: ConsumerGroup,
  command: BeatCommand,
  limits: GroupLimits,
  decidedEpochs: ReadonlySet<number>,
): Joined {
  const { memberId, memberEpoch, groupInstanceId } = command;
  const member = requireMember(group, memberId, groupInstanceId);
  const owned = command.ownedPartitions && fromList(command.ownedPartitions);
  // A member that lost the answer with its new epoch says the one before, and owns no more than it may.
  const isRepeated =
    decidedEpochs.has(member.memberEpoch) ||
    (memberEpoch === member.previousMemberEpoch && owned !== undefined && isSubset(owned, member.assigned));
  if (member.isAway || (memberEpoch !== member.memberEpoch && !isRepeated))
    throw fenced(memberId, member, memberEpoch);
  return { group, memberId, member: described(member, command, limits) };
}

/** Nobody has looked at any topic. */
const AS_KNOWN: TopicView = () => undefined;

// ---- Leaving ---------------------------------------------------------------------------------------------------------

function leave(group: ConsumerGroup, command: BeatCommand, nowMs: number): Step<ConsumerGroup, Beaten> {
  const { memberId, memberEpoch, groupInstanceId } = command;
  const member = requireMember(group, memberId, groupInstanceId);
  const { sessionTimeoutMs } = member;
  const answer = { memberId, memberEpoch, assigned: undefined, sessionTimeoutMs };
  if (memberEpoch === LEAVES)
    return { group: settle(group, withTopics(withoutMembers(group, [memberId], nowMs), AS_KNOWN)), answer };
  if (memberEpoch !== GOES_AWAY || member.groupInstanceId === undefined) {
    const message = `member epoch of ${memberId} must be from -1 on, or -2 of a static member, got ${memberEpoch}`;
    throw new BrokerError('INVALID_REQUEST', message, { field: 'memberEpoch' });
  }
  // It closes what it had, so that it gives up nothing any more: others may have that.
  const gone = { ...member, isAway: true, revoking: {}, revokeDeadlineMs: 0 };
  return { group: withMember(group, memberId, gone), answer };
}

// ---- Who is who ------------------------------------------------------------------------------------------------------

const find = ({ members }: ConsumerGroup, memberId: string): ConsumerMember | undefined =>
  Object.hasOwn(members, memberId) ? members[memberId] : undefined;

const findInstance = (
  { members }: ConsumerGroup,
  groupInstanceId: string | undefined,
): [string, ConsumerMember] | undefined =>
  groupInstanceId === undefined
    ? undefined
    : Object.entries(members).find(([, member]) => member.groupInstanceId === groupInstanceId);

function requireMember(
  group: ConsumerGroup,
  memberId: string,
  groupInstanceId: string | undefined,
): ConsumerMember {
  const member = find(group, memberId);
  if (member) {
    requireInstance(memberId, member, groupInstanceId);
    return member;
  }
  const [otherId] = findInstance(group, groupInstanceId) ?? [];
  if (otherId === undefined) throw new BrokerError('UNKNOWN_MEMBER_ID', `it has no member "${memberId}"`);
  const message = `instance ${groupInstanceId ?? ''} is member ${otherId}, got ${memberId}`;
  throw new BrokerError('FENCED_INSTANCE_ID', message, { field: 'groupInstanceId' });
}

function requireInstance(
  memberId: string,
  member: ConsumerMember,
  groupInstanceId: string | undefined,
): void {
  if (groupInstanceId === undefined || groupInstanceId === member.groupInstanceId) return;
  const message = `member ${memberId} is instance ${member.groupInstanceId ?? 'none'}, got ${groupInstanceId}`;
  throw new BrokerError('FENCED_INSTANCE_ID', message, { field: 'groupInstanceId' });
}

const unreleased = (memberId: string, groupInstanceId: string | undefined): BrokerError =>
  new BrokerError(
    'UNRELEASED_INSTANCE_ID',
    `instance ${groupInstanceId ?? ''} is member ${memberId}, which has not left`,
    { field: 'groupInstanceId' },
  );

const fenced = (memberId: string, member: ConsumerMember, memberEpoch: number): BrokerError =>
  new BrokerError(
    'FENCED_MEMBER_EPOCH',
    `member ${memberId} has epoch ${member.isAway ? GOES_AWAY : member.memberEpoch}, got ${memberEpoch}`,
    { field: 'memberEpoch' },
  );

// ---- Looking at a group ----------------------------------------------------------------------------------------------

/** Kafka's name of the group's state. */
export function stateOf(group: ConsumerGroup): GroupState {
  const members = Object.values(group.members);
  if (members.length === 0) return 'Empty';
  if (group.groupEpoch > group.assignmentEpoch) return 'Assigning';
  return members.every((member) => isReconciled(group, member)) ? 'Stable' : 'Reconciling';
}

/**
 * Whether the request may commit offsets now. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, STALE_MEMBER_EPOCH. Who is no
 * member may while the group has none.
 */
export function checkCommit(
  group: ConsumerGroup,
  request: Pick<CommitOffsetsRequest, 'memberId' | 'groupInstanceId'> & { readonly memberEpoch: number },
): void {
  const { memberId, groupInstanceId, memberEpoch } = request;
  if (memberEpoch < 0 && Object.keys(group.members).length === 0) return;
  const member = requireMember(group, memberId, groupInstanceId);
  if (member.memberEpoch === memberEpoch && !member.isAway) return;
  const message = `member ${memberId} has epoch ${member.memberEpoch}, got ${memberEpoch}`;
  throw new BrokerError('STALE_MEMBER_EPOCH', message, { field: 'memberEpoch' });
}
