// Item values as attribute values and back, and what is refused on either way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAttributes, toItem, toKey } from '../../../lib/storage/dynamodb/marshal.ts';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../lib/storage/ports/item-store.ts';

const { item: anyItem } = fc.letrec<{ value: unknown; item: Item }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((number) => number + 0),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('item'),
  ),
  item: fc
    .dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true })
    .map((item) => item as Item),
}));

describe('marshalling', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        fc.pre(!JSON.stringify(item).includes('__proto__'));
        expect(toItem(toAttributes(item))).toEqual(item);
      }),
    );
  });

  it('writes the types of DynamoDB', () => {
    const bytes = Uint8Array.of(1);
    expect(toAttributes({ s: '', n: -5, b: bytes, z: null, t: true, l: ['a'], m: { x: 0 } })).toEqual({
      s: { S: '' },
      n: { N: '-5' },
      b: { B: bytes },
      z: { NULL: true },
      t: { BOOL: true },
      l: { L: [{ S: 'a' }] },
      m: { M: { x: { N: '0' } } },
    });
    expect(toKey({ pk: 'p' })).toEqual({ pk: { S: 'p' } });
    expect(toKey({ pk: 'p', sk: 's' })).toEqual({ pk: { S: 'p' }, sk: { S: 's' } });
  });

  it.each([1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses to write %d', (n) => {
    expect(() => toAttributes({ n })).toThrow('no safe integer');
  });

  it('refuses to write a name that objects cannot hold', () => {
    const item = JSON.parse('{"__proto__":1}') as Item;
    expect(() => toAttributes(item)).toThrow('__proto__');
  });

  const strange: readonly (readonly [string, AttributeValue])[] = [
    ['a fraction', { N: '1.5' }],
    ['a number beyond 2^53', { N: '9007199254740993' }],
    ['a set of strings', { SS: ['a'] }],
    ['a set of numbers', { NS: ['1'] }],
  ];
  it.each(strange)('refuses to read %s', (_, value) => {
    const refused = { code: 'KAFKA_STORAGE_ERROR', outcome: 'not-applied', retriable: false };
    expect(() => toItem({ pk: { S: 'p' }, m: { M: { odd: value } } })).toThrow(
      expect.objectContaining(refused) as Error,
    );
    expect(() => toItem({ odd: value })).toThrow(/odd/);
  });
});
