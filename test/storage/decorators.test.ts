// Every decorator passes the conformance suite of the port it decorates, under faults that it is to hide.
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { cacheObjects } from '../../lib/storage/caching.ts';
import { createFaultyProcess, throttling, unavailable, type FaultPlan } from '../../lib/storage/faulty.ts';
import { createMeter, meterItems, meterObjects } from '../../lib/storage/metered.ts';
import { retryItems, retryObjects } from '../../lib/storage/retrying.ts';
import { describeItemStore } from '../conformance/item-store.ts';
import { describeObjectStore } from '../conformance/object-store.ts';
import type { Clock } from '../../lib/base/clock.ts';

let nowMs = 1_700_000_000_000;
const clock: Clock = {
  now: () => nowMs,
  sleep: (durationMs) => {
    nowMs += durationMs;
    return Promise.resolve();
  },
};
const dice = { random: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
const retries = { clock, dice, budgetMs: 60_000 };

/** Every third request is throttled, every fifth meets a store that is not available. */
const busy: FaultPlan = ({ callNumber }) => {
  if (callNumber % 3 === 0) return throttling();
  return callNumber % 5 === 0 ? unavailable() : undefined;
};

describeItemStore('retrying, over a busy memory', () => {
  const store = retryItems(createFaultyProcess(busy).items(createMemoryItemStore({ clock })), retries);
  return Promise.resolve({ store, close: () => store.close() });
});

describeItemStore('metered memory', () => {
  const store = meterItems(createMemoryItemStore({ clock }), createMeter());
  return Promise.resolve({ store, close: () => store.close() });
});

describeObjectStore('cached and metered, over a busy memory', () => {
  const faulty = createFaultyProcess(busy).objects(createMemoryObjectStore({ clock }));
  const store = cacheObjects(meterObjects(retryObjects(faulty, retries), createMeter()), {
    bytesMax: 4_000_000,
  });
  return Promise.resolve({ store, close: () => store.close() });
});
