// Stored values come back as they were; what is cut off or of an unknown format is refused, never misread.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemBytes } from '../../../lib/storage/item-size.ts';
import { CLUSTER_KEY, clusterItem, readCluster } from '../../../lib/storage/schema/cluster.ts';
import {
  HEAD,
  headBytes,
  newHeadItem,
  parsePartitionId,
  partitionIdOf,
  readHead,
} from '../../../lib/storage/schema/head.ts';
import {
  logStateItem,
  logStateKey,
  padOffset,
  pageItem,
  pageOf,
  pageSortKey,
  readLogState,
  readPage,
  readSegment,
  segmentItem,
} from '../../../lib/storage/schema/log-index.ts';
import { Packer, Unpacker } from '../../../lib/storage/schema/packing.ts';
import { checked } from '../../../lib/storage/schema/producer-id.ts';
import {
  packProducerState,
  producerKey,
  spilledItem,
  spilledState,
  unpackProducerState,
} from '../../../lib/storage/schema/producer-state.ts';
import { readSmallObject, smallObjectItem } from '../../../lib/storage/schema/small-object.ts';
import {
  dayOf,
  entryIdOf,
  packTailEntry,
  unpackTailEntry,
  type TailEntry,
} from '../../../lib/storage/schema/tail-entry.ts';
import {
  abandonedTopicItem,
  createTopicWrites,
  deleteTopicWrites,
  readDeletion,
  readTopicById,
  readTopicByName,
} from '../../../lib/storage/schema/topic.ts';
import type { Item, TransactWrite } from '../../../lib/storage/ports/item-store.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** Sizes by orders of magnitude, up to what an offset may be. */
const sizes = fc.oneof(fc.nat(300), fc.maxSafeNat());
const counts = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const ids = fc.uint8Array({ minLength: 16, maxLength: 16 });
const timestamps = fc.integer({ min: 0, max: 2 ** 45 });

const producerBatches = fc.record({
  recordsBefore: fc.nat(),
  recordCount: counts,
  producerId: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
  producerEpoch: fc.nat(32_767),
  baseSequence: fc.nat(2 ** 31 - 1),
});

const entries: fc.Arbitrary<TailEntry> = fc
  .record({
    entryId: ids,
    recordCount: counts,
    writtenAtMinutes: fc.nat(2 ** 31),
    maxTimestampMs: timestamps,
    byteLength: fc.nat(5_000_000),
    isSmallObject: fc.boolean(),
    inline: fc.option(fc.uint8Array({ maxLength: 600 }), { nil: undefined }),
    sharedPosition: fc.option(fc.nat(5_000_000), { nil: undefined }),
    producerBatches: fc.array(producerBatches, { maxLength: 4 }),
  })
  .map(({ sharedPosition, ...entry }) => ({
    ...entry,
    ...(sharedPosition !== undefined && !entry.inline && { sharedPosition, isSmallObject: false }),
    ...(entry.inline && { byteLength: entry.inline.length, isSmallObject: false }),
  }));

const states = fc.record({
  producerEpoch: fc.nat(32_767),
  lastSequence: fc.nat(2 ** 31 - 1),
  fence: fc.maxSafeNat(),
  isWhole: fc.boolean(),
});

describe('packed integers', () => {
  it('come back, one after the other, from any capacity', () => {
    const signed = fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(sizes, signed)), fc.nat(8), (pairs, capacity) => {
        const packer = new Packer(capacity);
        for (const [one, other] of pairs) packer.unsigned(one).signed(other);
        const unpacker = new Unpacker('pairs', packer.raw(Uint8Array.of(7)).finish());
        expect(pairs.map(() => [unpacker.unsigned(), unpacker.signed()])).toEqual(pairs);
        expect([unpacker.isAtEnd, unpacker.byte(), unpacker.isAtEnd]).toEqual([false, 7, true]);
      }),
    );
  });

  it('take one byte below 128, and two below 16,384', () => {
    const length = (value: number) => new Packer().unsigned(value).finish().length;
    expect([0, 127, 128, 16_383, 16_384].map(length)).toEqual([1, 1, 2, 2, 3]);
  });

  it('that are cut off are refused', () => {
    const cutOff = () => new Unpacker('a size', Uint8Array.of(0x80)).unsigned();
    expect(cutOff).toThrow('a size is cut off after 1 bytes');
    expect(() => new Unpacker('a name', Uint8Array.of(1)).raw(2)).toThrow('a name is cut off');
  });
});

