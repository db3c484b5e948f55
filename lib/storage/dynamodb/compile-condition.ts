// A condition value as a ConditionExpression.
import type { Condition } from '../ports/condition.ts';
import type { Placeholders } from './placeholders.ts';

/** The text of a condition. A comparison is false on an absent path or another type, as the port has it. */
export function compileCondition(condition: Condition, placeholders: Placeholders): string {
  switch (condition.kind) {
    case 'all':
      return combine(' AND ', condition.conditions, placeholders);
    case 'any':
      return combine(' OR ', condition.conditions, placeholders);
    case 'exists':
      return `attribute_exists(${placeholders.path(condition.path)})`;
    case 'absent':
      return `attribute_not_exists(${placeholders.path(condition.path)})`;
    case 'equals':
      return `${placeholders.path(condition.path)} = ${placeholders.value(condition.value)}`;
    case 'atMost':
      return `${placeholders.path(condition.path)} <= ${placeholders.value(condition.value)}`;
    case 'atLeast':
      return `${placeholders.path(condition.path)} >= ${placeholders.value(condition.value)}`;
    case 'sizeBelow':
      return `size(${placeholders.path(condition.path)}) < ${placeholders.value(condition.size)}`;
    case 'notContains':
      return `NOT contains(${placeholders.path(condition.path)}, ${placeholders.value(condition.value)})`;
  }
}

/** Only what needs them gets parentheses: DynamoDB refuses redundant ones. */
function combine(operator: string, conditions: readonly Condition[], placeholders: Placeholders): string {
  return conditions
    .map((condition) => {
      const text = compileCondition(condition, placeholders);
      return conditions.length > 1 && isCompound(condition) ? `(${text})` : text;
    })
    .join(operator);
}

function isCompound(condition: Condition): boolean {
  if (condition.kind !== 'all' && condition.kind !== 'any') return false;
  const [first, second] = condition.conditions;
  return second !== undefined || isCompound(first);
}

/** How many operators and functions DynamoDB counts in a condition, rather one too many than one too few. */
export function countConditionOperators(condition: Condition): number {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.reduce((sum, one) => sum + 1 + countConditionOperators(one), -1);
    case 'sizeBelow':
    case 'notContains':
      return 2;
    case 'exists':
    case 'absent':
    case 'equals':
    case 'atMost':
    case 'atLeast':
      return 1;
  }
}
