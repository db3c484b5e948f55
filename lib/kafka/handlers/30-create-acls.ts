// CreateAcls: each is refused.
import { CREATE_ACLS } from '../protocol/apis/30-create-acls.ts';
import { ACLS_DISABLED } from './acls-disabled.ts';
import { handler } from './handler.ts';

/** CreateAcls. */
export const createAcls = handler<typeof CREATE_ACLS>({
  schema: CREATE_ACLS,
  handle: (_context, { creations }) => Promise.resolve({ results: creations.map(() => ACLS_DISABLED) }),
});
