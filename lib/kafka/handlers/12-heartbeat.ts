// Heartbeat: a member of a classic group is there, and asks whether it is to join again.
import { HEARTBEAT } from '../protocol/apis/12-heartbeat.ts';
import { groupErrorOf } from './group-errors.ts';
import { handler } from './handler.ts';

/** Heartbeat. */
export const heartbeat = handler<typeof HEARTBEAT>({
  schema: HEARTBEAT,
  handle: async ({ broker }, { groupId, memberId, groupInstanceId, generationId }) => {
    try {
      await broker.groups.heartbeat({
        ...{ groupId, memberId, generation: generationId },
        ...(groupInstanceId !== null && { groupInstanceId }),
      });
      return { errorCode: 0 };
    } catch (error) {
      // Such a coordinator has nothing against the member, whose next heartbeat tells.
      return { errorCode: groupErrorOf(error, { loadingCode: 0 }).errorCode };
    }
  },
});
