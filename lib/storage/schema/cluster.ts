// The cluster record: who this cluster is, and which formats its writers may use.
import { all, atMost, equals } from '../ports/condition.ts';
import { set } from '../ports/action.ts';
import { checkFormat, FORMAT_ATTRIBUTE } from './format.ts';
import type { Action } from '../ports/action.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey } from '../ports/item-store.ts';

/*
 * Table `topics`, pk `cluster`, sk `cluster`
 *   f 1, id cluster id, level format level, at createdAt (ms)
 * Life: for ever; made once by whoever comes first.
 */

const FORMATS = [1];
const CLUSTER = { format: FORMAT_ATTRIBUTE, id: 'id', level: 'level', createdAt: 'at' } as const;

export interface Cluster {
  /** 22 characters, as Kafka prints a Uuid. */
  readonly clusterId: string;
  /** From 1. Writers use the formats of this level; it rises once all functions know a newer one, and never falls. */
  readonly formatLevel: number;
  readonly createdAtMs: number;
}

export const CLUSTER_KEY: Required<ItemKey> = { pk: 'cluster', sk: 'cluster' };

export const clusterItem = ({ clusterId, formatLevel, createdAtMs }: Cluster): Item => ({
  ...CLUSTER_KEY,
  [CLUSTER.format]: 1,
  [CLUSTER.id]: clusterId,
  [CLUSTER.level]: formatLevel,
  [CLUSTER.createdAt]: createdAtMs,
});

/** Throws UNSUPPORTED_VERSION for a record of a format that this code does not know. */
export function readCluster(item: Item): Cluster {
  checkFormat('the cluster record', Number(item[CLUSTER.format]), FORMATS);
  return {
    clusterId: item[CLUSTER.id] as string,
    formatLevel: Number(item[CLUSTER.level]),
    createdAtMs: Number(item[CLUSTER.createdAt]),
  };
}

/** Raises the level of a record that is there, of a known format and not above `level`. Safe to repeat and to be late. */
export const raiseTo = (
  level: number,
): { readonly actions: readonly Action[]; readonly condition: Condition } => ({
  actions: [set(CLUSTER.level, level)],
  condition: all(equals(CLUSTER.format, 1), atMost(CLUSTER.level, level)),
});
