// Decorators that count what the same requests would cost on DynamoDB and S3. They price nothing: see the counts' units.
import { itemBytes } from './item-size.ts';
import type { ObservableItemStore, WriteUsage } from './item-usage.ts';
import type { Item, ItemStore, ReadOptions, TableName } from './ports/item-store.ts';
import { byteCountOf, type ObjectStore } from './ports/object-store.ts';

/** DynamoDB's units and pages (developer guide, "Capacity unit consumption for ... operations"). */
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
const PAGE_BYTES = 1024 * 1024;

/** S3 takes so many keys in one DeleteObjects and lists so many in one request. */
const DELETE_KEYS_MAX = 1000;
const LIST_KEYS_MAX = 1000;

/** Of one table. Units are DynamoDB's on-demand request units; reads come in halves. */
export interface TableUsage {
  readRequests: number;
  writeRequests: number;
  /** Writes whose condition failed; they are in `writeRequests` and billed too. */
  failedWrites: number;
  readUnits: number;
  writeUnits: number;
  /** By `itemBytes`, of the items that reads answered and writes left. */
  bytesRead: number;
  bytesWritten: number;
}

export interface ObjectUsage {
  putRequests: number;
  getRequests: number;
  /** Billed as PUTs are. */
  listRequests: number;
  /** Free. */
  deleteRequests: number;
  bytesPut: number;
  bytesGot: number;
}

/** Counts since it was made, or since `reset`. */
export interface Meter {
  readonly tables: Readonly<Record<TableName, TableUsage>>;
  readonly objects: ObjectUsage;
  /** A copy of the counts, to be kept. */
  snapshot(): { readonly tables: Readonly<Record<TableName, TableUsage>>; readonly objects: ObjectUsage };
  reset(): void;
}

const newTableUsage = (): TableUsage => ({
  readRequests: 0,
  writeRequests: 0,
  failedWrites: 0,
  readUnits: 0,
  writeUnits: 0,
  bytesRead: 0,
  bytesWritten: 0,
});

const newObjectUsage = (): ObjectUsage => ({
  putRequests: 0,
  getRequests: 0,
  listRequests: 0,
  deleteRequests: 0,
  bytesPut: 0,
  bytesGot: 0,
});

/** A meter at zero. */
export function createMeter(): Meter {
  const tables: Record<TableName, TableUsage> = {
    topics: newTableUsage(),
    heads: newTableUsage(),
    'log-index': newTableUsage(),
    objects: newTableUsage(),
    offsets: newTableUsage(),
    groups: newTableUsage(),
    producers: newTableUsage(),
  };
  const objects = newObjectUsage();
  return {
    tables,
    objects,
    snapshot: () => structuredClone({ tables, objects }),
    reset: () => {
      for (const usage of Object.values(tables)) Object.assign(usage, newTableUsage());
      Object.assign(objects, newObjectUsage());
    },
  };
}

/**
 * An ItemStore that counts into `meter`. Writes are billed by the larger of the item before and after, which only the
 * store knows: `inner` reports it (the embedded stores do), so the counts are exact, by DynamoDB's rules. Where those
 * leave room: a cancelled transaction counts as if every write of it had been carried out; a repeated one as a
 * transactional read of its items. Requests that throw count nothing. Closing closes `inner`.
 */
export function meterItems(inner: ObservableItemStore, meter: Meter): ItemStore {
  inner.observeWrites((write) => {
    countWrite(meter.tables[write.table], write);
  });
  const read = (table: TableName, items: readonly (Item | undefined)[], counts: ReadCounts) => {
    countRead(meter.tables[table], items, counts);
  };
  return {
    async get(table, key, options) {
      const item = await inner.get(table, key, options);
      read(table, [item], { options, isSummed: false });
      return item;
    },
    async getMany(table, keys, options) {
      const items = await inner.getMany(table, keys, options);
      read(table, items, { options, isSummed: false });
      return items;
    },
    async query(table, pk, options) {
      const items = await inner.query(table, pk, options);
      read(table, items, { options, isSummed: true });
      return items;
    },
    async scan(table, options) {
      const page = await inner.scan(table, options);
      read(table, page.items, { options: undefined, isSummed: true });
      return page;
    },
    put: (...call) => inner.put(...call),
    update: (...call) => inner.update(...call),
    delete: (...call) => inner.delete(...call),
    transact: (...call) => inner.transact(...call),
    close: () => inner.close(),
  };
}

interface ReadCounts {
  readonly options: ReadOptions | undefined;
  /** Queries and scans are billed by the sum of what they read, other reads item by item. */
  readonly isSummed: boolean;
}

function countRead(
  usage: TableUsage,
  items: readonly (Item | undefined)[],
  { options, isSummed }: ReadCounts,
): void {
  const sizes = items.map((item) => (item ? itemBytes(item) : 0));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const billed = isSummed ? [bytes] : sizes;
  const units = billed.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / READ_UNIT_BYTES)), 0);
  usage.readRequests += isSummed ? Math.max(1, Math.ceil(bytes / PAGE_BYTES)) : Math.min(1, items.length);
  usage.readUnits += (options?.consistent ?? true) ? units : units / 2;
  usage.bytesRead += bytes;
}

function countWrite(usage: TableUsage, write: WriteUsage): void {
  const { beforeBytes, afterBytes, applied, isTransactional, kind } = write;
  if (kind === 'replay') {
    usage.readRequests++;
    usage.readUnits += 2 * Math.max(1, Math.ceil(beforeBytes / READ_UNIT_BYTES));
    return;
  }
  const units = Math.max(1, Math.ceil(Math.max(beforeBytes, afterBytes) / WRITE_UNIT_BYTES));
  usage.writeRequests++;
  usage.writeUnits += isTransactional ? 2 * units : units;
  if (!applied) usage.failedWrites++;
  else if (kind !== 'check') usage.bytesWritten += afterBytes;
}

/** An ObjectStore that counts into `meter`. Requests that throw count nothing. Closing closes `inner`. */
export function meterObjects(inner: ObjectStore, { objects }: Meter): ObjectStore {
  return {
    async put(key, contents) {
      await inner.put(key, contents);
      objects.putRequests++;
      objects.bytesPut += byteCountOf(contents);
    },
    async get(key, range) {
      const bytes = await inner.get(key, range);
      objects.getRequests++;
      objects.bytesGot += bytes?.length ?? 0;
      return bytes;
    },
    async list(prefix, after, limit) {
      const entries = await inner.list(prefix, after, limit);
      objects.listRequests += Math.max(1, Math.ceil(entries.length / LIST_KEYS_MAX));
      return entries;
    },
    async delete(keys) {
      await inner.delete(keys);
      objects.deleteRequests += Math.ceil(keys.length / DELETE_KEYS_MAX);
    },
    close: () => inner.close(),
  };
}
