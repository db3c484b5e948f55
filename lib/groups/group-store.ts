// A group's row: reading it, and the one conditional write that changes it.
import { formatUuid } from '../base/dice.ts';
import {
  createGroupWrites,
  groupKey,
  readGroup,
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
  const stored: StoredGroup = { group, offsetsId, incarnation, write };
  if (!seen) {
    const made = await items.transact(createGroupWrites(groupId, stored), formatUuid(dice.bytes(16)));
    return made.applied ? 'stored' : 'perhaps';
  }
  const { item, condition } = replaceGroup(groupId, stored, seen);
  const put = await items.put('groups', item, condition);
  if (put.applied) return 'stored';
  return put.isRepeated ? 'perhaps' : 'refused';
}

/** Nobody else has one like it. */
export const randomMark = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
