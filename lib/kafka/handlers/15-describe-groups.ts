// DescribeGroups: classic groups with what their members brought and were assigned.
import { DESCRIBE_GROUPS } from '../protocol/apis/15-describe-groups.ts';
import { toBrokerError } from '../../base/errors.ts';
import { codeOf, errorOf, handler, type RequestContext } from './handler.ts';
import type { ResponseOf } from '../protocol/schema.ts';

type Answer = ResponseOf<typeof DESCRIBE_GROUPS>['groups'][number];

/** From version 6 on a group that is not there is an error (KIP-1043); before that, it is Dead. */
const ABSENT_IS_ERROR_SINCE = 6;

/** DescribeGroups. */
export const describeGroups = handler<typeof DESCRIBE_GROUPS>({
  schema: DESCRIBE_GROUPS,
  handle: async (context, { groups }) => ({
    groups: await Promise.all(groups.map((groupId) => describe(context, groupId))),
  }),
});

async function describe({ broker, apiVersion }: RequestContext, groupId: string): Promise<Answer> {
  const none = { groupId, groupState: 'Dead', protocolType: '', protocolData: '', members: [] };
  try {
    const group = await broker.groups.describeGroup(groupId);
    if (group.type !== 'classic') {
      const errorMessage = `group ${groupId} is no classic group`;
      const errorCode = apiVersion >= ABSENT_IS_ERROR_SINCE ? codeOf('GROUP_ID_NOT_FOUND') : 0;
      return { ...none, errorCode, errorMessage };
    }
    return {
      ...{ errorCode: 0, groupId, groupState: group.state, protocolType: group.protocolType },
      protocolData: group.protocolName,
      members: group.members.map(({ memberId, groupInstanceId = null, clientId, clientHost, classic }) => ({
        ...{ memberId, groupInstanceId, clientId, clientHost },
        memberMetadata: classic?.metadata ?? new Uint8Array(),
        memberAssignment: classic?.assignment ?? new Uint8Array(),
      })),
    };
  } catch (error) {
    const isAbsent = toBrokerError(error).code === 'GROUP_ID_NOT_FOUND' && apiVersion < ABSENT_IS_ERROR_SINCE;
    return { ...none, ...(isAbsent ? { errorCode: 0 } : errorOf(error)) };
  }
}
