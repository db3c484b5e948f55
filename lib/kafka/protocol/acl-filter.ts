// The fields of a filter of ACLs, which DescribeAcls has once and DeleteAcls as often as it likes.
import { field, int8, string } from './schema.ts';

/** A string that may be absent, in every version. */
export const nullableString = field(string, { nullable: '0+' });

/** What matches an ACL; null matches any. */
export const ACL_FILTER = {
  resourceTypeFilter: int8,
  resourceNameFilter: nullableString,
  patternTypeFilter: int8,
  principalFilter: nullableString,
  hostFilter: nullableString,
  operation: int8,
  permissionType: int8,
} as const;
