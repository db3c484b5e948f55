// Conditions as DynamoDB's expressions: the text, its placeholders, and the count that is held against the limit.
import { describe, expect, it } from 'vitest';
import {
  compileCondition,
  countConditionOperators,
} from '../../../lib/storage/dynamodb/compile-condition.ts';
import { Placeholders } from '../../../lib/storage/dynamodb/placeholders.ts';
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
} from '../../../lib/storage/ports/condition.ts';

const compile = (condition: Condition) => {
  const placeholders = new Placeholders();
  const text = compileCondition(condition, placeholders);
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = placeholders.attributes();
  return { text, names, values };
};
const textOf = (condition: Condition) => compile(condition).text;

describe('compileCondition', () => {
  it('writes each kind', () => {
    expect(textOf(exists('a'))).toBe('attribute_exists(#0)');
    expect(textOf(absent(['a', 'b']))).toBe('attribute_not_exists(#0.#1)');
    expect(textOf(equals('a', 1))).toBe('#0 = :0');
    expect(textOf(atMost('a', 1))).toBe('#0 <= :0');
    expect(textOf(atLeast('a', 'x'))).toBe('#0 >= :0');
    expect(textOf(sizeBelow('a', 12))).toBe('size(#0) < :0');
    expect(textOf(notContains('a', Uint8Array.of(1)))).toBe('NOT contains(#0, :0)');
  });

  it('gives each name and each value one placeholder', () => {
    const bytes = Uint8Array.of(7);
    const condition = all(
      equals('a', 1),
      atMost(['b', 'a'], 1),
      equals('b', '1'),
      equals('c', bytes),
      notContains('t', bytes),
    );
    expect(compile(condition)).toEqual({
      text: '#0 = :0 AND #1.#0 <= :0 AND #1 = :1 AND #2 = :2 AND NOT contains(#3, :2)',
      names: { '#0': 'a', '#1': 'b', '#2': 'c', '#3': 't' },
      values: { ':0': { N: '1' }, ':1': { S: '1' }, ':2': { B: bytes } },
    });
  });

  it('leaves out what is empty: DynamoDB refuses it', () => {
    expect(compile(absent('pk'))).toEqual({
      text: 'attribute_not_exists(#0)',
      names: { '#0': 'pk' },
      values: undefined,
    });
  });

  it('puts parentheses where they are needed, never redundant ones', () => {
    const [a, b, c] = [exists('a'), exists('b'), exists('c')];
    const [x, y, z] = ['attribute_exists(#0)', 'attribute_exists(#1)', 'attribute_exists(#2)'];
    expect(textOf(all(any(a, b), c))).toBe(`(${x} OR ${y}) AND ${z}`);
    expect(textOf(any(all(a, b), all(c, a)))).toBe(`(${x} AND ${y}) OR (${z} AND ${x})`);
    expect(textOf(all(any(all(a))))).toBe(x);
    expect(textOf(all(any(a), any(all(b, c))))).toBe(`${x} AND (${y} AND ${z})`);
  });

  it('counts operators and functions', () => {
    expect(countConditionOperators(exists('a'))).toBe(1);
    expect(
      countConditionOperators(all(equals('a', 1), sizeBelow('b', 2), any(absent('c'), notContains('d', 1)))),
    ).toBe(9);
  });
});
