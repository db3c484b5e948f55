// DynamoDB and S3 in memory: they take the time that those are assumed to take, and count what they would bill.
import { createMemoryItemStore } from '../storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../storage/embedded/memory-object-store.ts';
import { createMeter, meterItems, meterObjects, type Meter } from '../storage/metered.ts';
import { HOT_PREFIX } from '../storage/schema/object-key.ts';
import { createTieredObjectStore } from '../storage/tiered-object-store.ts';
import { ASSUMED } from './assumptions.ts';
import { add, type Tally } from './tally.ts';
import type { ObservableItemStore } from '../storage/item-usage.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import { byteCountOf, type ObjectStore } from '../storage/ports/object-store.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** The stores as one kind of function sees them, with the counts of what went through. */
export interface CountedStores {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  /**
   * Since the last `reset`: `writeUnits/<table>`, `readUnits`, `puts/hot`, `puts/segments` and `gets`. Writes are those of
   * all functions, all else of this one's.
   */
  tally(): Tally;
  reset(): void;
}

/** Owned by one simulation. */
export interface SimulatedStores {
  /** Uncounted and at once: to make what is there before, and to look at what is there afterwards. */
  readonly items: ObservableItemStore;
  /** What S3 holds; small objects are items. */
  readonly large: ObjectStore;
  /** Another view of the same data, with counts of its own. */
  counted(): CountedStores;
}

/** Empty stores. */
export function createSimulatedStores(clock: SimulatedClock): SimulatedStores {
  const items = createMemoryItemStore({ clock });
  const large = createMemoryObjectStore({ clock });
  return {
    ...{ items, large },
    counted: () => {
      const [hot, segments] = [createMeter(), createMeter()];
      const slowItems = delayItems(meterItems(items, hot), clock);
      const divided = divideByKey(meterObjects(large, hot), meterObjects(large, segments));
      const objects = createTieredObjectStore({
        items: slowItems,
        large: delayObjects(divided, clock),
        clock,
      });
      return {
        items: slowItems,
        objects,
        tally: () => tallyOf(hot, segments),
        reset: () => {
          hot.reset();
          segments.reset();
        },
      };
    },
  };
}

function tallyOf(hot: Meter, segments: Meter): Tally {
  const tally = new Map<string, number>();
  for (const [table, { writeUnits, readUnits }] of Object.entries(hot.tables)) {
    add(tally, `writeUnits/${table}`, writeUnits);
    add(tally, 'readUnits', readUnits);
  }
  for (const [name, { objects }] of [['hot', hot] as const, ['segments', segments] as const]) {
    add(tally, `puts/${name}`, objects.putRequests + objects.listRequests);
    add(tally, 'gets', objects.getRequests);
  }
  return tally;
}

/** Sends each object to the counts of its kind. Both stand on the same store. */
function divideByKey(hot: ObjectStore, segments: ObjectStore): ObjectStore {
  const of = (key: string) => (key.startsWith(HOT_PREFIX) ? hot : segments);
  return {
    put: (key, contents) => of(key).put(key, contents),
    get: (key, range) => of(key).get(key, range),
    list: (prefix, after, limit) => of(prefix).list(prefix, after, limit),
    delete: (keys) => segments.delete(keys),
    close: () => segments.close(),
  };
}

/** A request travels for half its time, is carried out, and its answer travels for the other half. */
async function trip<T>(clock: SimulatedClock, durationMs: number, request: () => Promise<T>): Promise<T> {
  await clock.sleep(durationMs / 2);
  const result = await request();
  await clock.sleep(durationMs / 2);
  return result;
}

function delayItems(inner: ItemStore, clock: SimulatedClock): ItemStore {
  const slow = <T>(request: () => Promise<T>) => trip(clock, ASSUMED.itemRequestMs, request);
  return {
    get: (...call) => slow(() => inner.get(...call)),
    getMany: (...call) => slow(() => inner.getMany(...call)),
    query: (...call) => slow(() => inner.query(...call)),
    scan: (...call) => slow(() => inner.scan(...call)),
    put: (...call) => slow(() => inner.put(...call)),
    update: (...call) => slow(() => inner.update(...call)),
    delete: (...call) => slow(() => inner.delete(...call)),
    transact: (...call) => trip(clock, ASSUMED.transactionMs, () => inner.transact(...call)),
    close: () => inner.close(),
  };
}

function delayObjects(inner: ObjectStore, clock: SimulatedClock): ObjectStore {
  const transferMs = (bytes: number) => (bytes / 1e6) * ASSUMED.objectMegabyteMs;
  const slow = <T>(bytes: number, request: () => Promise<T>) =>
    trip(clock, ASSUMED.objectRequestMs + transferMs(bytes), request);
  return {
    put: (key, contents) => slow(byteCountOf(contents), () => inner.put(key, contents)),
    get: async (key, range) => {
      const bytes = await slow(0, () => inner.get(key, range));
      await clock.sleep(transferMs(bytes?.length ?? 0));
      return bytes;
    },
    list: (...call) => slow(0, () => inner.list(...call)),
    delete: (keys) => slow(0, () => inner.delete(keys)),
    close: () => inner.close(),
  };
}
