// The object port over a Map: for tests, simulations and the cost meter. It forgets everything at its end.
import { assert } from '../../base/assert.ts';
import { checkObjectKey } from '../object-key.ts';
import type { Clock } from '../../base/clock.ts';
import { wholeOf, type ObjectStore } from '../ports/object-store.ts';

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly lastModifiedMs: number;
}

/** An empty object store in memory. It uses no timer. */
export function createMemoryObjectStore({ clock }: { readonly clock: Clock }): ObjectStore {
  const objects = new Map<string, StoredObject>();
  return {
    async put(key, contents) {
      checkObjectKey(key);
      objects.set(key, { bytes: new Uint8Array(wholeOf(contents)), lastModifiedMs: clock.now() });
      return Promise.resolve();
    },
    async get(key, range) {
      checkObjectKey(key);
      const bytes = objects.get(key)?.bytes;
      return Promise.resolve(range ? bytes?.slice(range.start, range.end) : bytes?.slice());
    },
    async list(prefix, after, limit) {
      assert(limit >= 1, `limit ${limit}, at least 1`);
      const isListed = (key: string) => key.startsWith(prefix) && (after === undefined || key > after);
      // Keys are ASCII, so that the order of UTF-16 is that of UTF-8.
      const keys = [...objects.keys()].filter(isListed).sort().slice(0, limit);
      return Promise.resolve(
        keys.flatMap((key) => {
          const object = objects.get(key);
          return object ? [{ key, bytes: object.bytes.length, lastModifiedMs: object.lastModifiedMs }] : [];
        }),
      );
    },
    async delete(keys) {
      keys.forEach(checkObjectKey);
      for (const key of keys) objects.delete(key);
      return Promise.resolve();
    },
    async close() {
      objects.clear();
      return Promise.resolve();
    },
  };
}
