// Empty stores in memory that count what the same requests would cost on AWS.
import { createMemoryItemStore } from '../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../lib/storage/embedded/memory-object-store.ts';
import { createMeter, meterItems, meterObjects, type Meter } from '../lib/storage/metered.ts';
import type { Clock } from '../lib/base/clock.ts';
import type { ItemStore } from '../lib/storage/ports/item-store.ts';
import type { ObjectStore } from '../lib/storage/ports/object-store.ts';

export interface MeteredStores {
  readonly meter: Meter;
  readonly items: ItemStore;
  /** For large objects, as S3 is. */
  readonly large: ObjectStore;
  /** The largest head that any append left, in bytes. */
  readonly headBytesMax: () => number;
}

/** Makes them. */
export function createMeteredStores(clock: Clock): MeteredStores {
  const meter = createMeter();
  const inner = createMemoryItemStore({ clock });
  let headBytesMax = 0;
  inner.observeWrites(({ table, afterBytes }) => {
    if (table === 'heads') headBytesMax = Math.max(headBytesMax, afterBytes);
  });
  return {
    meter,
    items: meterItems(inner, meter),
    large: meterObjects(createMemoryObjectStore({ clock }), meter),
    headBytesMax: () => headBytesMax,
  };
}

/** Units and requests of all tables together. */
export function totalsOf({ tables, objects }: Pick<Meter, 'tables' | 'objects'>): {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly writes: number;
  readonly puts: number;
} {
  const all = Object.values(tables);
  return {
    writeUnits: all.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
    readUnits: all.reduce((sum, { readUnits }) => sum + readUnits, 0),
    writes: all.reduce((sum, { writeRequests }) => sum + writeRequests, 0),
    puts: objects.putRequests,
  };
}
