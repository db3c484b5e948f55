// LeaveGroup: members of a classic group leave; one up to version 2, several from version 3 on.
import { LEAVE_GROUP } from '../protocol/apis/13-leave-group.ts';
import { groupErrorOf } from './group-errors.ts';
import { handler } from './handler.ts';

const SEVERAL_SINCE = 3;

/** LeaveGroup. */
export const leaveGroup = handler<typeof LEAVE_GROUP>({
  schema: LEAVE_GROUP,
  handle: async ({ broker, apiVersion }, { groupId, memberId, members }) => {
    const leaving =
      apiVersion < SEVERAL_SINCE
        ? [{ memberId }]
        : members.map(({ groupInstanceId, ...one }) => ({
            memberId: one.memberId,
            ...(groupInstanceId !== null && { groupInstanceId }),
          }));
    try {
      const left = await broker.groups.leaveGroup({ groupId, members: leaving });
      const answers = left.map(({ groupInstanceId, error, ...one }) => ({
        ...{ memberId: one.memberId, groupInstanceId: groupInstanceId ?? null },
        errorCode: error ? groupErrorOf(error).errorCode : 0,
      }));
      // With one member, its error is the answer's.
      const errorCode = apiVersion < SEVERAL_SINCE ? (answers[0]?.errorCode ?? 0) : 0;
      return { errorCode, members: answers };
    } catch (error) {
      return { errorCode: groupErrorOf(error).errorCode, members: [] };
    }
  },
});
