// SyncGroup: the leader of a classic group says what each member is assigned; the others wait for it.
import { SYNC_GROUP } from '../protocol/apis/14-sync-group.ts';
import { toBrokerError } from '../../base/errors.ts';
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
      return { errorCode: codeOf(error), assignment: new Uint8Array() };
    }
  },
});

const REBALANCE_IN_PROGRESS = 27;

/** As Kafka's coordinator: to clients, a coordinator that cannot answer yet is an error without a way on; they join again. */
const codeOf = (error: unknown): number =>
  toBrokerError(error).code === 'COORDINATOR_LOAD_IN_PROGRESS'
    ? REBALANCE_IN_PROGRESS
    : groupErrorOf(error).errorCode;
