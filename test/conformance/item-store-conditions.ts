// Cases of conditions: each kind on what it is for, on other types, on absent paths, and combined.
import { expect } from 'vitest';
import {
  absent,
  all,
  any,
  atLeast,
  atMost,
  equals,
  exists,
  notContains,
  sizeBelow,
  type Condition,
} from '../../lib/storage/ports/condition.ts';
import { bytes, type Subject } from './item-store-subject.ts';
import type { Item } from '../../lib/storage/ports/item-store.ts';
import type { Cases } from './suite.ts';

const item: Item = {
  n: 5,
  negative: -5,
  text: 'b',
  empty: '',
  nothing: null,
  yes: true,
  binary: bytes(1, 2),
  emptyBinary: bytes(),
  list: ['a', 1, bytes(1, 2), bytes()],
  map: { inner: 1, deeper: { text: 'x' } },
};

/** Checks each condition of a table on the one item above, or on `of`. */
const check =
  (expected: readonly (readonly [Condition, boolean])[], of: Item | undefined = item) =>
  async ({ holds }: Subject): Promise<void> => {
    for (const [condition, isTrue] of expected)
      expect([condition, await holds(of, condition)]).toEqual([condition, isTrue]);
  };

const onNoItem = async ({ holds }: Subject): Promise<void> => {
  const expected: readonly (readonly [Condition, boolean])[] = [
    [exists('pk'), false],
    [absent('pk'), true],
    [absent(['map', 'inner']), true],
    [equals('n', 5), false],
    [atMost('n', 5), false],
    [atLeast('n', 5), false],
    [sizeBelow('list', 99), false],
    [notContains('list', 'a'), true],
    [any(absent('pk'), atMost('n', 5)), true],
    [all(absent('pk'), atMost('n', 5)), false],
  ];
  for (const [condition, isTrue] of expected)
    expect([condition, await holds(undefined, condition)]).toEqual([condition, isTrue]);
};

