// Members whose leases have ended.
import type { Group, Moment } from './group.ts';

/** Whether every member's lease has ended, as far as leases were looked at. A group without members has none that lasts. */
export const hasOnlyExpired = ({ members }: Group, { leases, nowMs }: Moment): boolean =>
  Object.keys(members).every((memberId) => leases !== undefined && (leases.get(memberId) ?? 0) <= nowMs);
