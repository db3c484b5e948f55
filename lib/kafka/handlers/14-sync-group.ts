// SyncGroup: the leader of a classic group says what each member is assigned; the others wait for it.
import { SYNC_GROUP } from '../protocol/apis/14-sync-group.ts';
import { ERROR_CODES } from '../../base/errors.ts';
import { groupErrorOf } from './group-errors.ts';
import { handler } from './handler.ts';

/** SyncGroup. */
export const syncGroup = handler<typeof SYNC_GROUP>({
  schema: SYNC_GROUP,
  handle: async ({ broker, signal }, request) => {
    const { groupId, memberId, groupInstanceId, generationId, protocolType, protocolName, assignments } =
      request;
    try {
      const answer = await broker.groups.syncGroup({
        ...{ groupId, memberId, generation: generationId, assignments, signal },
        ...(groupInstanceId !== null && { groupInstanceId }),
        ...(protocolType !== null && { protocolType }),
        ...(protocolName !== null && { protocolName }),
      });
      return { errorCode: 0, ...answer };
    } catch (error) {
      // The member then joins again.
      const loadingCode = ERROR_CODES.REBALANCE_IN_PROGRESS.wire;
      return { errorCode: groupErrorOf(error, { loadingCode }).errorCode, assignment: new Uint8Array() };
    }
  },
});
