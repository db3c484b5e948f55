// Actions as DynamoDB's update expressions: the text, what shares a placeholder, and the count held against the limit.
import { describe, expect, it } from 'vitest';
import { compileActions, countActionOperators } from '../../../lib/storage/dynamodb/compile-action.ts';
import { Placeholders } from '../../../lib/storage/dynamodb/placeholders.ts';
import {
  add,
  append,
  remove,
  removeFirst,
  set,
  setFrom,
  setIfAbsent,
  type Action,
} from '../../../lib/storage/ports/action.ts';

const compile = (...actions: readonly Action[]) => {
  const placeholders = new Placeholders();
  return { text: compileActions(actions, placeholders), ...placeholders.attributes() };
};

describe('compileActions', () => {
  it('writes each kind', () => {
    expect(compile(set('a', 1)).text).toBe('SET #0 = :0');
    expect(compile(setIfAbsent(['m', 'a'], 1)).text).toBe('SET #0.#1 = if_not_exists(#0.#1, :0)');
    expect(compile(setFrom('a', ['m', 'b'], -2)).text).toBe('SET #0 = #1.#2 + :0');
    expect(compile(add('a', 5)).text).toBe('SET #0 = if_not_exists(#0, :0) + :1');
    expect(compile(append('a', [1])).text).toBe('SET #0 = list_append(if_not_exists(#0, :0), :1)');
    expect(compile(remove(['m', 'a'])).text).toBe('REMOVE #0.#1');
  });

  it('removes elements from the last index down', () => {
    expect(compile(removeFirst('t', 3)).text).toBe('REMOVE #0[2], #0[1], #0[0]');
  });

  it('gathers clauses and shares names, numbers and the empty list', () => {
    const bytes = Uint8Array.of(1);
    const entry = [bytes];
    expect(
      compile(
        add('n', 3),
        append('t', entry),
        append('u', entry),
        add('k', 0),
        removeFirst('l', 2),
        remove('d'),
      ),
    ).toEqual({
      text:
        'SET #0 = if_not_exists(#0, :0) + :1, #1 = list_append(if_not_exists(#1, :2), :3), ' +
        '#2 = list_append(if_not_exists(#2, :2), :3), #3 = if_not_exists(#3, :0) + :0 REMOVE #4[1], #4[0], #5',
      ExpressionAttributeNames: { '#0': 'n', '#1': 't', '#2': 'u', '#3': 'k', '#4': 'l', '#5': 'd' },
      ExpressionAttributeValues: {
        ':0': { N: '0' },
        ':1': { N: '3' },
        ':2': { L: [] },
        ':3': { L: [{ B: bytes }] },
      },
    });
  });

  it('of no actions writes nothing', () => {
    expect(compile()).toEqual({ text: undefined });
  });

  it('counts operators and functions', () => {
    const actions = [
      set('a', 1),
      add('b', 1),
      append('c', []),
      setFrom('d', 'e'),
      setIfAbsent('f', 1),
      remove('g'),
    ];
    expect(countActionOperators(actions)).toBe(12);
    expect(countActionOperators([removeFirst('t', 48)])).toBe(48);
  });
});