export const conditionCases: Cases<Subject> = {
  'exists and absent': check([
    [exists('pk'), true],
    [absent('pk'), false],
    [exists('n'), true],
    [absent('n'), false],
    [exists('nothing'), true],
    [exists('empty'), true],
    [exists('emptyBinary'), true],
    [exists('missing'), false],
    [absent('missing'), true],
    [exists(['map', 'inner']), true],
    [exists(['map', 'deeper', 'text']), true],
    [absent(['map', 'missing']), true],
    [absent(['missing', 'inner']), true],
    [exists(['missing', 'inner']), false],
  ]),

  'a path below what is not a map is absent': check([
    [exists(['n', 'inner']), false],
    [absent(['n', 'inner']), true],
    [absent(['list', 'inner']), true],
    [equals(['text', 'inner'], 1), false],
  ]),

  'equals compares value and type': check([
    [equals('n', 5), true],
    [equals('n', 6), false],
    [equals('n', '5'), false],
    [equals('text', 'b'), true],
    [equals('text', 'B'), false],
    [equals('empty', ''), true],
    [equals('nothing', null), true],
    [equals('n', null), false],
    [equals('yes', true), true],
    [equals('yes', false), false],
    [equals('binary', bytes(1, 2)), true],
    [equals('binary', bytes(1, 3)), false],
    [equals('binary', bytes(1)), false],
    [equals('emptyBinary', bytes()), true],
    [equals('emptyBinary', ''), false],
    [equals('missing', 5), false],
    [equals('missing', null), false],
    [equals(['map', 'inner'], 1), true],
    [equals(['map', 'deeper', 'text'], 'x'), true],
    [equals(['missing', 'inner'], 1), false],
  ]),

  'equals compares lists and maps in depth': check([
    [equals('list', ['a', 1, bytes(1, 2), bytes()]), true],
    [equals('list', ['a', 1, bytes(1, 2)]), false],
    [equals('map', { deeper: { text: 'x' }, inner: 1 }), true],
    [equals('map', { inner: 1 }), false],
  ]),

  'atMost and atLeast on numbers': check([
    [atMost('n', 5), true],
    [atMost('n', 4), false],
    [atMost('n', 6), true],
    [atLeast('n', 5), true],
    [atLeast('n', 6), false],
    [atLeast('n', 4), true],
    [atMost('negative', -5), true],
    [atMost('negative', -6), false],
    [atMost('negative', 0), true],
    [atLeast('negative', -6), true],
    [atMost('n', Number.MAX_SAFE_INTEGER), true],
    // As numbers, not as text.
    [atMost('n', 10), true],
    [atMost(['map', 'inner'], 1), true],
  ]),

  'atMost and atLeast on strings go by UTF-8 bytes': async (subject) => {
    await check([
      [atMost('text', 'b'), true],
      [atMost('text', 'a'), false],
      [atLeast('text', 'a'), true],
      [atMost('text', 'ba'), true],
      [atLeast('text', ''), true],
      [atLeast('text', 'B'), true],
    ])(subject);
    // U+FF5E comes before U+1F3DC in UTF-8, and after it in UTF-16.
    await check([[atMost('wave', '🏜'), true]], { wave: '\uff5e' })(subject);
  },

  'atMost and atLeast on absent paths and other types are false': check([
    [atMost('missing', 5), false],
    [atLeast('missing', 5), false],
    [atMost('n', '5'), false],
    [atLeast('n', '5'), false],
    [atMost('text', 5), false],
    [atMost('nothing', 5), false],
    [atMost('list', 5), false],
    [atMost('binary', 'z'), false],
  ]),

  'sizeBelow counts elements, entries and bytes': check(
    [
      [sizeBelow('list', 4), true],
      [sizeBelow('list', 3), false],
      [sizeBelow('map', 3), true],
      [sizeBelow('map', 2), false],
      [sizeBelow('binary', 3), true],
      [sizeBelow('binary', 2), false],
      [sizeBelow('ascii', 3), true],
      [sizeBelow('ascii', 2), false],
      [sizeBelow('emptyList', 1), true],
      [sizeBelow('emptyList', 0), false],
      [sizeBelow('emptyText', 1), true],
    ],
    { list: [1, 2, 3], map: { a: 1, b: 2 }, binary: bytes(1, 2), ascii: 'ab', emptyList: [], emptyText: '' },
  ),

  'sizeBelow counts UTF-8 bytes of a string': check(
    [
      [sizeBelow('text', 7), true],
      [sizeBelow('text', 6), false],
    ],
    { text: 'é🏜' },
  ),

  'sizeBelow on an absent path is false': check([[sizeBelow('missing', 99), false]]),

  'notContains looks for a whole element': check([
    [notContains('list', 'a'), false],
    [notContains('list', 'b'), true],
    [notContains('list', ''), true],
    [notContains('list', 1), false],
    [notContains('list', '1'), true],
    [notContains('list', bytes(1, 2)), false],
    [notContains('list', bytes(1)), true],
    [notContains('list', bytes(1, 2, 3)), true],
    [notContains('list', bytes()), false],
    [notContains('missing', 'a'), true],
    [notContains(['map', 'missing'], 'a'), true],
  ]),

  'notContains on an empty list holds': check([[notContains('list', bytes(1)), true]], { list: [] }),

  'notContains among many binaries': async ({ holds }) => {
    const list = Array.from({ length: 64 }, (_, i) => bytes(...Array.from({ length: 16 }, (__, j) => i * j)));
    expect(await holds({ list }, notContains('list', list[63] ?? null))).toBe(false);
    expect(await holds({ list }, notContains('list', bytes(1)))).toBe(true);
  },

  'notContains finds lists and maps in depth': check(
    [
      [notContains('list', ['x', 1]), false],
      [notContains('list', ['x']), true],
      [notContains('list', { a: bytes(1) }), false],
      [notContains('list', { a: bytes(2) }), true],
    ],
    { list: [['x', 1], { a: bytes(1) }] },
  ),

  'on no item only absent and notContains hold': onNoItem,

  'all and any nest': check([
    [all(equals('n', 5)), true],
    [any(equals('n', 6)), false],
    [all(equals('n', 5), equals('text', 'b')), true],
    [all(equals('n', 5), equals('text', 'c')), false],
    [any(equals('n', 6), equals('text', 'b')), true],
    [any(equals('n', 6), equals('text', 'c')), false],
    [all(any(equals('n', 6), equals('n', 5)), any(absent('text'), exists('yes'))), true],
    [any(all(equals('n', 6), exists('n')), all(equals('n', 5), absent('n'))), false],
    [all(any(all(equals('n', 5)))), true],
    // `any` binds no tighter than it is written.
    [all(equals('n', 6), any(exists('n'), exists('n'))), false],
    [any(all(absent('n'), exists('n')), exists('n')), true],
  ]),

  'attribute names may be any words and signs': check(
    [
      [equals('size', 1), true],
      [equals('a.b', 2), true],
      [equals('#x', 3), true],
      [equals(['and', 'or'], 4), true],
      [equals('with blank', 5), true],
      [equals('1', 6), true],
    ],
    { size: 1, 'a.b': 2, '#x': 3, and: { or: 4 }, 'with blank': 5, '1': 6 },
  ),
};
