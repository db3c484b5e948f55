// Reading on with what earlier reads have learned: the same batches, and no byte of an object read in vain.
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchPlaces } from '../../lib/log/batch-places.ts';
import { Log } from '../../lib/log/log.ts';
import { splitBatches, type BatchSlice } from '../../lib/record/batch-header.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { PARTITION_ID, SMALL_LIMITS } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';
import type { ObjectStore } from '../../lib/storage/ports/object-store.ts';

/** Batches of about 150 to 600 bytes, many of them in one entry. */
function batchesOf(entry: number): readonly BatchSlice[] {
  return Array.from({ length: 12 }, (_, at) => {
    const value = Buffer.from(`${entry}-${at}`.padEnd(150 * (1 + (at % 4)), '.'));
    const records = Array.from({ length: 1 + (at % 2) }, () => ({
      key: null,
      headers: [],
      timestampMs: 1,
      value,
    }));
    return splitBatches(encodeBatch(records))[0] as BatchSlice;
  });
}

/** A log over the same stores that learns places, and how many bytes of objects it has read. */
function readerOf({ deps }: Process) {
  const read = { bytes: 0 };
  const objects: ObjectStore = {
    ...deps.objects,
    get: async (key, range) => {
      const bytes = await deps.objects.get(key, range);
      read.bytes += bytes?.length ?? 0;
      return bytes;
    },
  };
  return { log: new Log({ ...deps, objects, places: new BatchPlaces() }), read };
}

/** Everything from `offset` on, as so many reads answer it. */
async function readOn(log: Log, maxBytes: number, from = 0): Promise<readonly BatchSlice[]> {
  const all: BatchSlice[] = [];
  for (let offset = from; ;) {
    const { batches, highWatermark } = await log.read(PARTITION_ID, { offset, maxBytes });
    all.push(...batches);
    const last = batches.at(-1)?.header;
    if (!last) {
      expect(offset).toBe(highWatermark);
      return all;
    }
    offset = last.baseOffset + last.recordCount;
  }
}

const bytesOf = (batches: readonly BatchSlice[]) => Buffer.concat(batches.map(({ bytes }) => bytes));

describe.each(['entries', 'segments'])('of %s', (where) => {
  let process: Process;
  let expected: Buffer;
  let batches: readonly BatchSlice[];
  beforeAll(async () => {
    const world = await World.open({ limits: { ...SMALL_LIMITS, indexIntervalBytes: 2_000 } });
    process = world.start();
    for (let entry = 0; entry < 6; entry++) await process.log.append(PARTITION_ID, batchesOf(entry));
    await process.log.settle();
    if (where === 'segments') await process.log.seal(PARTITION_ID, { all: true });
    batches = await readOn(process.log, 1_000_000);
    expected = bytesOf(batches);
    expect(batches).toHaveLength(6 * 12);
  });

  it.each([1, 100, 700, 1_300, 5_000, 1_000_000])('in order, with %d bytes at most', async (maxBytes) => {
    const { log, read } = readerOf(process);
    const found = await readOn(log, maxBytes);
    expect(bytesOf(found).equals(expected)).toBe(true);
    expect(found.map(({ header }) => header)).toEqual(batches.map(({ header }) => header));
    // What is cut off at a read's end is read again, which is less than half where no batch is larger than that.
    if (maxBytes >= 1_300) expect(read.bytes).toBeLessThan(expected.length * 2);
  });

  it('from the middle of a batch and of an entry, known or not', async () => {
    const { log } = readerOf(process);
    for (const round of [1, 2]) {
      for (const { header } of batches) {
        const offset = header.baseOffset + header.recordCount - 1;
        const found = await log.read(PARTITION_ID, { offset, maxBytes: 700 });
        expect([round, found.batches[0]?.header]).toEqual([round, header]);
      }
    }
  });
});
