// The actions of an update as an UpdateExpression of SET and REMOVE clauses.
import type { Action } from '../ports/action.ts';
import type { Placeholders } from './placeholders.ts';

/**
 * The text of actions, or undefined for none. `add` is a SET, not an ADD: ADD takes no nested path. `setFrom` adds even
 * where `plus` is 0, so that it refuses what is no number.
 */
export function compileActions(actions: readonly Action[], placeholders: Placeholders): string | undefined {
  const sets: string[] = [];
  const removes: string[] = [];
  for (const action of actions) {
    const path = placeholders.path(action.path);
    if (action.kind === 'removeFirst') removes.push(...firstElements(path, action.count));
    else if (action.kind === 'remove') removes.push(path);
    else sets.push(`${path} = ${compileOperand(action, path, placeholders)}`);
  }
  const clauses = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(removes.length > 0 ? [`REMOVE ${removes.join(', ')}`] : []),
  ];
  return clauses.length > 0 ? clauses.join(' ') : undefined;
}

type Setting = Exclude<Action, { readonly kind: 'removeFirst' | 'remove' }>;

function compileOperand(action: Setting, path: string, placeholders: Placeholders): string {
  switch (action.kind) {
    case 'set':
      return placeholders.value(action.value);
    case 'setIfAbsent':
      return `if_not_exists(${path}, ${placeholders.value(action.value)})`;
    case 'setFrom':
      return `${placeholders.path(action.other)} + ${placeholders.value(action.plus)}`;
    case 'add':
      return `if_not_exists(${path}, ${placeholders.value(0)}) + ${placeholders.value(action.amount)}`;
    case 'append':
      return `list_append(if_not_exists(${path}, ${placeholders.value(EMPTY_LIST)}), ${placeholders.value(action.values)})`;
  }
}

/** One value, so that all appends of a request share its placeholder. */
const EMPTY_LIST: readonly never[] = [];

/** The last index first: DynamoDB removes by the indexes of the list as it was, some emulators shift in between. */
const firstElements = (path: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${path}[${count - 1 - i}]`);

/** How many operators and functions DynamoDB counts in an update, rather one too many than one too few. */
export function countActionOperators(actions: readonly Action[]): number {
  return actions.reduce((sum, action) => sum + operatorsOf(action), 0);
}

function operatorsOf(action: Action): number {
  switch (action.kind) {
    case 'add':
    case 'append':
      return 3;
    case 'setIfAbsent':
    case 'setFrom':
      return 2;
    case 'removeFirst':
      return action.count;
    case 'set':
    case 'remove':
      return 1;
  }
}
