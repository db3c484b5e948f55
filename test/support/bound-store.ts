// A store to be changed in part: the methods of a store that is a class, as a plain object's own.
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

/** Does all that `inner` does; spread it, and put what is to differ behind. */
export const boundStore = (inner: ItemStore): ItemStore => ({
  get: (...call) => inner.get(...call),
  getMany: (...call) => inner.getMany(...call),
  query: (...call) => inner.query(...call),
  scan: (...call) => inner.scan(...call),
  put: (...call) => inner.put(...call),
  update: (...call) => inner.update(...call),
  delete: (...call) => inner.delete(...call),
  transact: (...call) => inner.transact(...call),
  close: () => inner.close(),
});
