// DeleteGroups: groups without members, with their committed offsets.
import { DELETE_GROUPS } from '../protocol/apis/42-delete-groups.ts';
import { errorOf, handler } from './handler.ts';

/** DeleteGroups. */
export const deleteGroups = handler<typeof DELETE_GROUPS>({
  schema: DELETE_GROUPS,
  handle: async ({ broker }, { groupsNames }) => ({
    results: await Promise.all(
      groupsNames.map(async (groupId) => {
        const deleted = broker.groups.deleteGroup(groupId);
        const errorCode = await deleted.then(
          () => 0,
          (error: unknown) => errorOf(error).errorCode,
        );
        return { groupId, errorCode };
      }),
    ),
  }),
});
