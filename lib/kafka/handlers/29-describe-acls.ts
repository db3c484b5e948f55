// DescribeAcls: there are none.
import { DESCRIBE_ACLS } from '../protocol/apis/29-describe-acls.ts';
import { ACLS_DISABLED } from './acls-disabled.ts';
import { handler } from './handler.ts';

/** DescribeAcls. */
export const describeAcls = handler<typeof DESCRIBE_ACLS>({
  schema: DESCRIBE_ACLS,
  handle: () => Promise.resolve({ ...ACLS_DISABLED, resources: [] }),
});
