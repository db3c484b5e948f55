// The object store in memory passes the conformance suite.
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createMemoryObjectStore } from '../../../lib/storage/embedded/memory-object-store.ts';
import { describeObjectStore } from '../../conformance/object-store.ts';

describeObjectStore('memory', () => {
  const store = createMemoryObjectStore({ clock: createSystemClock() });
  return Promise.resolve({ store, close: () => store.close() });
});
