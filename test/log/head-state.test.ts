// What follows from a view of a head: judging producers, the one write of an append, and what a roll moves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendUpdate,
  chooseSpills,
  findBatch,
  findEntry,
  judge,
  SEQUENCES,
  stateAfter,
} from '../../lib/log/head-state.ts';
import { AWS_LIMITS } from '../../lib/log/limits.ts';
import { applyActions, holds } from '../../lib/storage/embedded/evaluate.ts';
import { remove, set } from '../../lib/storage/ports/action.ts';
import { newHeadItem, readHead } from '../../lib/storage/schema/head.ts';
import { packProducerState, type ProducerState } from '../../lib/storage/schema/producer-state.ts';
import { packTailEntry, type ProducerBatch } from '../../lib/storage/schema/tail-entry.ts';
import type { Item } from '../../lib/storage/ports/item-store.ts';

const batchOf = (baseSequence: number, recordCount: number, producerEpoch = 0): ProducerBatch => ({
  ...{ recordsBefore: 0, recordCount, producerId: 1n, producerEpoch, baseSequence },
});

const sequences = fc.oneof(
  fc.nat(50),
  fc.integer({ min: SEQUENCES - 50, max: SEQUENCES - 1 }),
  fc.nat(SEQUENCES - 1),
);
const counts = fc.integer({ min: 1, max: 20 });

describe('judging', () => {
  it('takes a run of batches in order, and calls each of them a duplicate after', () => {
    fc.assert(
      fc.property(sequences, fc.array(counts, { minLength: 1, maxLength: 10 }), (first, sizes) => {
        let state: ProducerState | undefined;
        let next = first;
        const sent: ProducerBatch[] = [];
        for (const size of sizes) {
          const batch = batchOf(next, size);
          expect(judge(state, batch)).toBe('next');
          state = stateAfter(state, batch, 7);
          next = (next + size) % SEQUENCES;
          sent.push(batch);
          expect(sent.map((each) => judge(state, each))).toEqual(sent.map(() => 'duplicate'));
          expect(judge(state, batchOf((next + 1) % SEQUENCES, 1))).toBe('out-of-order');
        }
        expect(state).toMatchObject({ isWhole: first === 0, fence: 7 });
        expect(state?.lastSequence).toBe((next - 1 + SEQUENCES) % SEQUENCES);
      }),
    );
  });

  it('fences earlier epochs, and begins later ones at 0', () => {
    const state = stateAfter(undefined, batchOf(5, 1, 3), 0);
    expect(judge(state, batchOf(6, 1, 2))).toBe('fenced');
    expect(judge(state, batchOf(6, 1, 4))).toBe('out-of-order');
    expect(judge(state, batchOf(0, 1, 4))).toBe('next');
    expect(stateAfter(state, batchOf(0, 1, 4), 0).isWhole).toBe(true);
    expect(stateAfter(state, batchOf(6, 1, 3), 0).isWhole).toBe(false);
  });
});

const entryOf = (id: number, recordCount: number, producerBatches: readonly ProducerBatch[] = []) =>
  packTailEntry({
    ...{ entryId: new Uint8Array(16).fill(id), recordCount, writtenAtMinutes: 1, maxTimestampMs: 0 },
    ...{ byteLength: 1, isSmallObject: false, inline: undefined, producerBatches },
  });

describe('finding', () => {
  it('answers where an entry begins, or that it is not there', () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 12 }), fc.nat(1000), (sizes, start) => {
        const tail = sizes.map((size, at) => entryOf(at, size));
        let offset = start;
        for (const [at, size] of sizes.entries()) {
          expect(findEntry(start, tail, new Uint8Array(16).fill(at))).toBe(offset);
          offset += size;
        }
        expect(findEntry(start, tail, new Uint8Array(16).fill(99))).toBeUndefined();
      }),
    );
  });

  it('tells batches apart by producer, epoch and sequence', () => {
    const own = { ...batchOf(4, 2, 1), recordsBefore: 3 };
    const tail = [entryOf(1, 5), entryOf(2, 5, [batchOf(4, 2), own]), entryOf(3, 1)];
    expect(findBatch(100, tail, own)).toBe(108);
    expect(findBatch(100, tail, batchOf(4, 2))).toBe(105);
    for (const other of [{ producerId: 2n }, { producerEpoch: 2 }, { baseSequence: 5 }])
      expect(findBatch(100, tail, { ...own, ...other })).toBeUndefined();
  });
});

