// Memory that is given back is taken again, by one at a time.
import { describe, expect, it } from 'vitest';
import { BytePool } from '../../lib/base/byte-pool.ts';

const KIB = 1024;

describe('a pool', () => {
  it('gives the same block again once it was given back, by a view of any part of it', () => {
    const pool = new BytePool(1024 * KIB);
    const first = pool.take(100 * KIB);
    expect([first.length, first.buffer.byteLength]).toEqual([100 * KIB, 128 * KIB]);
    expect(pool.take(100 * KIB).buffer).not.toBe(first.buffer);
    pool.giveBack(first.subarray(10, 20));
    expect(pool.freeBytes).toBe(128 * KIB);
    const again = pool.take(128 * KIB);
    expect([again.buffer === first.buffer, again.length, pool.freeBytes]).toEqual([true, 128 * KIB, 0]);
  });

  it('takes each block back once, and nothing that is not its own', () => {
    const pool = new BytePool(1024 * KIB);
    const block = pool.take(64 * KIB);
    pool.giveBack(block);
    pool.giveBack(block);
    pool.giveBack(new Uint8Array(64 * KIB));
    pool.giveBack(Buffer.from('of a pool of Node itself'));
    expect(pool.freeBytes).toBe(64 * KIB);
    expect(pool.take(64 * KIB).buffer).not.toBe(pool.take(64 * KIB).buffer);
  });

  it('keeps no more than it may, and neither small nor huge blocks', () => {
    const pool = new BytePool(100 * KIB);
    const blocks = [64, 64, 128].map((kib) => pool.take(kib * KIB));
    for (const block of blocks) pool.giveBack(block);
    expect(pool.freeBytes).toBe(64 * KIB);
    for (const bytes of [0, 1, KIB, 9_000 * KIB]) {
      const taken = pool.take(bytes);
      expect(taken.buffer.byteLength).toBe(bytes);
      pool.giveBack(taken);
    }
    expect(pool.freeBytes).toBe(64 * KIB);
  });
});
