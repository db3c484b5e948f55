// A consumer group as it is stored: its row, the rows of its members beside it, and the list of all groups.
import { absent, all, any, atMost, equals } from '../ports/condition.ts';
import { readClassicGroup, classicGroupFields, type ClassicGroup } from './classic-group.ts';
import { readConsumerGroup, consumerGroupFields, type ConsumerGroup } from './consumer-group.ts';
import { checkFormat, FORMAT_ATTRIBUTE } from './format.ts';
import { EXPIRES_ATTRIBUTE } from './tables.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey, ItemValue, TransactWrite } from '../ports/item-store.ts';

/*
 * Table `groups`
 *   pk `groups`, sk <group id>: f 1. The list of all groups; made and removed in one transaction with the group's row.
 *   pk `deletion`, sk <offsets id>: f 1, g group id. Put in the transaction that removes a group's row; the work list of
 *     whoever removes its other rows and its committed offsets. Life: until they are gone.
 *   pk `group#<group id>`
 *     sk `group`: f 1, k kind (classic, consumer), o offsets id, inc incarnation, n number of the fence, w write, and the
 *        fields of its kind
 *        The group. Each write of it is on condition that `w` is what was seen, and puts a fresh random `w`: so a write
 *        that got no answer is known by its `w`, and one that comes late is refused. `o` is random and made with the row:
 *        a group that is made anew shares no committed offsets with the one before. `inc` is, too, and is another one when
 *        the group changes its kind: a commit of a member never fits another group's, or another kind's, member.
 *        Life: until the group is deleted, or has been empty for `offsets.retention.minutes`.
 *     sk `fence`: f 1, inc and n, which are those of the group's row
 *        What the transaction of a member's commit checks: a row of a few bytes, where that of a large group would cost
 *        its whole size each time. The number rises whenever it changes who may commit: a member comes, goes, or has
 *        another epoch, or the generation is another. Such a write of the group's row puts this row in one transaction.
 *        Life: as that of the group's row.
 *     sk `lease#<member id>`: f 1, until (ms), expires
 *        Renewed by the member's heartbeats; a member whose lease has ended may be removed by anybody.
 *     sk `member#<member id>#<hash>`: f 1, at (ms), p [{n name, m metadata}]
 *        What a member joined a classic group with; the hash is that of `p`, so that no write changes it. Put before the
 *        group's row names it. Life: while the group's row names it, and a day.
 *     sk `assignment#<assignments id>#<slot>`: f 1, at (ms), a assignment
 *        Of one member of one generation of a classic group; the id is random and made by the leader's sync, so that no
 *        write changes it. Put before the group's row names the id. Life: as that of a member's row.
 *     sk `instance#<name>`: an HTTP consumer (consumer-instance.ts)
 */

const FORMATS = [1];
const GROUP = {
  format: FORMAT_ATTRIBUTE,
  kind: 'k',
  offsetsId: 'o',
  incarnation: 'inc',
  fence: 'n',
  write: 'w',
} as const;

export type StoredGroupValue = ClassicGroup | ConsumerGroup;

/** A group as its row holds it. */
export interface StoredGroup {
  readonly group: StoredGroupValue;
  /** Under which its committed offsets are. */
  readonly offsetsId: string;
  readonly incarnation: string;
  /** Higher after each change of who may commit. */
  readonly fence: number;
  /** Of the write that made the row what it is. */
  readonly write: string;
}

/** Where the list of all groups is: one `query` of this partition key answers it in the order of the ids' bytes. */
export const GROUP_IDS_PK = 'groups';

/** The partition key of all rows of a group. */
export const groupPk = (groupId: string): string => `group#${groupId}`;

export const groupKey = (groupId: string): Required<ItemKey> => ({ pk: groupPk(groupId), sk: 'group' });
const listKey = (groupId: string): Required<ItemKey> => ({ pk: GROUP_IDS_PK, sk: groupId });

const fenceKey = (groupId: string): Required<ItemKey> => ({ pk: groupPk(groupId), sk: 'fence' });

