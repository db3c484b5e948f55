// Sizes of items as DynamoDB's developer guide counts them.
import { describe, expect, it } from 'vitest';
import { checkItemBytes, ITEM_BYTES_MAX, itemBytes } from '../../lib/storage/item-size.ts';
import type { ItemValue } from '../../lib/storage/ports/item-store.ts';

describe('itemBytes', () => {
  const sizes: readonly (readonly [ItemValue, number])[] = [
    [null, 1],
    [true, 1],
    ['', 0],
    ['abc', 3],
    ['é🏜', 6],
    [new Uint8Array(7), 7],
    [0, 1],
    [7, 2],
    [42, 2],
    [123, 3],
    [-7, 3],
    [1_000_000, 2],
    [Number.MAX_SAFE_INTEGER, 9],
    [-Number.MAX_SAFE_INTEGER, 10],
    [[], 3],
    [[1, 'ab'], 3 + 1 + 2 + 1 + 2],
    [{}, 3],
    [{ ab: 'c', d: [] }, 3 + 1 + 2 + 1 + 1 + 1 + 3],
  ];

  it('counts each kind of value, after its name', () => {
    for (const [value, bytes] of sizes) expect([value, itemBytes({ é: value })]).toEqual([value, bytes + 2]);
  });

  it('refuses what is no value', () => {
    const strange = [0.5, NaN, Infinity, 2 ** 53, undefined, () => 1] as unknown as readonly ItemValue[];
    for (const value of strange) expect(() => itemBytes({ a: value })).toThrow();
    expect(() => itemBytes({ '': 1 })).toThrow('empty name');
    let deep: ItemValue = [];
    for (let i = 0; i < 40; i++) deep = [deep];
    expect(() => itemBytes({ deep })).toThrow('nested more than 32 deep');
  });

  it('is limited to 400 KB, exactly', () => {
    const item = (length: number) => ({ a: new Uint8Array(length) });
    expect(checkItemBytes(item(ITEM_BYTES_MAX - 1), 'it')).toBe(409_600);
    expect(() => checkItemBytes(item(ITEM_BYTES_MAX), 'it')).toThrow('it has 409601 bytes, at most 409600');
  });
});
