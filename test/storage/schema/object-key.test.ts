// Keys of objects: their forms, what is read off them, and what is not taken for one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUuid } from '../../../lib/base/dice.ts';
import {
  HOT_PREFIX,
  hotObjectKey,
  isSmallObjectKey,
  parseObjectKey,
  segmentKey,
  segmentPrefix,
} from '../../../lib/storage/schema/object-key.ts';

const id = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
const uuid = '00112233-4455-6677-8899-aabbccddeeff';
const lastDay = Date.UTC(9999, 11, 31) / 86_400_000;

describe('object keys', () => {
  it('say which day and which store', () => {
    expect(hotObjectKey(0, id, false)).toBe(`hot/1970-01-01/${uuid}`);
    expect(hotObjectKey(20_781, id, true)).toBe(`hot/s/2026-11-24/${uuid}`);
    expect(hotObjectKey(lastDay, id, false)).toBe(`hot/9999-12-31/${uuid}`);
  });

  it('of segments sort by base offset', () => {
    expect(segmentKey('T-1', 12, 345, uuid)).toBe(`segments/T-1/12/00000000000000000345-${uuid}.log`);
    const offsets = [0, 9, 10, 99, 2 ** 40, Number.MAX_SAFE_INTEGER];
    const keys = offsets.map((offset) => segmentKey('t', 0, offset, uuid));
    expect(keys.toSorted()).toEqual(keys);
  });

  it('of hot objects are read back', () => {
    const days = fc.integer({ min: 0, max: lastDay });
    const ids = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(days, ids, fc.boolean(), (dayNumber, bytes, isSmall) => {
        const key = hotObjectKey(dayNumber, bytes, isSmall);
        expect(key.startsWith(HOT_PREFIX)).toBe(true);
        expect(isSmallObjectKey(key)).toBe(isSmall);
        expect(parseObjectKey(key)).toEqual({ kind: 'hot', dayNumber, uuid: formatUuid(bytes), isSmall });
      }),
    );
  });

  it('of segments are read back and are never small', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 }), fc.maxSafeNat(), (partition, baseOffset) => {
        const key = segmentKey('a_B-9', partition, baseOffset, uuid);
        expect(key.startsWith(segmentPrefix('a_B-9'))).toBe(true);
        expect(key.startsWith(segmentPrefix('a_B-9', partition))).toBe(true);
        expect(isSmallObjectKey(key)).toBe(false);
        expect(parseObjectKey(key)).toEqual({
          kind: 'segment',
          topicId: 'a_B-9',
          partition,
          baseOffset,
          uuid,
        });
      }),
    );
  });

  it.each([
    '',
    'hot/',
    `hot/x/2026-11-24/${uuid}`,
    `hot/2026-02-30/${uuid}`,
    `hot/2026-11-24/${uuid}/more`,
    `hot/2026-11-24/${uuid.toUpperCase()}`,
    `hot/1969-12-31/${uuid}`,
    `segments/t/01/00000000000000000345-${uuid}.log`,
    `segments/t/1/99999999999999999999-${uuid}.log`,
    `segments/t/1/345-${uuid}.log`,
    `segments/t/1/00000000000000000345-${uuid}.index`,
    `segments/t/u/1/00000000000000000345-${uuid}.log`,
  ])('%j is no key of ours', (key) => {
    expect(parseObjectKey(key)).toBeUndefined();
  });

  it.each([-1, 1.5, Number.NaN, lastDay + 1])('day %d is refused', (dayNumber) => {
    expect(() => hotObjectKey(dayNumber, id, false)).toThrow(/day/);
  });

  it('refuse ids and offsets that are none', () => {
    expect(() => hotObjectKey(0, id.subarray(1), false)).toThrow('16 bytes, got 15');
    expect(() => segmentKey('t', 0, -1, uuid)).toThrow('base offset -1');
  });
});