const putFence = (groupId: string, { incarnation, fence }: StoredGroup): TransactWrite => ({
  ...{ kind: 'put', table: 'groups' },
  item: {
    ...fenceKey(groupId),
    [GROUP.format]: 1,
    [GROUP.incarnation]: incarnation,
    [GROUP.fence]: fence,
  },
});

function groupItem(groupId: string, { group, offsetsId, incarnation, fence, write }: StoredGroup): Item {
  return {
    ...groupKey(groupId),
    [GROUP.format]: 1,
    [GROUP.kind]: group.kind,
    [GROUP.offsetsId]: offsetsId,
    [GROUP.incarnation]: incarnation,
    [GROUP.fence]: fence,
    [GROUP.write]: write,
    ...(group.kind === 'classic' ? classicGroupFields(group) : consumerGroupFields(group)),
  };
}

/** Reads a group's row. Throws UNSUPPORTED_VERSION for a format that this code does not know. */
export function readGroup(item: Item): StoredGroup {
  checkFormat(`group ${(item['pk'] as string).slice(6)}`, Number(item[GROUP.format]), FORMATS);
  return {
    group: item[GROUP.kind] === 'classic' ? readClassicGroup(item) : readConsumerGroup(item),
    offsetsId: item[GROUP.offsetsId] as string,
    incarnation: item[GROUP.incarnation] as string,
    fence: Number(item[GROUP.fence]),
    write: item[GROUP.write] as string,
  };
}

/** Makes the group's row and its fence, and lists it, unless there is one. */
export function createGroupWrites(groupId: string, stored: StoredGroup): readonly TransactWrite[] {
  return [
    { kind: 'put', table: 'groups', item: groupItem(groupId, stored), condition: absent('pk') },
    { kind: 'put', table: 'groups', item: { ...listKey(groupId), [GROUP.format]: 1 } },
    putFence(groupId, stored),
  ];
}

/** What replaces the row, and on what condition: that it is still what `seen` made it. */
export function replaceGroup(
  groupId: string,
  stored: StoredGroup,
  seen: StoredGroup,
): { readonly item: Item; readonly condition: Condition } {
  return { item: groupItem(groupId, stored), condition: isAsSeen(seen) };
}

/** As `replaceGroup`, for a group whose fence is another one than `seen`'s. */
export const replaceFencedGroup = (
  groupId: string,
  stored: StoredGroup,
  seen: StoredGroup,
): readonly TransactWrite[] => [
  { kind: 'put', table: 'groups', ...replaceGroup(groupId, stored, seen) },
  putFence(groupId, stored),
];

/** That nothing has changed who may commit since the group was seen; nor was it deleted and made anew. */
export const checkFence = (groupId: string, { incarnation, fence }: StoredGroup): TransactWrite => ({
  ...{ kind: 'check', table: 'groups', key: fenceKey(groupId) },
  condition: all(equals(GROUP.incarnation, incarnation), equals(GROUP.fence, fence)),
});

/** Removes the group's row and its fence, takes it off the list and notes the deletion, if the row is as seen. */
export function deleteGroupWrites(groupId: string, seen: StoredGroup): readonly TransactWrite[] {
  const deletion = { ...deletedGroupKey(seen.offsetsId), [GROUP.format]: 1, g: groupId };
  return [
    { kind: 'delete', table: 'groups', key: groupKey(groupId), condition: isAsSeen(seen) },
    { kind: 'delete', table: 'groups', key: listKey(groupId) },
    { kind: 'delete', table: 'groups', key: fenceKey(groupId) },
    { kind: 'put', table: 'groups', item: deletion },
  ];
}

/** Where the deletions under way are. */
export const DELETED_GROUPS_PK = 'deletion';

export const deletedGroupKey = (offsetsId: string): Required<ItemKey> => ({
  ...{ pk: DELETED_GROUPS_PK, sk: offsetsId },
});

export interface DeletedGroup {
  readonly groupId: string;
  readonly offsetsId: string;
}

/** Reads a row of the work list. */
export function readDeletedGroup(item: Item): DeletedGroup {
  checkFormat('the deletion of a group', Number(item[GROUP.format]), FORMATS);
  return { groupId: item['g'] as string, offsetsId: item['sk'] as string };
}

