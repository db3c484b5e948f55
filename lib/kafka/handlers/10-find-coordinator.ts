// FindCoordinator: every gateway coordinates every group, so it is the one node that there is.
import { FIND_COORDINATOR } from '../protocol/apis/10-find-coordinator.ts';
import { codeOf, handler } from './handler.ts';

/** Of a request: a group, a transactional id, or a share group's partition. */
const KEY_TYPES = { group: 0, transaction: 1 };

/** FindCoordinator. */
export const findCoordinator = handler<typeof FIND_COORDINATOR>({
  schema: FIND_COORDINATOR,
  handle: ({ node: { nodeId, host, port } }, { key, keyType, coordinatorKeys }) => {
    const isServed = keyType === KEY_TYPES.group || keyType === KEY_TYPES.transaction;
    const found = isServed
      ? { errorCode: 0, errorMessage: null, nodeId, host, port }
      : {
          ...{ errorCode: codeOf('INVALID_REQUEST'), nodeId: -1, host: '', port: -1 },
          errorMessage: `key type must be 0 (group) or 1 (transaction), got ${keyType}`,
        };
    return Promise.resolve({
      ...found,
      coordinators: coordinatorKeys.map((one) => ({ key: one, ...found })),
      key,
    });
  },
});
