// The rows beside a classic group's: what members join with, and what they are assigned. They are put before the group names
// them, and no write changes one.
import { createHash } from 'node:crypto';
import { present } from '../base/assert.ts';
import {
  assignmentItem,
  assignmentKey,
  memberItem,
  memberKey,
  readAssignment,
  readMember,
  type JoinProtocol,
} from '../storage/schema/group.ts';
import type { Joined } from './classic-join-state.ts';
import type { Assigned } from './classic-sync-state.ts';
import type { GroupDeps } from './group-deps.ts';
import type { JoinGroupAnswer, SyncGroupAnswer, SyncGroupRequest } from './groups.ts';

/** Rows that are written or read at one time. */
const ROWS_AT_ONCE = 100;

/** Names what a member joins with. It is of the names and the metadata in their order, each with its length, so that no two lists are the same bytes. */
export function hashOf(protocols: readonly JoinProtocol[]): string {
  const hash = createHash('sha256');
  for (const { name, metadata } of protocols) {
    hash.update(`${Buffer.byteLength(name)} ${metadata.length} ${name}`).update(metadata);
  }
  return hash.digest('base64url').slice(0, 22);
}

/** Puts what the member joins with. */
export async function putJoinRow(
  { items, clock }: Pick<GroupDeps, 'items' | 'clock'>,
  groupId: string,
  memberId: string,
  metadataHash: string,
  protocols: readonly JoinProtocol[],
): Promise<void> {
  const key = memberKey(groupId, memberId, metadataHash);
  await items.put('groups', memberItem(key, protocols, clock.now()));
}

/** With each member's metadata for the protocol that was agreed on. */
export async function withMetadata(
  { items }: Pick<GroupDeps, 'items'>,
  groupId: string,
  joined: Joined,
): Promise<JoinGroupAnswer> {
  const members: { memberId: string; groupInstanceId: string | undefined; metadata: Uint8Array }[] = [];
  for (let from = 0; from < joined.members.length; from += ROWS_AT_ONCE) {
    const some = joined.members.slice(from, from + ROWS_AT_ONCE);
    const keys = some.map(({ memberId, metadataHash }) => memberKey(groupId, memberId, metadataHash));
    const rows = await items.getMany('groups', keys);
    some.forEach(({ memberId, groupInstanceId }, at) => {
      const row = present(rows[at], `what member ${memberId} of group ${groupId} joined with`);
      const metadata = readMember(row).find(({ name }) => name === joined.protocolName)?.metadata;
      members.push({ memberId, groupInstanceId, metadata: metadata ?? new Uint8Array() });
    });
  }
  return { ...joined, members };
}

/** With the member's assignment; empty where the leader assigned it nothing. */
export async function withAssignment(
  { items }: Pick<GroupDeps, 'items'>,
  groupId: string,
  { assignmentsId, slot, protocolType, protocolName }: Assigned,
): Promise<SyncGroupAnswer> {
  const row = await items.get('groups', assignmentKey(groupId, assignmentsId, slot));
  return { protocolType, protocolName, assignment: row ? readAssignment(row) : new Uint8Array() };
}

/** For the members that the group had; each under its slot. Nothing is put for who is assigned nothing. */
export async function putAssignments(
  { items, clock }: Pick<GroupDeps, 'items' | 'clock'>,
  groupId: string,
  assignmentsId: string,
  slots: Readonly<Record<string, string>>,
  assignments: SyncGroupRequest['assignments'],
): Promise<void> {
  const bySlot = new Map(
    assignments.flatMap(({ memberId, assignment }) => {
      const slot = Object.hasOwn(slots, memberId) ? slots[memberId] : undefined;
      return slot === undefined || assignment.length === 0 ? [] : [[slot, assignment] as const];
    }),
  );
  const rows = [...bySlot].map(([slot, assignment]) =>
    assignmentItem(assignmentKey(groupId, assignmentsId, slot), assignment, clock.now()),
  );
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await Promise.all(rows.slice(from, from + ROWS_AT_ONCE).map((row) => items.put('groups', row)));
  }
}
