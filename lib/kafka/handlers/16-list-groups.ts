// ListGroups: all groups, or those of some states and types.
import { LIST_GROUPS } from '../protocol/apis/16-list-groups.ts';
import { errorOf, handler } from './handler.ts';

const TYPE_NAMES = { classic: 'Classic', consumer: 'Consumer' } as const;

const isAmong = (filter: readonly string[], value: string): boolean =>
  filter.length === 0 || filter.some((one) => one.toLowerCase() === value.toLowerCase());

/** ListGroups. */
export const listGroups = handler<typeof LIST_GROUPS>({
  schema: LIST_GROUPS,
  handle: async ({ broker }, { statesFilter, typesFilter }) => {
    try {
      const groups = await broker.groups.listGroups();
      return {
        errorCode: 0,
        groups: groups
          .filter(({ state, type }) => isAmong(statesFilter, state) && isAmong(typesFilter, type))
          .map(({ groupId, protocolType, state, type }) => ({
            ...{ groupId, protocolType, groupState: state, groupType: TYPE_NAMES[type] },
          })),
      };
    } catch (error) {
      return { errorCode: errorOf(error).errorCode, groups: [] };
    }
  },
});
