// The service of groups over one coordinator: each operation in its own file.
import { deleteGroup, deleteOffsets, describeGroup, listGroups } from './administer.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './classic.ts';
import { commitOffsets } from './commit-offsets.ts';
import { consumerGroupHeartbeat, matchingTopics } from './consumer.ts';
import { fetchOffsets } from './fetch-offsets.ts';
import type { Coordinator } from './coordinator.ts';
import type { Groups } from './groups.ts';

/** Owns nothing that must be closed. */
export function createGroups(coordinator: Coordinator): Groups {
  return {
    joinGroup: (request) => joinGroup(coordinator, request),
    syncGroup: (request) => syncGroup(coordinator, request),
    heartbeat: (request) => heartbeat(coordinator, request),
    leaveGroup: (request) => leaveGroup(coordinator, request),
    consumerGroupHeartbeat: (request) => consumerGroupHeartbeat(coordinator, request),
    commitOffsets: (request) => commitOffsets(coordinator, request),
    fetchOffsets: (request) => fetchOffsets(coordinator, request),
    matchTopics: (pattern) => matchingTopics(coordinator.deps, pattern),
    listGroups: () => listGroups(coordinator),
    describeGroup: (groupId) => describeGroup(coordinator, groupId),
    deleteGroup: (groupId) => deleteGroup(coordinator, groupId),
    deleteOffsets: (groupId, partitions) => deleteOffsets(coordinator, groupId, partitions),
  };
}