/** That nobody has written the group's row since. */
export const isAsSeen = ({ write }: StoredGroup): Condition => equals(GROUP.write, write);

// ---- Leases ----------------------------------------------------------------------------------------------------------

const LEASE_PREFIX = 'lease#';
const LEASE_UNTIL = 'until';
/** How long the row of a lease that has ended stays: far longer than processes' clocks differ. */
const LEASE_KEPT_MS = 3_600_000;

export const leaseKey = (groupId: string, memberId: string): Required<ItemKey> => ({
  ...{ pk: groupPk(groupId), sk: `${LEASE_PREFIX}${memberId}` },
});

/** What renews a lease, and on what condition: never to an earlier end. */
export function leaseWrite(
  groupId: string,
  memberId: string,
  untilMs: number,
): { readonly item: Item; readonly condition: Condition } {
  return {
    item: {
      ...leaseKey(groupId, memberId),
      [GROUP.format]: 1,
      [LEASE_UNTIL]: untilMs,
      [EXPIRES_ATTRIBUTE]: Math.ceil((untilMs + LEASE_KEPT_MS) / 1_000),
    },
    condition: any(absent('pk'), atMost(LEASE_UNTIL, untilMs)),
  };
}

/** Sort keys that a query of all of a group's leases is between. */
export const LEASES: readonly [string, string] = [LEASE_PREFIX, 'lease$'];

/** Reads a lease's row: whose it is, and when it ends. */
export function readLease(item: Item): readonly [memberId: string, untilMs: number] {
  checkFormat('a lease', Number(item[GROUP.format]), FORMATS);
  return [(item['sk'] as string).slice(LEASE_PREFIX.length), Number(item[LEASE_UNTIL])];
}

// ---- What members of classic groups join with, and what they are assigned --------------------------------------------

export interface JoinProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** The row of what a member joined with; `hash` tells it from what it joined with before. */
export const memberKey = (groupId: string, memberId: string, hash: string): Required<ItemKey> => ({
  ...{ pk: groupPk(groupId), sk: `member#${memberId}#${hash}` },
});

export function memberItem(key: Required<ItemKey>, protocols: readonly JoinProtocol[], nowMs: number): Item {
  const packed: readonly ItemValue[] = protocols.map(({ name, metadata }) => ({ n: name, m: metadata }));
  return { ...key, [GROUP.format]: 1, at: nowMs, p: packed };
}

export function readMember(item: Item): readonly JoinProtocol[] {
  checkFormat('a member of a group', Number(item[GROUP.format]), FORMATS);
  const packed = item['p'] as readonly { readonly n: string; readonly m: Uint8Array }[];
  return packed.map(({ n, m }) => ({ name: n, metadata: m }));
}

/** `slot`: the group instance id of a static member, else the member id. */
export const assignmentKey = (groupId: string, assignmentsId: string, slot: string): Required<ItemKey> => ({
  pk: groupPk(groupId),
  sk: `assignment#${assignmentsId}#${slot}`,
});

export const assignmentItem = (key: Required<ItemKey>, assignment: Uint8Array, nowMs: number): Item => ({
  ...{ ...key, [GROUP.format]: 1, at: nowMs, a: assignment },
});

export function readAssignment(item: Item): Uint8Array {
  checkFormat('an assignment', Number(item[GROUP.format]), FORMATS);
  return item['a'] as Uint8Array;
}

/** Sort keys that queries of all assignments, and of all members' rows, of a group are between. */
export const ASSIGNMENTS: readonly [string, string] = ['assignment#', 'assignment$'];
export const MEMBERS: readonly [string, string] = ['member#', 'member$'];

/** When a member's row or an assignment was put. */
export const putAtMs = (item: Item): number => Number(item['at']);

/** What removes such a row, and on what condition: that it was not put again. */
export const deleteRow = (item: Item): { readonly key: ItemKey; readonly condition: Condition } => ({
  key: { pk: item['pk'] as string, sk: item['sk'] as string },
  condition: equals('at', putAtMs(item)),
});
