// Altering the configs of each resource of a request by itself: what AlterConfigs and IncrementalAlterConfigs share.
import { BrokerError } from '../../base/errors.ts';
import { cannotAlter, RESOURCE, resourceKey } from './config-resources.ts';
import { errorOf, type RequestContext } from './handler.ts';
import { repeatedIn, someAtATime } from './some-at-a-time.ts';
import type { AlterConfigsOptions } from '../../topics/alter-configs.ts';
import type { ConfigChange } from '../../topics/config-changes-state.ts';

interface Asked<C> {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly C[];
}

interface Answer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

export interface AlterEachOptions<C> extends AlterConfigsOptions {
  /** Throws INVALID_REQUEST for what is no change. */
  readonly changeOf: (config: C) => ConfigChange;
}

/** Alters topics, and refuses everything else. Answers in the order of the resources. */
export function alterEach<C>(
  { broker }: RequestContext,
  resources: readonly Asked<C>[],
  { changeOf, ...options }: AlterEachOptions<C>,
): Promise<readonly Answer[]> {
  const repeated = repeatedIn(resources.map(resourceKey));
  return someAtATime(resources, async (asked) => {
    const { resourceType, resourceName, configs } = asked;
    try {
      if (resourceType !== RESOURCE.topic) throw cannotAlter(asked);
      if (repeated.has(resourceKey(asked))) {
        throw new BrokerError('INVALID_REQUEST', `topic ${resourceName} is named twice in one request`);
      }
      await broker.alterConfigs(resourceName, configs.map(changeOf), options);
      return { errorCode: 0, errorMessage: null, resourceType, resourceName };
    } catch (error) {
      return { ...errorOf(error), resourceType, resourceName };
    }
  });
}
