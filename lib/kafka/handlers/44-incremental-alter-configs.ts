// IncrementalAlterConfigs: single configs of topics set, deleted, or changed as lists.
import { BrokerError } from '../../base/errors.ts';
import { INCREMENTAL_ALTER_CONFIGS } from '../protocol/apis/44-incremental-alter-configs.ts';
import { alterEach } from './alter-each.ts';
import { handler } from './handler.ts';
import type { ConfigChange } from '../../topics/config-changes-state.ts';
import type { RequestOf } from '../protocol/schema.ts';

type Asked = RequestOf<typeof INCREMENTAL_ALTER_CONFIGS>['resources'][number]['configs'][number];

/** By Kafka's AlterConfigOp.OpType. */
const OPERATIONS = ['set', 'delete', 'append', 'subtract'] as const;

/** IncrementalAlterConfigs. */
export const incrementalAlterConfigs = handler<typeof INCREMENTAL_ALTER_CONFIGS>({
  schema: INCREMENTAL_ALTER_CONFIGS,
  handle: async (context, { resources, validateOnly }) => ({
    responses: await alterEach(context, resources, { isIncremental: true, validateOnly, changeOf }),
  }),
});

function changeOf({ name, value, configOperation }: Asked): ConfigChange {
  const operation = OPERATIONS[configOperation];
  if (operation === undefined) {
    const message = `${name}: the operation must be from 0 to ${OPERATIONS.length - 1}, got ${configOperation}`;
    throw new BrokerError('INVALID_REQUEST', message);
  }
  if (operation === 'delete') return { name, operation };
  if (value === null)
    throw new BrokerError('INVALID_REQUEST', `${name} must have a value to ${operation}, got null`);
  return { name, operation, value };
}
