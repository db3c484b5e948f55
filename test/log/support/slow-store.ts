// Stores whose requests take turns of the event loop, on the way there and back: requests of many meet and overtake.
import type { Dice } from '../../../lib/base/dice.ts';
import type { ItemStore } from '../../../lib/storage/ports/item-store.ts';
import type { ObjectStore } from '../../../lib/storage/ports/object-store.ts';

const TURNS_MAX = 4;

/** The way of one request; how slow each is, the dice say. */
function wayOf(dice: Dice) {
  const travel = async (): Promise<void> => {
    for (let turns = dice.random() * TURNS_MAX; turns > 1; turns--)
      await new Promise((resolve) => setImmediate(resolve));
  };
  return async <Result>(request: () => Promise<Result>): Promise<Result> => {
    await travel();
    const result = await request();
    await travel();
    return result;
  };
}

export function slowItems(inner: ItemStore, dice: Dice): ItemStore {
  const way = wayOf(dice);
  return {
    get: (...call) => way(() => inner.get(...call)),
    getMany: (...call) => way(() => inner.getMany(...call)),
    query: (...call) => way(() => inner.query(...call)),
    scan: (...call) => way(() => inner.scan(...call)),
    put: (...call) => way(() => inner.put(...call)),
    update: (...call) => way(() => inner.update(...call)),
    delete: (...call) => way(() => inner.delete(...call)),
    transact: (...call) => way(() => inner.transact(...call)),
    close: () => inner.close(),
  };
}

export function slowObjects(inner: ObjectStore, dice: Dice): ObjectStore {
  const way = wayOf(dice);
  return {
    put: (...call) => way(() => inner.put(...call)),
    get: (...call) => way(() => inner.get(...call)),
    list: (...call) => way(() => inner.list(...call)),
    delete: (...call) => way(() => inner.delete(...call)),
    close: () => inner.close(),
  };
}
