// The part of a broker that serves consumer groups: one coordinator, for all that is asked of groups.
import { createCoordinator } from '../groups/create-coordinator.ts';
import { createGroups } from '../groups/create-groups.ts';
import { createInstances } from '../groups/instances.ts';
import type { BrokerCore } from './broker-core.ts';
import type { GroupBroker } from './broker.ts';
import type { MatchTopics } from '../groups/group-deps.ts';
import type { GroupLimits } from '../groups/limits.ts';

export interface GroupBrokerOptions {
  /** Default: Kafka's. */
  readonly groupLimits?: GroupLimits;
  /** For subscriptions by a pattern; without it they are refused. */
  readonly matchTopics?: MatchTopics;
}

/** Owns nothing that must be closed. */
export function createGroupBroker(
  { topicDeps, settings }: BrokerCore,
  { groupLimits, matchTopics }: GroupBrokerOptions = {},
): GroupBroker {
  const coordinator = createCoordinator(topicDeps, {
    ...settings,
    ...(groupLimits && { limits: groupLimits }),
    ...(matchTopics && { matchTopics }),
  });
  return { groups: createGroups(coordinator), instances: createInstances(coordinator.deps) };
}
