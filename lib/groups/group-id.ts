// Ids of groups: what they may be.
import { BrokerError } from '../base/errors.ts';
import type { GroupLimits } from './limits.ts';

/** Throws INVALID_GROUP_ID. Kafka takes every string but the empty one; ours are parts of keys. */
export function checkGroupId({ groupIdBytesMax }: GroupLimits, groupId: string): void {
  const bytes = Buffer.byteLength(groupId);
  if (bytes > 0 && bytes <= groupIdBytesMax) return;
  const message = `group id must have 1 to ${groupIdBytesMax} bytes in UTF-8, got ${bytes}`;
  throw new BrokerError('INVALID_GROUP_ID', message, { field: 'group_id' });
}
