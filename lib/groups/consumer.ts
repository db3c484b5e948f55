// The consumer protocol's one operation: the heartbeat. What is decided is pure (consumer-*-state.ts); here topics are looked
// up before, and the lease is renewed after.
import { formatUuid } from '../base/dice.ts';
import { BrokerError } from '../base/errors.ts';
import {
  emptyConsumerGroup,
  type ConsumerGroup,
  type ConsumerMember,
  type SubscribedTopic,
} from '../storage/schema/consumer-group.ts';
import { beat, tick, type BeatCommand, type Beaten } from './consumer-state.ts';
import { topicNamesOf, type TopicView } from './consumer-target-state.ts';
import { checkGroupId, checkMemberId } from './group-id.ts';
import { checkSessionTimeout } from './session-timeout.ts';
import { hasOnlyExpired } from './expired.ts';
import type { Coordinator, Decide } from './coordinator.ts';
import type { Group, Moment } from './group.ts';
import type { GroupDeps } from './group-deps.ts';
import type { AssignedTopic, ConsumerGroupHeartbeatAnswer, ConsumerGroupHeartbeatRequest } from './groups.ts';
import type { PartitionsById } from '../storage/schema/consumer-group.ts';
import type { StoredGroup } from '../storage/schema/group.ts';
import type { Topic } from '../topics/topic.ts';

/** As Groups.consumerGroupHeartbeat. */
export async function consumerGroupHeartbeat(
  coordinator: Coordinator,
  request: ConsumerGroupHeartbeatRequest,
): Promise<ConsumerGroupHeartbeatAnswer> {
  const { deps, leases } = coordinator;
  const { groupId, ...asked } = request;
  checkRequest(deps, request);
  const newMemberId = formatUuid(deps.dice.bytes(16));
  const memberId = request.memberId || newMemberId;
  const isJoining = request.memberEpoch === 0;
  const look = await lookUp(coordinator, request);
  // Data before the group names it: a member without a lease would be removed at once.
  if (isJoining)
    await leases.renew(groupId, memberId, request.sessionTimeoutMs ?? deps.limits.consumerSessionTimeoutMs);
  const command: BeatCommand = {
    ...{ ...asked, newMemberId },
    ...(look.matchedTopicNames && { matchedTopicNames: look.matchedTopicNames }),
  };
  const decide = decideBeat(deps, groupId, command, look.view);
  const beaten = await (isJoining
    ? coordinator.decide(groupId, decide)
    : coordinator.decideCheaply(groupId, decide, look.stored));
  if ('refusal' in beaten.told) throw beaten.told.refusal;
  const { told } = beaten;
  if (request.memberEpoch >= 0) await leases.keepAlive(groupId, memberId, told.sessionTimeoutMs);
  return {
    ...{ memberId: told.memberId, memberEpoch: told.memberEpoch },
    heartbeatIntervalMs: heartbeatIntervalOf(deps, told.sessionTimeoutMs),
    ...(told.assigned && { assignment: withNames(told.assigned, beaten.topics) }),
  };
}

function checkRequest({ limits }: GroupDeps, request: ConsumerGroupHeartbeatRequest): void {
  const { groupId, memberId, memberEpoch, groupInstanceId = '' } = request;
  checkGroupId(limits, groupId);
  const refuse = (field: string, message: string) => {
    throw new BrokerError('INVALID_REQUEST', `${field} ${message}`, { field });
  };
  checkMemberId(limits, request);
  if (!Number.isInteger(memberEpoch) || memberEpoch < -2)
    refuse('memberEpoch', `must be a whole number from -2 on, got ${memberEpoch}`);
  if (memberId === '' && memberEpoch !== 0)
    refuse('memberId', `must be there with member epoch ${memberEpoch}, got an empty one`);
  if (memberEpoch === -2 && groupInstanceId === '')
    refuse('groupInstanceId', 'must be there with member epoch -2');
  checkSessionTimeout(request.sessionTimeoutMs ?? limits.consumerSessionTimeoutMs, limits);
  const { rebalanceTimeoutMs = 1 } = request;
  // Who leaves has no use for it, and some clients then send 0.
  if (memberEpoch >= 0 && rebalanceTimeoutMs <= 0)
    refuse('rebalanceTimeoutMs', `must be at least 1, got ${rebalanceTimeoutMs}`);
}

/** A third of the session at most, so that a member that beats in time never loses its lease. */
const heartbeatIntervalOf = ({ limits }: GroupDeps, sessionTimeoutMs: number): number =>
  Math.min(limits.consumerHeartbeatIntervalMs, Math.floor(sessionTimeoutMs / 4));

// ---- Deciding --------------------------------------------------------------------------------------------------------

interface Decided {
  readonly told: Beaten | { readonly refusal: BrokerError };
  readonly topics: ConsumerGroup['topics'];
}

/** Where time alone has changed the group, that is stored though the heartbeat itself is refused. */
function decideBeat(
  deps: GroupDeps,
  groupId: string,
  command: BeatCommand,
  view: TopicView,
): Decide<Decided> {
  const decidedEpochs = new Set<number>();
  return (stored, moment) => {
    const before = consumerOf(stored, moment, command, groupId);
    const ticked = tick(before, moment, view);
    try {
      const { group, answer } = beat(ticked, command, moment, { view, limits: deps.limits, decidedEpochs });
      decidedEpochs.add(answer.memberEpoch);
      return {
        group: stored === undefined && group === before ? stored : group,
        answer: { told: answer, topics: group.topics },
      };
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      const refusal = error.restated({ message: `group ${groupId}: ${error.message}`, field: error.field });
      if (ticked === stored || stored === undefined) throw refusal;
      return { group: ticked, answer: { told: { refusal }, topics: ticked.topics } };
    }
  };
}

