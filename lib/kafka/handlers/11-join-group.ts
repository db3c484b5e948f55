// JoinGroup: a member of a classic group joins, and waits for the others.
import { JOIN_GROUP } from '../protocol/apis/11-join-group.ts';
import { groupErrorOf } from './group-errors.ts';
import { codeOf, handler } from './handler.ts';

/** From these versions on a client understands what is asked of it. */
const KNOWN_MEMBER_ID_SINCE = 4;
const SKIPPING_SINCE = 9;

/** JoinGroup. */
export const joinGroup = handler<typeof JOIN_GROUP>({
  schema: JOIN_GROUP,
  handle: async ({ broker, apiVersion, clientId, clientHost, signal }, request) => {
    const { groupId, memberId, groupInstanceId, sessionTimeoutMs, protocolType, protocols } = request;
    const none = { ...NONE, memberId };
    try {
      const answer = await broker.groups.joinGroup({
        ...{ groupId, memberId, clientId, clientHost, sessionTimeoutMs, protocolType, protocols, signal },
        // Version 0 has one timeout for both.
        rebalanceTimeoutMs: request.rebalanceTimeoutMs < 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs,
        requiresKnownMemberId: apiVersion >= KNOWN_MEMBER_ID_SINCE,
        supportsSkippingAssignment: apiVersion >= SKIPPING_SINCE,
        ...(groupInstanceId !== null && { groupInstanceId }),
      });
      if (answer.kind === 'memberIdRequired')
        return { ...none, errorCode: codeOf('MEMBER_ID_REQUIRED'), memberId: answer.memberId };
      const { generation, members, ...rest } = answer;
      return {
        ...{ ...rest, errorCode: 0, generationId: generation },
        members: members.map((one) => ({ ...one, groupInstanceId: one.groupInstanceId ?? null })),
      };
    } catch (error) {
      return { ...none, errorCode: groupErrorOf(error).errorCode };
    }
  },
});

const NONE = { generationId: -1, protocolType: null, protocolName: '', leader: '', members: [] };
