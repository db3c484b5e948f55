// What a consumer of the HTTP API becomes by each call. Pure.
import { illegalState } from './consumer-errors.ts';
import type {
  ConsumerInstance,
  InstanceConfig,
  InstancePartition,
  InstanceSubscription,
} from '../../groups/instances.ts';
import type { ConsumerGroupHeartbeatAnswer, OwnedTopic } from '../../groups/groups.ts';

/** A partition by the topic's name, as calls name it. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Of the same topic, which may have been made anew since. */
export const isSamePlace = (a: Place, b: Place): boolean =>
  a.topic === b.topic && a.partition === b.partition;

const isSame = (a: InstancePartition, b: InstancePartition): boolean =>
  a.topicId === b.topicId && a.partition === b.partition;

/** A consumer that was just made. */
export const newInstance = (config: InstanceConfig, nowMs: number): ConsumerInstance =>
  touched({ config, memberId: '', memberEpoch: 0, heartbeatDueMs: 0, partitions: [], untilMs: 0 }, nowMs);

/**
 * Used just now: it lives on for its session timeout at least, and a quarter longer at most, so that a consumer that is used
 * often is not written each time. The same value where its end is far enough.
 */
export function touched(instance: ConsumerInstance, nowMs: number): ConsumerInstance {
  const { sessionTimeoutMs } = instance.config;
  if (instance.untilMs >= nowMs + sessionTimeoutMs) return instance;
  return { ...instance, untilMs: nowMs + Math.ceil(sessionTimeoutMs * 1.25) };
}

// ---- Subscription and assignment -------------------------------------------------------------------------------------

const EXCLUSIVE =
  'subscriptions to topics, to a pattern, and assigned partitions exclude each other; delete the subscription first';

/** `memberId` is that of the member that it will be, where it is none yet. Throws 40903. */
export function subscribe(
  instance: ConsumerInstance,
  subscription: InstanceSubscription,
  memberId: string,
): ConsumerInstance {
  const { subscription: before, partitions } = instance;
  const isAssignedByHand = !before && partitions.length > 0;
  const isOtherKind = before && 'topics' in before !== 'topics' in subscription;
  if (isAssignedByHand || isOtherKind) throw illegalState(EXCLUSIVE);
  return { ...instance, subscription, memberId: instance.memberId || memberId, heartbeatDueMs: 0 };
}

/** Neither subscribed nor assigned anything. */
export function unsubscribe(instance: ConsumerInstance): ConsumerInstance {
  const { config, untilMs } = instance;
  return { config, untilMs, memberId: '', memberEpoch: 0, heartbeatDueMs: 0, partitions: [] };
}

/** Takes these partitions by hand; those that it had already keep their positions. Throws 40903. */
export function assign(
  instance: ConsumerInstance,
  partitions: readonly InstancePartition[],
): ConsumerInstance {
  if (instance.subscription) throw illegalState(EXCLUSIVE);
  return { ...instance, partitions: partitions.map((one) => knownOf(instance, one) ?? one) };
}

const knownOf = ({ partitions }: ConsumerInstance, one: InstancePartition): InstancePartition | undefined =>
  partitions.find((known) => isSame(known, one));

// ---- Membership ------------------------------------------------------------------------------------------------------

/** How soon a member that owns nothing asks again: what it waits for is given up by others. */
const UNASSIGNED_HEARTBEAT_MS = 1_000;

/** What it owns, as heartbeats say it. */
export function ownedTopics({ partitions }: ConsumerInstance): OwnedTopic[] {
  const topicIds = [...new Set(partitions.map(({ topicId }) => topicId))];
  return topicIds.map((topicId) => ({
    topicId,
    partitions: partitions
      .filter((one) => one.topicId === topicId)
      .map(({ partition }) => partition)
      .toSorted((a, b) => a - b),
  }));
}

/** Of a member that was just told what it may own. */
export interface Reconciled {
  readonly instance: ConsumerInstance;
  /** What it owned and may own no more. */
  readonly revoked: readonly InstancePartition[];
}

/** Gives up what is revoked and takes what is new. Where something was revoked, the next heartbeat is due at once. */
export function reconcile(
  instance: ConsumerInstance,
  answer: ConsumerGroupHeartbeatAnswer,
  nowMs: number,
): Reconciled {
  const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = answer;
  const assigned = assignment?.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition): InstancePartition => ({ topic, topicId, partition })),
  );
  const isAssigned = (one: InstancePartition) => !assigned || assigned.some((other) => isSame(one, other));
  const kept = instance.partitions.filter(isAssigned);
  const revoked = instance.partitions.filter((one) => !isAssigned(one));
  const added = assigned?.filter((one) => !knownOf(instance, one)) ?? [];
  const partitions = revoked.length + added.length === 0 ? instance.partitions : [...kept, ...added];
  const intervalMs =
    partitions.length > 0 ? heartbeatIntervalMs : Math.min(heartbeatIntervalMs, UNASSIGNED_HEARTBEAT_MS);
  const heartbeatDueMs = revoked.length > 0 ? 0 : nowMs + intervalMs;
  return { instance: { ...instance, memberId, memberEpoch, heartbeatDueMs, partitions }, revoked };
}

/** The group has put it out: what it owned may be another's, and it has to join again. */
export const fenced = (instance: ConsumerInstance): ConsumerInstance => ({
  ...{ ...instance, memberEpoch: 0, heartbeatDueMs: 0, partitions: [] },
});

// ---- Positions -------------------------------------------------------------------------------------------------------

/** Whether something was delivered, or the position was set, since the last commit. */
export const isUncommitted = ({ position, committed }: InstancePartition): boolean =>
  position !== undefined && position !== committed;

/** Sets positions. Throws 40903 for a partition that it does not read. */
export function seek(
  instance: ConsumerInstance,
  positions: readonly (Place & { readonly position: number })[],
): ConsumerInstance {
  for (const place of positions) {
    if (instance.partitions.some((one) => isSamePlace(one, place))) continue;
    const hint = instance.subscription ? ': a subscribed consumer is assigned partitions by reading' : '';
    throw illegalState(`no current assignment for partition ${place.topic}-${place.partition}${hint}`);
  }
  const partitions = instance.partitions.map((one) => {
    const sought = positions.findLast((place) => isSamePlace(one, place));
    return sought ? { ...one, position: sought.position } : one;
  });
  return { ...instance, partitions };
}

/** What was found out of partitions: where they begin, or what is committed of them. */
export function withPartitions(
  instance: ConsumerInstance,
  changed: readonly InstancePartition[],
): ConsumerInstance {
  if (changed.length === 0) return instance;
  const partitions = instance.partitions.map((one) => changed.find((other) => isSame(one, other)) ?? one);
  return { ...instance, partitions };
}

/** Marks offsets as committed. */
export const afterCommit = (
  instance: ConsumerInstance,
  committed: readonly (Place & { readonly offset: number })[],
): ConsumerInstance =>
  withPartitions(
    instance,
    instance.partitions.flatMap((one) => {
      const done = committed.find((place) => isSamePlace(one, place));
      return done && done.offset !== one.committed ? [{ ...one, committed: done.offset }] : [];
    }),
  );

/** Where reading has got to in a partition. */
export type Move = InstancePartition & { readonly position: number };

/** After a delivery: the partitions that had their turn come last, so that each has one. */
export function afterDelivery(instance: ConsumerInstance, moves: readonly Move[]): ConsumerInstance {
  if (moves.length === 0) return instance;
  const others = instance.partitions.filter((one) => !moves.some((move) => isSame(one, move)));
  return { ...instance, partitions: [...others, ...moves] };
}