/** A classic group without members becomes a consumer group, and keeps what it has committed. */
function consumerOf(
  group: Group | undefined,
  moment: Moment,
  { memberId, memberEpoch }: BeatCommand,
  groupId: string,
): ConsumerGroup {
  if (group?.kind === 'consumer') return group;
  if (memberEpoch !== 0)
    throw new BrokerError('UNKNOWN_MEMBER_ID', `group ${groupId} has no member "${memberId}"`);
  if (group && !hasOnlyExpired(group, moment)) {
    const count = Object.keys(group.members).length;
    // Kafka differs: it can move such a group to the consumer protocol while it goes on.
    const message = `group ${groupId} is a classic group of ${count} members`;
    throw new BrokerError('GROUP_ID_NOT_FOUND', message);
  }
  return emptyConsumerGroup(moment.nowMs);
}

// ---- Topics ----------------------------------------------------------------------------------------------------------

interface Looked {
  /** The group a moment ago. */
  readonly stored: StoredGroup | undefined;
  readonly view: TopicView;
  readonly matchedTopicNames: readonly string[] | undefined;
}

/** What the member subscribes to, and what the group does besides, as far as this process knows. */
async function lookUp(coordinator: Coordinator, request: ConsumerGroupHeartbeatRequest): Promise<Looked> {
  const { deps } = coordinator;
  const { groupId, memberId, memberEpoch, subscribedTopicNames = [] } = request;
  const stored = await coordinator.read(groupId, { consistent: false });
  if (memberEpoch < 0) return { stored, view: () => undefined, matchedTopicNames: undefined };
  const group = stored?.group.kind === 'consumer' ? stored.group : undefined;
  const member = group && Object.hasOwn(group.members, memberId) ? group.members[memberId] : undefined;
  const pattern = request.subscribedTopicRegex ?? member?.subscribedTopicRegex ?? '';
  const matchedTopicNames = pattern === '' ? [] : await matchesOf(deps, pattern, member);
  const others = Object.values(group?.members ?? {}).flatMap(topicNamesOf);
  return {
    stored,
    view: await viewOf(deps, group, [...subscribedTopicNames, ...matchedTopicNames, ...others]),
    matchedTopicNames,
  };
}

/**
 * What the pattern matches. Where that is not what the group knows of the member, topics are listed anew, as in `viewOf`: or
 * processes that listed them at different times would undo each other's changes.
 */
async function matchesOf(
  deps: GroupDeps,
  pattern: string,
  member: ConsumerMember | undefined,
): Promise<readonly string[]> {
  const remembered = await matchingTopics(deps, pattern);
  const known = member?.matchedTopicNames ?? remembered;
  const isAsKnown = remembered.length === known.length && remembered.every((name, at) => name === known[at]);
  return isAsKnown ? remembered : matchingTopics(deps, pattern, await deps.topics.namesNow());
}

/** As Groups.matchTopics; `names`: of all topics. Default: as this process remembers them. */
export async function matchingTopics(
  { topics, matchTopics }: GroupDeps,
  pattern: string,
  names?: readonly string[],
): Promise<readonly string[]> {
  if (matchTopics) return matchTopics(pattern, names ?? (await topics.names()));
  const message = 'subscriptions by a pattern are not served here';
  throw new BrokerError('INVALID_REGULAR_EXPRESSION', message, { field: 'subscribedTopicRegex' });
}

/**
 * Of these topics. Where what is remembered is not what the group knows, the topic is read anew: processes that remember
 * topics of different age would else undo each other's changes.
 */
export async function viewOf(
  { topics }: Pick<GroupDeps, 'topics'>,
  group: ConsumerGroup | undefined,
  names: readonly string[],
): Promise<TopicView> {
  const find = async (name: string): Promise<SubscribedTopic | null> => {
    const remembered = toSubscribed(await topics.find(name));
    const known = group && Object.hasOwn(group.topics, name) ? group.topics[name] : null;
    const isAsKnown = remembered?.topicId === known?.topicId && remembered?.partitions === known?.partitions;
    return isAsKnown ? remembered : toSubscribed(await topics.findNow(name));
  };
  const unique = [...new Set(names)];
  const found = await Promise.all(unique.map(find));
  const view = new Map(unique.map((name, at) => [name, found[at]]));
  return (name) => view.get(name);
}

const toSubscribed = (topic: Topic | undefined): SubscribedTopic | null =>
  topic ? { topicId: topic.topicId, partitions: topic.partitions } : null;

/** With the topics' names, in their order. */
function withNames(assigned: PartitionsById, topics: ConsumerGroup['topics']): readonly AssignedTopic[] {
  const byId = new Map(Object.entries(topics).map(([name, { topicId }]) => [topicId, name]));
  return Object.entries(assigned)
    .flatMap(([topicId, partitions]) => {
      const topic = byId.get(topicId);
      return topic === undefined ? [] : [{ topicId, topic, partitions }];
    })
    .toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
}
