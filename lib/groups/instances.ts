// Where the consumers of the HTTP API are kept: each is one row, and each change of it one conditional write.
import {
  instanceItem,
  instanceKey,
  isInstanceAsSeen,
  isInstanceAsSeenOrGone,
  readInstance,
} from '../storage/schema/consumer-instance.ts';
import { checkGroupId } from './group-id.ts';
import { randomMark } from './group-store.ts';
import { GROUP_LIMITS, type GroupLimits } from './limits.ts';
import { BrokerError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ConsumerInstance, StoredInstance } from '../storage/schema/consumer-instance.ts';
import type { ItemStore, WriteResult } from '../storage/ports/item-store.ts';

export type {
  ConsumerInstance,
  InstanceConfig,
  InstancePartition,
  InstanceSubscription,
  StoredInstance,
} from '../storage/schema/consumer-instance.ts';

/** Of which consumer. Its name is one in its group. */
export interface InstanceId {
  readonly groupId: string;
  readonly name: string;
}

/**
 * The consumers of the HTTP API. Any process may serve any of them. Storage errors come from every method; INVALID_GROUP_ID
 * and INVALID_REQUEST where the group's id or the name is empty or too long.
 */
export interface Instances {
  /** undefined: there is none, or it was not used for too long. */
  get(id: InstanceId): Promise<StoredInstance | undefined>;
  /** undefined: there is one of that name. */
  create(id: InstanceId, instance: ConsumerInstance): Promise<StoredInstance | undefined>;
  /** undefined: it is not as `seen` any more, and nothing was changed. */
  replace(
    id: InstanceId,
    seen: StoredInstance,
    instance: ConsumerInstance,
  ): Promise<StoredInstance | undefined>;
  /** Whether it is gone now; false: it is not as `seen` any more. */
  delete(id: InstanceId, seen: StoredInstance): Promise<boolean>;
}

export interface InstancesDeps {
  readonly items: Pick<ItemStore, 'get' | 'put' | 'delete'>;
  readonly clock: Clock;
  readonly dice: Dice;
  /** Default: Kafka's. */
  readonly limits?: GroupLimits;
}

/** Owns nothing that must be closed. */
export function createInstances({ items, clock, dice, limits = GROUP_LIMITS }: InstancesDeps): Instances {
  const read = async ({ groupId, name }: InstanceId) => {
    checkGroupId(limits, groupId);
    checkName(limits, name);
    const item = await items.get('groups', instanceKey(groupId, name));
    return item && readInstance(item);
  };
  const write = async (
    { groupId, name }: InstanceId,
    instance: ConsumerInstance,
    seen: StoredInstance | undefined,
  ) => {
    const stored = { instance, write: randomMark(dice.bytes(9)) };
    const item = instanceItem(groupId, name, stored);
    const result = await items.put('groups', item, isInstanceAsSeen(seen));
    return isOurs(result, stored) ? stored : undefined;
  };
  const isLive = ({ instance }: StoredInstance) => instance.untilMs > clock.now();
  return {
    get: async (id) => {
      const stored = await read(id);
      return stored && isLive(stored) ? stored : undefined;
    },
    create: async (id, instance) => {
      const stored = await read(id);
      return stored && isLive(stored) ? undefined : write(id, instance, stored);
    },
    replace: (id, seen, instance) => write(id, instance, seen),
    delete: async ({ groupId, name }, seen) => {
      const key = instanceKey(groupId, name);
      return (await items.delete('groups', key, isInstanceAsSeenOrGone(seen))).applied;
    },
  };
}

/** A write whose answer was lost is sent again, and then refused by what it put itself. */
const isOurs = (result: WriteResult, { write }: StoredInstance): boolean =>
  result.applied || (result.current !== undefined && readInstance(result.current).write === write);

function checkName({ memberIdBytesMax }: GroupLimits, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= memberIdBytesMax) return;
  const message = `the name of a consumer must have 1 to ${memberIdBytesMax} bytes in UTF-8, got ${bytes}`;
  throw new BrokerError('INVALID_REQUEST', message, { field: 'name' });
}
