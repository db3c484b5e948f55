// The cluster record of an installation: made by the first process that asks, the same for all of them ever after.
import { present } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import { randomKafkaUuid } from '../base/kafka-uuid.ts';
import { absent } from '../storage/ports/condition.ts';
import { CLUSTER_KEY, clusterItem, raiseTo, readCluster, type Cluster } from '../storage/schema/cluster.ts';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';

/** The newest format level that this code reads and writes. */
export const FORMAT_LEVEL_MAX = 1;

export interface ClusterDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly dice: Dice;
}

/**
 * Reads the cluster record, and makes it where there is none. Safe to race and to repeat: all callers get one id. Throws
 * UNSUPPORTED_VERSION where the cluster's format level is above what this code knows.
 */
export async function openCluster({ items, clock, dice }: ClusterDeps): Promise<Cluster> {
  const known = await items.get('topics', CLUSTER_KEY);
  if (known) return checkLevel(readCluster(known));
  const fresh = { clusterId: randomKafkaUuid(dice), formatLevel: FORMAT_LEVEL_MAX, createdAtMs: clock.now() };
  const result = await items.put('topics', clusterItem(fresh), absent('pk'));
  return result.applied ? fresh : checkLevel(readCluster(present(result.current, 'the cluster record')));
}

function checkLevel(cluster: Cluster): Cluster {
  if (cluster.formatLevel <= FORMAT_LEVEL_MAX) return cluster;
  throw new BrokerError(
    'UNSUPPORTED_VERSION',
    `the cluster has format level ${cluster.formatLevel}, this version of Wadi knows up to ${FORMAT_LEVEL_MAX}: ` +
      'deploy the newer functions first',
  );
}

/**
 * Lets writers use the formats of `level`, by one conditional write; to be called once every function knows them. Safe to
 * repeat; a level that is there already is a success. Throws UNSUPPORTED_VERSION for a level that this code does not
 * know, INVALID_REQUEST for one below the cluster's or where there is no cluster record.
 */
export async function raiseFormatLevel(items: ItemStore, level: number): Promise<Cluster> {
  if (!Number.isInteger(level) || level < 1 || level > FORMAT_LEVEL_MAX) {
    throw new BrokerError(
      'UNSUPPORTED_VERSION',
      `the format level must be from 1 to ${FORMAT_LEVEL_MAX}, which this version of Wadi knows, got ${level}`,
    );
  }
  const { actions, condition } = raiseTo(level);
  const result = await items.update('topics', CLUSTER_KEY, actions, condition);
  if (result.applied) return readCluster(present(result.item, 'the cluster record'));
  if (!result.current) throw new BrokerError('INVALID_REQUEST', 'there is no cluster record yet');
  const { formatLevel } = readCluster(result.current);
  throw new BrokerError('INVALID_REQUEST', `the format level is ${formatLevel}, it cannot fall to ${level}`);
}
