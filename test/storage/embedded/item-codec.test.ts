// Items as bytes come back as they were, and strings sort as their bytes do.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneItem } from '../../../lib/storage/embedded/clone-item.ts';
import { compareUtf8 } from '../../../lib/storage/embedded/compare-utf8.ts';
import { decodeItem, encodeItem } from '../../../lib/storage/embedded/item-codec.ts';
import type { Item, ItemValue } from '../../../lib/storage/ports/item-store.ts';

const names = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', 'a.b'),
);
const { value } = fc.letrec<{ value: ItemValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.constantFrom(null, true, false, 0, '', Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
// No attribute of one or two letters is a key's by chance.
const attributeNames = names.filter((name) => name !== 'pk' && name !== 'sk');
const items = fc.dictionary(attributeNames, value, { noNullPrototype: true }) as fc.Arbitrary<Item>;

describe('items as bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(items, (item) => {
        expect(decodeItem({ pk: 'p' }, encodeItem({ ...item, pk: 'p' }))).toEqual({ ...item, pk: 'p' });
        expect(cloneItem(item)).toEqual(item);
      }),
      { seed: 1 },
    );
  });

  it('are refused when their format is unknown or they are cut off', () => {
    const bytes = encodeItem({ pk: 'p', text: 'abc' });
    expect(() => decodeItem({ pk: 'p' }, Uint8Array.of(2, ...bytes.slice(1)))).toThrow(
      'item p has format 2, known is 1',
    );
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeItem({ pk: 'p' }, bytes.slice(0, length))).toThrow('cut off');
  });
});

describe('compareUtf8', () => {
  it('orders as the bytes do', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'é', '\uffff', '\uff5e', '\ue000', '🏜', '\u{10ffff}'),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