describe('a tail entry', () => {
  it('comes back, and says its id and day', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const packed = packTailEntry(entry);
        expect(unpackTailEntry(packed)).toEqual(entry);
        expect(Buffer.compare(entryIdOf(packed), entry.entryId)).toBe(0);
        expect(dayOf(entry)).toBe(Math.floor((entry.writtenAtMinutes * 60_000) / 86_400_000));
      }),
    );
  });

  it('is refused wherever it is cut off', () => {
    fc.assert(
      fc.property(entries, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (entry, share) => {
        const packed = packTailEntry(entry);
        const cut = packed.subarray(0, Math.floor(packed.length * share));
        expect(() => unpackTailEntry(cut)).toThrow(/is cut off/);
      }),
    );
  });
});

describe('a producer state', () => {
  it('comes back, packed and spilled', () => {
    fc.assert(
      fc.property(states, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (state, producerId) => {
        expect(unpackProducerState(packProducerState(state))).toEqual(state);
        const item = spilledItem('t:0', producerKey(producerId), state, NOW_MS);
        expect(item).toMatchObject({ pk: 'state#t:0', sk: producerId.toString(36) });
        expect(spilledState(item, NOW_MS - 1)).toEqual(state);
        expect(spilledState(item, NOW_MS)).toBeUndefined();
      }),
    );
  });

  it('of a usual producer takes few bytes of the head', () => {
    const state = { producerEpoch: 0, lastSequence: 100_000, fence: 1_000_000, isWhole: true };
    expect(packProducerState(state).length).toBe(8);
  });
});

describe('a head', () => {
  it('is empty at first', () => {
    expect(readHead(newHeadItem('t:3'))).toEqual({
      ...{ partitionId: 't:3', next: 0, tailStart: 0, tail: [], sealedEnd: 0, startOffset: 0 },
      ...{ producers: {}, spills: 0, unsealedSinceMinutes: undefined, leaderEpoch: 0, isRetired: false },
    });
  });

  it('in use tells its size nearly as DynamoDB bills it, and not less', () => {
    fc.assert(
      fc.property(
        fc.array(entries, { maxLength: 12 }),
        fc.dictionary(fc.stringMatching(/^[a-z0-9]{1,8}$/), states, { maxKeys: 8, noNullPrototype: true }),
        fc.integer({ min: 100_000, max: 2 ** 40 }),
        (tail, producers, next) => {
          const packed = Object.entries(producers).map(([key, state]) => [key, packProducerState(state)]);
          const item = {
            ...newHeadItem('AAAAAAAAAAAAAAAAAAAAAA:0'),
            ...{
              [HEAD.next]: next,
              [HEAD.tailStart]: next,
              [HEAD.sealedEnd]: next,
              [HEAD.unsealedSince]: 29_453_760,
            },
            [HEAD.tail]: tail.map(packTailEntry),
            [HEAD.producers]: Object.fromEntries(packed) as Item,
          };
          const error = headBytes(readHead(item)) - itemBytes(item);
          expect(error).toBeGreaterThanOrEqual(0);
          expect(error).toBeLessThanOrEqual(48);
        },
      ),
    );
  });

  it('is named by topic id and partition', () => {
    fc.assert(
      fc.property(fc.nat(), (partition) => {
        const partitionId = partitionIdOf('aB-_x', partition);
        expect(parsePartitionId(partitionId)).toEqual({ topicId: 'aB-_x', partition });
      }),
    );
  });
});

describe('rows of the log index', () => {
  it('sort as their offsets do', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        expect(padOffset(a) < padOffset(b)).toBe(a < b);
        expect(pageSortKey(a) < pageSortKey(b)).toBe(a < b);
      }),
    );
  });

  it('come back: pages', () => {
    fc.assert(
      fc.property(
        fc.array(entries, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(5),
        (all, start, keep) => {
          const tail = all.map(packTailEntry);
          const count = Math.max(1, tail.length - keep);
          const page = pageOf(start, tail, count);
          const records = all.slice(0, count).reduce((sum, { recordCount }) => sum + recordCount, 0);
          expect(page).toEqual({
            startOffset: start,
            endOffset: start + records,
            tail: tail.slice(0, count),
          });
          const item = pageItem('t:0', page, NOW_MS + 1);
          expect(item['expires']).toBe(NOW_MS / 1000 + 1);
          expect(readPage(item)).toEqual(page);
        },
      ),
    );
    expect(() => pageOf(0, [], 0)).toThrow('at least one record');
  });

  it('come back: segments with their index', () => {
    const steps = fc.array(fc.tuple(fc.nat(2 ** 26), fc.nat(2 ** 20), timestamps), {
      minLength: 1,
      maxLength: 64,
    });
    fc.assert(
      fc.property(steps, fc.nat(2 ** 40), (all, baseOffset) => {
        let [position, offset] = [0, baseOffset];
        const index = all.map(([bytes, records, maxTimestampMs], at) => {
          if (at > 0) [position, offset] = [position + bytes, offset + records];
          return { position, baseOffset: offset, maxTimestampMs };
        });
        const segment = {
          ...{ baseOffset, endOffset: offset + 1, objectKey: 'segments/a', bytes: position + 9, index },
          ...{ batchCount: all.length, maxTimestampMs: 5, sealedAtMinutes: 7 },
        };
        expect(readSegment(segmentItem('t:0', segment))).toEqual(segment);
      }),
    );
  });

  it('come back: the state, also where there is none', () => {
    const state = { sealedEnd: 9, startOffset: 2, version: 4 };
    expect(readLogState(logStateItem('t:0', state))).toEqual({ ...state, isRetired: false });
    expect(readLogState(undefined)).toEqual({ sealedEnd: 0, startOffset: 0, version: 0, isRetired: false });
    expect(readLogState({ ...logStateKey('t:0'), f: 1, r: true })).toMatchObject({ isRetired: true });
  });
});

