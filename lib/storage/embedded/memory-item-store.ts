// The embedded item store without a disk: for tests, simulations and the cost meter. It forgets everything at its end.
import { EmbeddedItemStore } from './embedded-item-store.ts';
import { MemoryTables } from './memory-tables.ts';
import type { Clock } from '../../base/clock.ts';

/**
 * An empty store in memory, with the semantics of the embedded one. It uses no timer: writes are answered in microtasks,
 * in the order of the calls, so that a simulation is deterministic. `clock` is for the life of request ids only.
 */
export function createMemoryItemStore({ clock }: { readonly clock: Clock }): EmbeddedItemStore {
  return new EmbeddedItemStore(new MemoryTables(), { clock, soon: queueMicrotask });
}
