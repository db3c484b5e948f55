// Removing what no group needs any more: the rows of groups that were deleted, offsets of topics that are gone, groups that
// have been empty for long. The sweep does it; nothing relies on when.
import { formatUuid } from '../base/dice.ts';
import { deleteOffset, type StoredOffset } from '../storage/schema/committed-offset.ts';
import {
  ASSIGNMENTS,
  DELETED_GROUPS_PK,
  deletedGroupKey,
  deleteGroupWrites,
  deleteRow,
  GROUP_IDS_PK,
  groupPk,
  MEMBERS,
  putAtMs,
  readDeletedGroup,
  type DeletedGroup,
} from '../storage/schema/group.ts';
import { rotate } from '../base/rotate.ts';
import { queryAll, queryPages } from '../storage/query-pages.ts';
import { allOffsets, ofLiveTopics } from './fetch-offsets.ts';
import { readStoredGroup } from './group-store.ts';
import { carryOn, emptySinceMs, rowsInUse } from './kinds.ts';
import type { Coordinator } from './coordinator.ts';
import type { Group } from './group.ts';
import type { GroupDeps } from './group-deps.ts';
import type { Item } from '../storage/ports/item-store.ts';

/** A row that no group names is removed after so long: who put it may be about to name it. */
const UNNAMED_KEPT_MS = 86_400_000;
const ROWS_AT_ONCE = 1_000;

export interface GroupsSwept {
  readonly groups: number;
  readonly deletedGroups: number;
}

export interface SweepGroupsOptions {
  readonly onError: (groupId: string, error: unknown) => void;
  /** Asked before each group. Default: never. */
  readonly isStopping?: () => boolean;
}

/**
 * Carries deletions on, and goes through all groups once; from any of them on, so that sweeps which are stopped come to all. A
 * group that fails is told to `onError` and passed over.
 */
export async function sweepGroups(
  coordinator: Coordinator,
  { onError, isStopping = () => false }: SweepGroupsOptions,
): Promise<GroupsSwept> {
  const { deps } = coordinator;
  await carryDeletionsOn(deps, { onError, isStopping });
  let [groups, deletedGroups] = [0, 0];
  for (const groupId of rotate(await allGroupIds(deps), deps.dice.random())) {
    if (isStopping()) break;
    groups++;
    await sweepGroup(coordinator, groupId).then(
      (isDeleted) => {
        if (isDeleted) deletedGroups++;
      },
      (error: unknown) => {
        onError(groupId, error);
      },
    );
  }
  return { groups, deletedGroups };
}

async function allGroupIds({ items }: GroupDeps): Promise<readonly string[]> {
  const rows = await queryAll(items, 'groups', GROUP_IDS_PK, { limit: ROWS_AT_ONCE });
  return rows.map(({ sk }) => sk as string);
}

async function carryDeletionsOn(
  deps: GroupDeps,
  { onError, isStopping }: Required<SweepGroupsOptions>,
): Promise<void> {
  const rows = await queryAll(deps.items, 'groups', DELETED_GROUPS_PK, { limit: ROWS_AT_ONCE });
  for (const deletion of rotate(rows.map(readDeletedGroup), deps.dice.random())) {
    if (isStopping()) return;
    await collectDeletedGroup(deps, deletion).catch((error: unknown) => {
      onError(deletion.groupId, error);
    });
  }
}

/** Carries the group past its deadlines, and answers whether it was deleted, as nothing of it is worth keeping. */
async function sweepGroup(coordinator: Coordinator, groupId: string): Promise<boolean> {
  const { deps } = coordinator;
  const before = await coordinator.read(groupId);
  if (!before) return false;
  await carryOn(coordinator, groupId, before.group);
  const stored = await coordinator.read(groupId);
  if (!stored) return false;
  const nowMs = deps.clock.now();
  const kept = await collectOffsets(deps, stored.offsetsId, stored.group, nowMs);
  await collectUnnamed(deps, groupId, stored.group, nowMs);
  if (kept > 0 || !hasExpired(deps, stored.group, nowMs)) return false;
  const deleted = await deps.items.transact(
    deleteGroupWrites(groupId, stored),
    formatUuid(deps.dice.bytes(16)),
  );
  if (deleted.applied) await collectDeletedGroup(deps, { groupId, offsetsId: stored.offsetsId });
  return deleted.applied;
}

const hasExpired = ({ limits }: GroupDeps, group: Group, nowMs: number): boolean => {
  const sinceMs = emptySinceMs(group);
  return sinceMs !== undefined && sinceMs + limits.offsetsRetentionMs < nowMs;
};

/**
 * Removes offsets of topics that are gone, and those that were committed long ago where the group has been empty for long.
 * Answers how many it left.
 */
async function collectOffsets(
  deps: GroupDeps,
  offsetsId: string,
  group: Group,
  nowMs: number,
): Promise<number> {
  const rows = await allOffsets(deps, offsetsId);
  const live = new Set(await ofLiveTopics(deps, rows));
  const isOld = ({ committedAtMs }: StoredOffset) =>
    hasExpired(deps, group, nowMs) && committedAtMs + deps.limits.offsetsRetentionMs < nowMs;
  const dead = rows.filter((row) => !live.has(row) || isOld(row));
  await deleteRows(deps, offsetsId, dead);
  return rows.length - dead.length;
}

/** Of each row what was seen: one that was committed again meanwhile stays. */
async function deleteRows(
  { items }: Pick<GroupDeps, 'items'>,
  offsetsId: string,
  rows: readonly StoredOffset[],
): Promise<void> {
  for (const row of rows) {
    const { key, condition } = deleteOffset(offsetsId, row);
    await items.delete('offsets', key, condition);
  }
}

/**
 * Removes rows of members and assignments that no group names, a day after they were put; one that was put again meanwhile
 * stays. Answers how many it left.
 */
async function collectUnnamed(
  { items }: Pick<GroupDeps, 'items'>,
  groupId: string,
  group: Group | undefined,
  nowMs: number,
): Promise<number> {
  const isInUse = rowsInUse(group);
  let left = 0;
  for (const between of [ASSIGNMENTS, MEMBERS]) {
    for await (const rows of queryPages(items, 'groups', groupPk(groupId), {
      between,
      limit: ROWS_AT_ONCE,
    })) {
      const isKept = (row: Item) => putAtMs(row) + UNNAMED_KEPT_MS > nowMs || isInUse(row['sk'] as string);
      left += rows.filter(isKept).length;
      for (const row of rows.filter((one) => !isKept(one))) {
        const { key, condition } = deleteRow(row);
        await items.delete('groups', key, condition);
      }
    }
  }
  return left;
}

/**
 * Carries a deletion on, to its end where nothing is left that somebody may be about to name. Safe to repeat. What lies
 * under the id of a group that was made anew is the new one's sweep's.
 */
export async function collectDeletedGroup(
  deps: Pick<GroupDeps, 'items' | 'clock'>,
  { groupId, offsetsId }: DeletedGroup,
): Promise<void> {
  await deleteRows(deps, offsetsId, await allOffsets(deps, offsetsId));
  const isThereAgain = (await readStoredGroup(deps.items, groupId)) !== undefined;
  if (!isThereAgain && (await collectUnnamed(deps, groupId, undefined, deps.clock.now())) > 0) return;
  await deps.items.delete('groups', deletedGroupKey(offsetsId));
}
