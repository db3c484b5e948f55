// A subscribed consumer as a member of its group by the consumer protocol (KIP-848): its calls are the heartbeats.
import { BrokerError } from '../../base/errors.ts';
import type { ConsumerGroupHeartbeatRequest } from '../../groups/groups.ts';
import type { ConsumerInstance, InstanceSubscription } from '../../groups/instances.ts';
import { commitDelivered } from './commit.ts';
import { illegalState, instanceBusy, isFenced } from './consumer-errors.ts';
import { fenced, ownedTopics, reconcile } from './instance-state.ts';
import { saveSession, type ConsumerDeps, type Session } from './session.ts';

/** A heartbeat that gives up partitions, or joins anew, is followed by another; more than these say that others interfere. */
const HEARTBEATS_MAX = 8;

/**
 * Sends the heartbeat where it is due, gives up what is revoked (committed first where the consumer commits by itself) and
 * takes what is assigned. What the consumer owns is stored before the group is told that something was given up, so that no
 * other call delivers from it. undefined: another call was first. Throws 40903 where the group has members of the classic
 * protocol.
 */
export async function keepMembership(
  deps: ConsumerDeps,
  begun: Session,
  clientHost: string,
): Promise<Session | undefined> {
  let session: Session | undefined = begun;
  for (let count = 0; count < HEARTBEATS_MAX; count++) {
    if (!session?.instance.subscription) return session;
    if (session.instance.heartbeatDueMs > deps.clock.now()) return session;
    session = await heartbeat(deps, session, clientHost);
  }
  throw instanceBusy(begun.id);
}

async function heartbeat(
  deps: ConsumerDeps,
  session: Session,
  clientHost: string,
): Promise<Session | undefined> {
  const { instance } = session;
  try {
    const answer = await deps.broker.groups.consumerGroupHeartbeat(heartbeatOf(session, clientHost));
    const next = reconcile(instance, answer, deps.clock.now());
    // Its positions are those of before: what is revoked is committed as what the member is now.
    const member = { ...instance, memberEpoch: answer.memberEpoch };
    const { revoked } = next;
    if (revoked.length > 0) await commitDelivered(deps, { ...session, instance: member }, revoked);
    const changed = { ...session, instance: next.instance };
    return isOnlyLater(instance, next.instance) ? changed : await saveSession(deps, changed);
  } catch (error) {
    if (isFenced(error) && instance.memberEpoch > 0)
      return saveSession(deps, { ...session, instance: fenced(instance) });
    throw isOfOtherProtocol(error) ? illegalState(error.message, error) : error;
  }
}

/** Whether nothing has changed but when the next heartbeat is due; that may be stored with whatever is stored next. */
const isOnlyLater = (before: ConsumerInstance, after: ConsumerInstance): boolean =>
  before.memberId === after.memberId &&
  before.memberEpoch === after.memberEpoch &&
  before.partitions === after.partitions;

const isOfOtherProtocol = (error: unknown): error is BrokerError =>
  error instanceof BrokerError &&
  (error.code === 'GROUP_ID_NOT_FOUND' || error.code === 'INCONSISTENT_GROUP_PROTOCOL');

/**
 * A full heartbeat each time: so it is answered with the whole assignment, and one whose answer was lost, or that comes from
 * a process that does not know of the last one, is understood.
 */
function heartbeatOf({ id, instance }: Session, clientHost: string): ConsumerGroupHeartbeatRequest {
  const { config, memberId, memberEpoch, subscription } = instance;
  return {
    ...{ groupId: id.groupId, clientId: id.name, clientHost, memberId, memberEpoch },
    rebalanceTimeoutMs: config.sessionTimeoutMs,
    sessionTimeoutMs: config.sessionTimeoutMs,
    ...subscriptionOf(subscription),
    ownedPartitions: ownedTopics(instance),
  };
}

const subscriptionOf = (subscription: InstanceSubscription | undefined) =>
  subscription && 'pattern' in subscription
    ? { subscribedTopicNames: [], subscribedTopicRegex: subscription.pattern }
    : { subscribedTopicNames: subscription?.topics ?? [] };

/** Leaves the group; a member that is none any more has left. */
export async function leaveGroup(
  { broker }: Pick<ConsumerDeps, 'broker'>,
  { id, instance }: Session,
  clientHost: string,
): Promise<void> {
  if (!instance.subscription || instance.memberEpoch === 0) return;
  const { memberId } = instance;
  const { groupId, name } = id;
  try {
    await broker.groups.consumerGroupHeartbeat({
      ...{ groupId, clientId: name, clientHost, memberId, memberEpoch: -1 },
    });
  } catch (error) {
    if (!isFenced(error)) throw error;
  }
}
