// The tables: their keys and how long their items live. infra/ deploys from this list, the embedded store is made by it.
import type { TableName } from '../ports/item-store.ts';

export interface TableSchema {
  readonly name: TableName;
  readonly hasSortKey: boolean;
  /** Whether items may carry `EXPIRES_ATTRIBUTE`. Nothing relies on when, or whether, they are then removed. */
  readonly expires: boolean;
}

/** Name of the attribute with an item's expiry, in seconds since the Unix epoch. */
export const EXPIRES_ATTRIBUTE = 'expires';

/** Every table, under the name that the port knows it by. */
export const TABLES: Readonly<Record<TableName, TableSchema>> = {
  topics: { name: 'topics', hasSortKey: true, expires: true },
  heads: { name: 'heads', hasSortKey: false, expires: false },
  'log-index': { name: 'log-index', hasSortKey: true, expires: true },
  objects: { name: 'objects', hasSortKey: false, expires: true },
  offsets: { name: 'offsets', hasSortKey: true, expires: true },
  groups: { name: 'groups', hasSortKey: true, expires: true },
  producers: { name: 'producers', hasSortKey: true, expires: true },
};
