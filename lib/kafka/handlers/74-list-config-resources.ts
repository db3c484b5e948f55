// ListConfigResources: the names of what has configs, of some types. Version 0 asks for client metrics, of which there are
// none.
import { BrokerError } from '../../base/errors.ts';
import { LIST_CONFIG_RESOURCES } from '../protocol/apis/74-list-config-resources.ts';
import { RESOURCE } from './config-resources.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';

const KNOWN: readonly number[] = Object.values(RESOURCE);

/** ListConfigResources. */
export const listConfigResources = handler<typeof LIST_CONFIG_RESOURCES>({
  schema: LIST_CONFIG_RESOURCES,
  handle: async (context, { resourceTypes }) => {
    try {
      const types = typesOf(context.apiVersion, resourceTypes);
      return {
        errorCode: 0,
        configResources: [
          ...(types.includes(RESOURCE.topic) ? await topics(context) : []),
          ...(types.includes(RESOURCE.broker) ? [brokerOf(context)] : []),
        ],
      };
    } catch (error) {
      return { errorCode: errorOf(error).errorCode, configResources: [] };
    }
  },
});

/** No types mean all of them. */
function typesOf(apiVersion: number, asked: readonly number[]): readonly number[] {
  if (apiVersion === 0) return [RESOURCE.clientMetrics];
  if (asked.length === 0) return KNOWN;
  const unknown = asked.find((type) => !KNOWN.includes(type));
  if (unknown === undefined) return asked;
  throw new BrokerError('UNSUPPORTED_VERSION', `no resource has the type ${unknown}`);
}

const topics = async ({ broker }: RequestContext) =>
  (await broker.listTopics()).map(({ name }) => ({ resourceName: name, resourceType: RESOURCE.topic }));

const brokerOf = ({ node }: RequestContext) => ({
  ...{ resourceName: String(node.nodeId), resourceType: RESOURCE.broker },
});
