// AlterConfigs: the configs of topics, all replaced by those in the request.
import { BrokerError } from '../../base/errors.ts';
import { ALTER_CONFIGS } from '../protocol/apis/33-alter-configs.ts';
import { alterEach } from './alter-each.ts';
import { handler } from './handler.ts';

/** AlterConfigs. */
export const alterConfigs = handler<typeof ALTER_CONFIGS>({
  schema: ALTER_CONFIGS,
  handle: async (context, { resources, validateOnly }) => ({
    responses: await alterEach(context, resources, {
      ...{ isIncremental: false, validateOnly },
      changeOf: ({ name, value }) => {
        if (value !== null) return { name, operation: 'set', value };
        throw new BrokerError('INVALID_REQUEST', `${name} must have a value, got null`);
      },
    }),
  }),
});
