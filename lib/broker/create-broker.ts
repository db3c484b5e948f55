// The whole broker over one log, for a process that serves everything.
import { createBrokerCore, type BrokerCoreDeps } from './broker-core.ts';
import { createGroupBroker, type GroupBrokerOptions } from './create-group-broker.ts';
import { createRecordBroker } from './create-record-broker.ts';
import { createTopicBroker } from './create-topic-broker.ts';
import type { Broker } from './broker.ts';

export interface BrokerDeps extends BrokerCoreDeps, GroupBrokerOptions {}

/** A broker over a log whose stores it shares for topics and the cluster record. Owns nothing that must be closed. */
export function createBroker({ groupLimits, matchTopics, ...coreDeps }: BrokerDeps): Broker {
  const core = createBrokerCore(coreDeps);
  const groupOptions = { ...(groupLimits && { groupLimits }), ...(matchTopics && { matchTopics }) };
  return {
    ...createRecordBroker(core),
    ...createTopicBroker(core),
    ...createGroupBroker(core, groupOptions),
  };
}
