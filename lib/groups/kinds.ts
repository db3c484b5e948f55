// What can be asked of a group of either kind, each in its own way.
import { assignmentKey, memberKey } from '../storage/schema/group.ts';
import { tick as tickClassic } from './classic-rebalance-state.ts';
import { slotOf } from './classic-sync-state.ts';
import { stateOf as consumerStateOf, tick as tickConsumer } from './consumer-state.ts';
import { topicNamesOf } from './consumer-target-state.ts';
import { viewOf } from './consumer.ts';
import type { ClassicGroup } from '../storage/schema/classic-group.ts';
import type { Coordinator } from './coordinator.ts';
import type { Group, Moment } from './group.ts';
import type { GroupDeps } from './group-deps.ts';
import type { GroupState } from './groups.ts';

/** The group with everything carried out that is due; the same value where nothing is. */
export type Tick = (group: Group, moment: Moment) => Group;

/** Time's part of deciding about this group, whose topics are looked up before. */
export async function tickOf(deps: Pick<GroupDeps, 'topics' | 'limits'>, group: Group): Promise<Tick> {
  const subscribed = group.kind === 'consumer' ? group : undefined;
  const names = Object.values(subscribed?.members ?? {}).flatMap(topicNamesOf);
  const view = await viewOf(deps, subscribed, names);
  return (now, moment) =>
    now.kind === 'classic' ? tickClassic(now, moment, deps.limits) : tickConsumer(now, moment, view);
}

/** Carries the group past its deadlines, as whoever comes by does; `seen`: as it was a moment ago. */
export async function carryOn(coordinator: Coordinator, groupId: string, seen: Group): Promise<void> {
  const tick = await tickOf(coordinator.deps, seen);
  await coordinator.decide(groupId, (group, moment) => ({
    group: group && tick(group, moment),
    answer: undefined,
  }));
}

/** Kafka's name of the group's state. */
export const stateOf = (group: Group): GroupState =>
  group.kind === 'classic' ? group.state : consumerStateOf(group);

/** Whether the group has no members, and nobody is about to be one. */
export const isEmpty = (group: Group): boolean =>
  Object.keys(group.members).length === 0 &&
  (group.kind === 'consumer' || Object.keys(group.pendingMembers).length === 0);

/** Since when the group is empty (ms); undefined: it is not. */
export function emptySinceMs(group: Group): number | undefined {
  if (!isEmpty(group)) return undefined;
  return group.kind === 'classic' ? group.stateSinceMs : group.emptySinceMs;
}

/** Whether a sort key is that of a row which the group names: of a member, or of an assignment. undefined: there is no group. */
export function rowsInUse(group: Group | undefined): (sortKey: string) => boolean {
  if (group?.kind !== 'classic') return () => false;
  const keys = new Set([...memberRows(group), ...assignmentRows(group)]);
  return (sortKey) => keys.has(sortKey);
}

const memberRows = ({ members }: ClassicGroup): readonly string[] =>
  Object.entries(members).map(([memberId, { metadataHash }]) => memberKey('', memberId, metadataHash).sk);

const assignmentRows = ({ members, assignmentsId }: ClassicGroup): readonly string[] =>
  Object.entries(members).map(
    ([memberId, member]) => assignmentKey('', assignmentsId, slotOf(memberId, member)).sk,
  );