const topic = { name: 't', topicId: 'id', partitions: 3, configs: { a: 'b' }, createdAtMs: NOW_MS };
const itemOf = (write: TransactWrite | undefined): Item => {
  if (write?.kind !== 'put') throw new Error('no put');
  return write.item;
};
const [byName, byId] = createTopicWrites(topic).map(itemOf);
const deletion = itemOf(deleteTopicWrites(topic)[2]);

describe('other records', () => {
  it('come back: topics, and deletions', () => {
    expect(readTopicByName(byName ?? {})).toEqual(topic);
    expect(readTopicById(byId ?? {})).toEqual({ state: 'live', topic });
    expect(readTopicById(itemOf(deleteTopicWrites(topic)[1]))).toEqual({
      state: 'deleting',
      topic: undefined,
    });
    expect(readTopicById(abandonedTopicItem('id', 't'))).toEqual({ state: 'deleted', topic: undefined });
    expect(readDeletion(deletion)).toEqual({ topicId: 'id', name: 't', partitions: 3 });
  });

  it('come back: the cluster and small objects', () => {
    const cluster = { clusterId: 'c', formatLevel: 1, createdAtMs: NOW_MS };
    expect(clusterItem(cluster)).toMatchObject(CLUSTER_KEY);
    expect(readCluster(clusterItem(cluster))).toEqual(cluster);
    const object = { key: 'hot/s/a', bytes: Uint8Array.of(1, 2), writtenAtMs: NOW_MS };
    expect(readSmallObject(smallObjectItem(object, NOW_MS))).toEqual(object);
  });
});

describe('a format that is not known', () => {
  const state = { producerEpoch: 0, lastSequence: 0, fence: 0, isWhole: true };
  const entry = fc.sample(entries, { numRuns: 1, seed: 1 }).map(packTailEntry)[0] ?? new Uint8Array();
  const page = { startOffset: 0, endOffset: 1, tail: [] };
  const segment = { baseOffset: 0, endOffset: 1, objectKey: 'a', bytes: 1, batchCount: 1, maxTimestampMs: 0 };
  const segmentRow = segmentItem('t:0', { ...segment, sealedAtMinutes: 0, index: [] });
  const newer = (bytes: Uint8Array) => Uint8Array.of(3, ...bytes.subarray(1));
  const READERS: readonly (readonly [string, () => unknown])[] = [
    ['a head', () => readHead({ ...newHeadItem('t:0'), f: 2 })],
    ['a page', () => readPage({ ...pageItem('t:0', page, 0), f: 2 })],
    ['a segment', () => readSegment({ ...segmentRow, f: 2 })],
    ['a segment index', () => readSegment({ ...segmentRow, i: Uint8Array.of(2) })],
    ['a log state', () => readLogState({ ...logStateKey('t:0'), f: 2 })],
    ['a tail entry', () => unpackTailEntry(newer(entry))],
    ['a producer state', () => unpackProducerState(newer(packProducerState(state)))],
    ['a spilled producer state', () => spilledState({ ...spilledItem('t:0', '1', state, NOW_MS), f: 2 }, 0)],
    ['a topic by name', () => readTopicByName({ ...byName, f: 2 })],
    ['a topic by id', () => readTopicById({ ...byId, f: 2 })],
    ['a deletion', () => readDeletion({ ...deletion, f: 2 })],
    ['the cluster', () => readCluster({ ...CLUSTER_KEY, f: 2 })],
    ['a small object', () => readSmallObject({ pk: 'a', f: 2 })],
    ['the producer ids', () => checked({ pk: 'ids', f: 2 })],
  ];

  it.each(READERS)('is refused: %s', (_what, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_VERSION', retriable: false }));
  });
});
