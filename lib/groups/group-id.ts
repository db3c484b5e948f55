// Ids of groups and members: what they may be.
import { BrokerError } from '../base/errors.ts';
import type { GroupLimits } from './limits.ts';

/** Throws INVALID_GROUP_ID. Kafka takes every string but the empty one; ours are parts of keys. */
export function checkGroupId({ groupIdBytesMax }: GroupLimits, groupId: string): void {
  const bytes = Buffer.byteLength(groupId);
  if (bytes > 0 && bytes <= groupIdBytesMax) return;
  const message = `group id must have 1 to ${groupIdBytesMax} bytes in UTF-8, got ${bytes}`;
  throw new BrokerError('INVALID_GROUP_ID', message, { field: 'group_id' });
}

/** Throws INVALID_REQUEST: ids of members and of instances are parts of keys, too. */
export function checkMemberId(
  { memberIdBytesMax }: GroupLimits,
  { memberId, groupInstanceId = '' }: { readonly memberId: string; readonly groupInstanceId?: string },
): void {
  for (const [field, id] of Object.entries({ memberId, groupInstanceId })) {
    const bytes = Buffer.byteLength(id);
    if (bytes <= memberIdBytesMax) continue;
    const message = `${field} must have at most ${memberIdBytesMax} bytes in UTF-8, got ${bytes}`;
    throw new BrokerError('INVALID_REQUEST', message, { field });
  }
}
