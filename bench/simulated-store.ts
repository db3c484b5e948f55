// Stores that answer after a while, as DynamoDB and S3 do: each request travels to the store, is carried out, and travels back.
import type { Clock } from '../lib/base/clock.ts';
import type { Dice } from '../lib/base/dice.ts';
import type { ItemStore } from '../lib/storage/ports/item-store.ts';
import type { ObjectStore } from '../lib/storage/ports/object-store.ts';

export interface Latency {
  readonly clock: Clock;
  readonly dice: Dice;
  /** Of a whole round trip, on average; each takes between half and one and a half times as long. */
  readonly latencyMs: number;
}

function createTrip({ clock, dice, latencyMs }: Latency) {
  const half = () => clock.sleep((latencyMs / 2) * (0.5 + dice.random()));
  return async <Result>(request: () => Promise<Result>): Promise<Result> => {
    await half();
    const result = await request();
    await half();
    return result;
  };
}

/** Takes time for every request. */
export function delayItems(inner: ItemStore, latency: Latency): ItemStore {
  const trip = createTrip(latency);
  return {
    get: (...call) => trip(() => inner.get(...call)),
    getMany: (...call) => trip(() => inner.getMany(...call)),
    query: (...call) => trip(() => inner.query(...call)),
    scan: (...call) => trip(() => inner.scan(...call)),
    put: (...call) => trip(() => inner.put(...call)),
    update: (...call) => trip(() => inner.update(...call)),
    delete: (...call) => trip(() => inner.delete(...call)),
    transact: (...call) => trip(() => inner.transact(...call)),
    close: () => inner.close(),
  };
}

/** Takes time for every request. */
export function delayObjects(inner: ObjectStore, latency: Latency): ObjectStore {
  const trip = createTrip(latency);
  return {
    put: (...call) => trip(() => inner.put(...call)),
    get: (...call) => trip(() => inner.get(...call)),
    list: (...call) => trip(() => inner.list(...call)),
    delete: (...call) => trip(() => inner.delete(...call)),
    close: () => inner.close(),
  };
}
