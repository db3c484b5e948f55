// The item store in memory passes the conformance suite.
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createMemoryItemStore } from '../../../lib/storage/embedded/memory-item-store.ts';
import { describeItemStore } from '../../conformance/item-store.ts';

describeItemStore('memory', () => {
  const store = createMemoryItemStore({ clock: createSystemClock() });
  return Promise.resolve({ store, close: () => store.close() });
});