describe('the write of an append', () => {
  const entry = entryOf(7, 3);
  const before = stateAfter(undefined, batchOf(0, 1), 0);
  const after = stateAfter(before, batchOf(1, 3), 10);
  const known = packProducerState(before);
  const head: Item = {
    ...newHeadItem('t:0'),
    ...{ n: 10, ts: 4, t: [entryOf(1, 6)], sp: 2, p: { a: known } },
  };
  const view = { nextSeen: 10, spillsSeen: 2 };
  const byHead = appendUpdate(entry, 3, view, [{ key: 'a', packedState: known, after }], AWS_LIMITS);
  const byRow = appendUpdate(entry, 3, view, [{ key: 'b', packedState: undefined, after }], AWS_LIMITS);
  const plain = appendUpdate(entry, 3, view, [], AWS_LIMITS);

  it('raises next, adds the entry and records the producer', () => {
    expect(holds(byHead.condition, head)).toBe(true);
    expect(readHead(applyActions(head, byHead.actions))).toMatchObject({
      ...{ next: 13, tailStart: 4, tail: [entryOf(1, 6), entry] },
      producers: { a: packProducerState(after) },
    });
    expect(holds(byRow.condition, head)).toBe(true);
    expect(Object.keys(readHead(applyActions(head, byRow.actions)).producers)).toEqual(['a', 'b']);
  });

  const other = packProducerState({ ...before, fence: 1 });
  const REFUSALS = [
    ['contains', plain, [set('t', [entryOf(1, 6), entry])]],
    ['fence', plain, [set('ts', 11)]],
    ['retired', plain, [set('d', true)]],
    [
      'a full tail',
      plain,
      [
        set(
          't',
          Array.from({ length: 48 }, (_, at) => entryOf(at + 20, 1)),
        ),
      ],
    ],
    ['wholeState', byHead, [set(['p', 'a'], other)]],
    ['a state that was spilled', byHead, [remove(['p', 'a'])]],
    ['spillFence', byRow, [set('sp', 3)]],
    ['spillAbsent', byRow, [set(['p', 'b'], other)]],
  ] as const;

  it.each(REFUSALS)('is refused: %s', (_rule, { condition }, change) => {
    expect(holds(condition, applyActions(head, change))).toBe(false);
  });

  it('is not refused where the tail starts at what was seen, or spills concern nobody', () => {
    expect(holds(plain.condition, applyActions(head, [set('ts', 10)]))).toBe(true);
    expect(holds(plain.condition, applyActions(head, [set('sp', 3)]))).toBe(true);
    expect(holds(byHead.condition, applyActions(head, [set('sp', 3)]))).toBe(true);
  });
});

describe('spilling', () => {
  it('moves the least recently used, until half of the room is left, and none before it is needed', () => {
    const fences = fc.array(fc.nat(2 ** 40), { maxLength: 60 });
    fc.assert(
      fc.property(fences, fc.integer({ min: 20, max: 600 }), (all, producersBytesMax) => {
        const packed = all.map((fence, at) => [
          `p${at}`,
          packProducerState({ producerEpoch: 0, lastSequence: at, fence, isWhole: true }),
        ]);
        const producers = Object.fromEntries(packed) as Record<string, Uint8Array>;
        const bytesOf = (keys: readonly string[]) =>
          keys.reduce((sum, key) => sum + key.length + (producers[key]?.length ?? 0) + 1, 0);
        const view = { ...readHead(newHeadItem('t:0')), producers };
        const spilled = chooseSpills(view, { ...AWS_LIMITS, producersBytesMax });
        if (bytesOf(Object.keys(producers)) <= producersBytesMax) {
          expect(spilled).toEqual([]);
          return;
        }
        const kept = Object.keys(producers).filter((key) => !spilled.includes(key));
        const fenceOf = (key: string) => all[Number(key.slice(1))] ?? 0;
        const [latest, earliest] = [spilled.map(fenceOf), kept.map(fenceOf)];
        expect(Math.max(...latest)).toBeLessThanOrEqual(Math.min(...earliest, Infinity));
        expect(spilled.length === 32 || bytesOf(kept) <= producersBytesMax / 2).toBe(true);
        expect(bytesOf(kept) + bytesOf(spilled.slice(-1))).toBeGreaterThan(producersBytesMax / 2);
      }),
    );
  });
});
