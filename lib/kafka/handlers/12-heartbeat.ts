// Heartbeat: a member of a classic group is there, and asks whether it is to join again.
import { HEARTBEAT } from '../protocol/apis/12-heartbeat.ts';
import { toBrokerError } from '../../base/errors.ts';
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
      return { errorCode: codeOf(error) };
    }
  },
});

/** As Kafka's coordinator: one that cannot answer yet has nothing against the member, whose next heartbeat tells. */
const codeOf = (error: unknown): number =>
  toBrokerError(error).code === 'COORDINATOR_LOAD_IN_PROGRESS' ? 0 : groupErrorOf(error).errorCode;
