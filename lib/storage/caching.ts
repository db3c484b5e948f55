// A decorator that keeps objects that were read in memory, up to a number of bytes. Objects never change, so it is simple.
import { LRUCache } from 'lru-cache';
import type { ByteRange, ObjectStore } from './ports/object-store.ts';

export interface CacheOptions {
  /** Of the bytes that are kept. */
  readonly bytesMax: number;
  /** A longer answer is passed on and not kept. Default: an eighth of `bytesMax`. */
  readonly answerBytesMax?: number;
}

/** What an entry costs beside its bytes: its key, and the cache's own bookkeeping. */
const ENTRY_BYTES = 256;

/**
 * An ObjectStore that answers what it has read before without asking `inner`, and asks once for what several want at the
 * same time. Ranges are kept as they were asked for; an object that was read whole answers all its ranges. Answers are
 * copies and belong to the caller. What was deleted through this store is forgotten; what others delete may still be
 * answered. That there is no object is never remembered. Closing closes `inner`.
 */
export function cacheObjects(inner: ObjectStore, options: CacheOptions): ObjectStore {
  const { bytesMax, answerBytesMax = Math.floor(bytesMax / 8) } = options;
  const answers = new LRUCache<string, Uint8Array>({
    maxSize: bytesMax,
    sizeCalculation: (bytes) => bytes.length + ENTRY_BYTES,
    dispose: (_bytes, name, reason) => {
      if (reason !== 'set') forgetName(names, name);
    },
  });
  const names = new Map<string, Set<string>>();
  const underWay = new Map<string, Promise<Uint8Array | undefined>>();

  const read = async (key: string, range: ByteRange | undefined, name: string) => {
    const bytes = await inner.get(key, range);
    // A delete that was called meanwhile has taken the name away.
    if (bytes && bytes.length <= answerBytesMax && underWay.has(name)) {
      answers.set(name, bytes);
      if (answers.has(name)) names.set(key, (names.get(key) ?? new Set()).add(name));
    }
    return bytes;
  };
  const readOnce = (key: string, range: ByteRange | undefined, name: string) => {
    let reading = underWay.get(name);
    if (!reading) {
      reading = read(key, range, name).finally(() => {
        if (underWay.get(name) === reading) underWay.delete(name);
      });
      underWay.set(name, reading);
    }
    return reading;
  };
  return {
    put: (key, contents) => inner.put(key, contents),
    async get(key, range) {
      const whole = answers.get(nameOf(key));
      if (whole) return range ? whole.slice(range.start, range.end) : whole.slice();
      const name = nameOf(key, range);
      const bytes = answers.get(name) ?? (await readOnce(key, range, name));
      return bytes?.slice();
    },
    list: (prefix, after, limit) => inner.list(prefix, after, limit),
    async delete(keys) {
      for (const key of keys) {
        for (const name of names.get(key) ?? []) answers.delete(name);
        for (const name of underWay.keys()) if (keyOf(name) === key) underWay.delete(name);
      }
      await inner.delete(keys);
    },
    async close() {
      answers.clear();
      await inner.close();
    },
  };
}

/** Keys have no blank, so the name of a key's range tells the key. */
const nameOf = (key: string, range?: ByteRange): string =>
  range ? `${key} ${range.start}-${range.end}` : key;

const keyOf = (name: string): string => name.split(' ', 1)[0] ?? name;

function forgetName(names: Map<string, Set<string>>, name: string): void {
  const key = keyOf(name);
  const ofKey = names.get(key);
  ofKey?.delete(name);
  if (ofKey?.size === 0) names.delete(key);
}
