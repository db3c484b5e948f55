// The Java client's own vectors, and agreement with two clients' murmur2.
import { createRequire } from 'node:module';
import { murmur2 as platformaticMurmur2 } from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { murmur2, nextPartition, partitionForKey } from '../../lib/record/partitioner.ts';
import { bytes } from './arbitraries.ts';

const require = createRequire(import.meta.url);
const kafkajsMurmur2 = require('kafkajs/src/producer/partitioners/default/murmur2') as (
  key: Buffer,
) => number;

const VECTORS = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
] as const;

describe('murmur2', () => {
  test.each(VECTORS)('of %s', (key, expected) => {
    expect(murmur2(Buffer.from(key))).toBe(expected);
  });

  test('agrees with kafkajs and platformatic', () => {
    fc.assert(
      fc.property(bytes(70), (key) => {
        expect(murmur2(key)).toBe(kafkajsMurmur2(Buffer.from(key)) | 0);
        expect(murmur2(key)).toBe(platformaticMurmur2(Buffer.from(key)) | 0);
      }),
    );
  });

  test('reads a view where it lies', () => {
    expect(murmur2(Buffer.from('xxfoobarxx').subarray(2, 8))).toBe(-790332482);
  });
});

describe('partitions', () => {
  test.each(VECTORS)('of key %s is what Java computes', (key, hash) => {
    expect(partitionForKey(Buffer.from(key), 7)).toBe((hash & 0x7fffffff) % 7);
  });

  test('a key has a partition, also an empty one', () => {
    fc.assert(
      fc.property(bytes(30), fc.integer({ min: 1, max: 2000 }), (key, partitions) => {
        const partition = partitionForKey(key, partitions);
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      }),
    );
    expect(partitionForKey(new Uint8Array(0), 1)).toBe(0);
  });

  test('records without a key take turns', () => {
    const taken: number[] = [];
    for (let at = -1; taken.length < 7;) taken.push((at = nextPartition(at, 3)));
    expect(taken).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });
});
