// What administrators do with groups: list, describe, delete, and forget committed offsets.
import { formatUuid } from '../base/dice.ts';
import { BrokerError } from '../base/errors.ts';
import { deleteOffset, offsetKey, readOffset } from '../storage/schema/committed-offset.ts';
import {
  deleteGroupWrites,
  GROUP_IDS_PK,
  groupKey,
  readGroup,
  replaceFencedGroup,
  type StoredGroup,
} from '../storage/schema/group.ts';
import { queryPages } from '../storage/query-pages.ts';
import { collectDeletedGroup } from './collect-groups.ts';
import { CONSUMER, describe, listingOf, subscribedTopics } from './describe.ts';
import { givenUp } from './conflicts.ts';
import { checkGroupId } from './group-id.ts';
import { isEmpty, tickOf } from './kinds.ts';
import { randomMark } from './group-store.ts';
import { lastOfEach, partitionResolver } from './resolve-partition.ts';
import type { Coordinator } from './coordinator.ts';
import type { Group } from './group.ts';
import type { CommittedPartition, GroupDescription, GroupListing } from './groups.ts';
import type { ItemStore, TransactWrite } from '../storage/ports/item-store.ts';

const IDS_AT_ONCE = 100;
/** A transaction has at most 100 writes, and two of them are the group's. */
const OFFSETS_AT_ONCE = 98;
const TRIES = 5;

/** The ids of all groups, in the order of their bytes. One that is made or deleted meanwhile may be there or not. */
async function* eachGroupId(items: ItemStore): AsyncGenerator<readonly string[], void, undefined> {
  for await (const rows of queryPages(items, 'groups', GROUP_IDS_PK, { limit: IDS_AT_ONCE }))
    yield rows.map(({ sk }) => sk as string);
}

/** As Groups.listGroups. What a group is, is told as it was when somebody last had to do with it. */
export async function listGroups({ deps: { items } }: Coordinator): Promise<readonly GroupListing[]> {
  const listings: GroupListing[] = [];
  for await (const ids of eachGroupId(items)) {
    const rows = await items.getMany('groups', ids.map(groupKey), { consistent: false });
    rows.forEach((row, at) => {
      if (row) listings.push(listingOf(ids[at] ?? '', readGroup(row).group));
    });
  }
  return listings;
}

/** As Groups.describeGroup: as the group is now, members whose leases have ended left out. */
export async function describeGroup(coordinator: Coordinator, groupId: string): Promise<GroupDescription> {
  checkGroupId(coordinator.deps.limits, groupId);
  const { group } = await groupNow(coordinator, groupId);
  return describe(coordinator.deps, groupId, group);
}

/** The group with everything carried out that is due; that is not stored. Throws GROUP_ID_NOT_FOUND. */
async function groupNow(
  coordinator: Coordinator,
  groupId: string,
): Promise<{ readonly stored: StoredGroup; readonly group: Group }> {
  const { deps, leases } = coordinator;
  const stored = await coordinator.read(groupId);
  if (!stored) throw new BrokerError('GROUP_ID_NOT_FOUND', `group ${groupId} does not exist`);
  const tick = await tickOf(deps, stored.group);
  const moment = { leases: await leases.read(groupId), nowMs: deps.clock.now() };
  return { stored, group: tick(stored.group, moment) };
}

/** As Groups.deleteGroup. From its one transaction on the group is gone, with all that it committed. */
export async function deleteGroup(coordinator: Coordinator, groupId: string): Promise<void> {
  const { items, dice, limits } = coordinator.deps;
  checkGroupId(limits, groupId);
  for (let tries = 1; ; tries++) {
    const { stored, group } = await groupNow(coordinator, groupId);
    if (!isEmpty(group)) throw nonEmpty(groupId, group);
    const deleted = await items.transact(deleteGroupWrites(groupId, stored), formatUuid(dice.bytes(16)));
    if (deleted.applied) {
      await collectDeletedGroup(coordinator.deps, { groupId, offsetsId: stored.offsetsId });
      return;
    }
    if (tries === TRIES) throw givenUp(groupId, 'not-applied');
  }
}

function nonEmpty(groupId: string, { members }: Group): BrokerError {
  const count = Object.keys(members).length;
  return new BrokerError('NON_EMPTY_GROUP', `group ${groupId} has ${count} members, and must have none`);
}

/** As Groups.deleteOffsets. */
export async function deleteOffsets(
  coordinator: Coordinator,
  groupId: string,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<readonly CommittedPartition[]> {
  checkGroupId(coordinator.deps.limits, groupId);
  const { group } = await groupNow(coordinator, groupId);
  // What the members of others than consumers subscribe to, nobody knows.
  const isOfOthers = group.kind === 'classic' && group.protocolType !== CONSUMER;
  if (isOfOthers && Object.keys(group.members).length > 0) throw nonEmpty(groupId, group);
  const answers: CommittedPartition[] = [];
  for (let from = 0; from < partitions.length; from += OFFSETS_AT_ONCE) {
    const some = partitions.slice(from, from + OFFSETS_AT_ONCE);
    answers.push(...(await deleteSome(coordinator, groupId, group, some)));
  }
  return answers;
}

async function deleteSome(
  coordinator: Coordinator,
  groupId: string,
  group: Group,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<readonly CommittedPartition[]> {
  const { deps } = coordinator;
  const subscribed = await subscribedTopics(deps, groupId, group);
  const resolve = await partitionResolver(deps.topics, partitions);
  const resolved = partitions.map((one) =>
    subscribed.has(one.topic) ? { error: stillSubscribed(groupId, one.topic) } : resolve(one),
  );
  const sound = lastOfEach(resolved.filter((one) => 'topicId' in one));
  if (sound.length > 0) await deleteRows(coordinator, groupId, sound);
  return partitions.map(({ topic, partition }, at) => {
    const one = resolved[at];
    return one && 'error' in one ? { topic, partition, error: one.error } : { topic, partition };
  });
}

const stillSubscribed = (groupId: string, topic: string): BrokerError =>
  new BrokerError(
    'GROUP_SUBSCRIBED_TO_TOPIC',
    `group ${groupId} has members that subscribe to topic ${topic}`,
  );

/** The group's row and its fence are written again in the same transaction, so that no commit that was under way comes after it. */
async function deleteRows(
  coordinator: Coordinator,
  groupId: string,
  rows: readonly { readonly topicId: string; readonly partition: number }[],
): Promise<void> {
  const { items, dice } = coordinator.deps;
  for (let tries = 1; ; tries++) {
    const stored = await coordinator.read(groupId);
    if (!stored) throw new BrokerError('GROUP_ID_NOT_FOUND', `group ${groupId} does not exist`);
    const keys = rows.map(({ topicId, partition }) => offsetKey(stored.offsetsId, topicId, partition));
    const present = (await items.getMany('offsets', keys)).flatMap((item) =>
      item ? [readOffset(item)] : [],
    );
    if (present.length === 0) return;
    const touched = { ...stored, fence: stored.fence + 1, write: randomMark(dice.bytes(9)) };
    const writes: readonly TransactWrite[] = [
      ...replaceFencedGroup(groupId, touched, stored),
      ...present.map((offset) => ({
        ...{ kind: 'delete' as const, table: 'offsets' as const, ...deleteOffset(stored.offsetsId, offset) },
      })),
    ];
    const deleted = await items.transact(writes, formatUuid(dice.bytes(16)));
    if (deleted.applied) return;
    if (tries === TRIES) throw givenUp(groupId, 'not-applied');
  }
}
