// Which partition a key goes to, as the Java client decides it: the same key lands beside itself whoever produces it.
import { byteAt, wordAt } from './bytes.ts';

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** MurmurHash2 with the Java client's seed (org.apache.kafka.common.utils.Utils.murmur2). Signed, as in Java. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  const wordsEnd = length - (length % 4);
  for (let at = 0; at < wordsEnd; at += 4) {
    let word = Math.imul(wordAt(bytes, at), MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  if (wordsEnd < length) {
    let rest = 0;
    for (let at = length - 1; at >= wordsEnd; at--) rest = (rest << 8) | byteAt(bytes, at);
    hash = Math.imul(hash ^ rest, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition of a key, which may be empty: `toPositive(murmur2(key)) % partitions`. `partitions` is at least 1. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/**
 * The partition for the next run of records without a key: one after another, so that each gets its share.
 * `previous` is -1 before the first. How long a run is (a record, a batch) is the caller's choice.
 */
export function nextPartition(previous: number, partitions: number): number {
  return (previous + 1) % partitions;
}
