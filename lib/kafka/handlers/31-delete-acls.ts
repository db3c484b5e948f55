// DeleteAcls: each is refused.
import { DELETE_ACLS } from '../protocol/apis/31-delete-acls.ts';
import { ACLS_DISABLED } from './acls-disabled.ts';
import { handler } from './handler.ts';

/** DeleteAcls. */
export const deleteAcls = handler<typeof DELETE_ACLS>({
  schema: DELETE_ACLS,
  handle: (_context, { filters }) =>
    Promise.resolve({ filterResults: filters.map(() => ({ ...ACLS_DISABLED, matchingAcls: [] })) }),
});
