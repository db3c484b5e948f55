// A group's row: reading it, and the one conditional write that changes it.
import { formatUuid } from '../base/dice.ts';
import {
  createGroupWrites,
  groupKey,
  readGroup,
  replaceFencedGroup,
  replaceGroup,
  type StoredGroup,
} from '../storage/schema/group.ts';
import type { Group } from './group.ts';
import type { GroupDeps } from './group-deps.ts';
import type { ItemStore, ReadOptions } from '../storage/ports/item-store.ts';

/** Undefined where there is no such group. */
export async function readStoredGroup(
  items: ItemStore,
  groupId: string,
  options?: ReadOptions,
): Promise<StoredGroup | undefined> {
  const item = await items.get('groups', groupKey(groupId), options);
  return item && readGroup(item);
}

/** `refused`: somebody else has written the group since, and this write is applied neither now nor later. */
export type Written = 'stored' | 'refused' | 'perhaps';

/**
 * Puts `group` where the row is still as `seen`; makes it where nothing was seen. `write` is the mark by which the row tells
 * that it was this. `perhaps`: it was refused, but an attempt before got no answer and may be what refused it.
 */
export async function writeGroup(
  { items, dice }: Pick<GroupDeps, 'items' | 'dice'>,
  groupId: string,
  group: Group,
  seen: StoredGroup | undefined,
  write: string,
): Promise<Written> {
  const isSameKind = seen?.group.kind === group.kind;
  const incarnation = seen && isSameKind ? seen.incarnation : randomMark(dice.bytes(9));
  const offsetsId = seen?.offsetsId ?? randomMark(dice.bytes(9));
  const isSameRight = seen && isSameKind && committersOf(seen.group) === committersOf(group);
  const fence = (seen?.fence ?? 0) + (isSameRight ? 0 : 1);
  const stored: StoredGroup = { group, offsetsId, incarnation, fence, write };
  if (!seen || !isSameRight) {
    const writes = seen ? replaceFencedGroup(groupId, stored, seen) : createGroupWrites(groupId, stored);
    const made = await items.transact(writes, formatUuid(dice.bytes(16)));
    return made.applied ? 'stored' : 'perhaps';
  }
  const { item, condition } = replaceGroup(groupId, stored, seen);
  const put = await items.put('groups', item, condition);
  if (put.applied) return 'stored';
  return put.isRepeated ? 'perhaps' : 'refused';
}

/** Who may commit, and with which epoch: a text that is another one when that is. */
const committersOf = (group: Group): string =>
  group.kind === 'classic'
    ? JSON.stringify([group.generation, Object.keys(group.members).toSorted()])
    : JSON.stringify(
        Object.entries(group.members)
          .map(([memberId, { memberEpoch }]) => [memberId, memberEpoch])
          .toSorted(),
      );

/** Nobody else has one like it. */
export const randomMark = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
