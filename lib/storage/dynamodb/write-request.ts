// One conditional write as the fields of a request, the same for single writes and for those of a transaction.
import { BrokerError } from '../../base/errors.ts';
import { checkItemBytes, ITEM_BYTES_MAX, itemBytes } from '../item-size.ts';
import { checkActions, keyOf, transactKey } from '../item-checks.ts';
import { compileActions, countActionOperators } from './compile-action.ts';
import { compileCondition, countConditionOperators } from './compile-condition.ts';
import { toAttributes, toKey, type Attributes } from './marshal.ts';
import { Placeholders, type ExpressionAttributes } from './placeholders.ts';
import type { Action } from '../ports/action.ts';
import type { Condition } from '../ports/condition.ts';
import type { Item, ItemKey, TableName, TransactWrite } from '../ports/item-store.ts';

/** DynamoDB's limits of one expression (developer guide, "Service quotas"). */
export const EXPRESSION_BYTES_MAX = 4096;
/** Counted by us on the safe side, as the guide does not say what counts. */
export const EXPRESSION_OPERATORS_MAX = 300;

/** The condition of a write, where it has one; the item that fails it comes back with the failure, at no cost. */
export interface ConditionFields extends ExpressionAttributes {
  readonly ConditionExpression?: string;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
}

/** The fields of a PutItem but for its table. Throws MESSAGE_TOO_LARGE or INVALID_REQUEST before anything is sent. */
export function putFields(
  table: TableName,
  item: Item,
  condition: Condition | undefined,
): ConditionFields & { readonly Item: Attributes } {
  const key = keyOf(table, item);
  checkItemBytes(item, `item ${key.pk} of table ${table}`);
  const placeholders = new Placeholders();
  const fields = conditionFields(table, key, condition, placeholders);
  return { ...fields, ...placeholders.attributes(), Item: toAttributes(item) };
}

/**
 * The fields of an UpdateItem but for its table. No actions: no UpdateExpression; DynamoDB then makes a missing item.
 * Throws as putFields does, as far as what the update writes tells the item's size.
 */
export function updateFields(
  table: TableName,
  key: ItemKey,
  actions: readonly Action[],
  condition: Condition | undefined,
): ConditionFields & { readonly Key: Attributes; readonly UpdateExpression?: string } {
  transactKey({ kind: 'update', table, key, actions });
  checkActions(actions);
  checkActionBytes(table, key, actions);
  const placeholders = new Placeholders();
  const update = compileActions(actions, placeholders);
  if (update !== undefined) checkExpression('update', table, key, update, countActionOperators(actions));
  const fields = conditionFields(table, key, condition, placeholders);
  return {
    ...fields,
    ...placeholders.attributes(),
    ...(update !== undefined && { UpdateExpression: update }),
    Key: toKey(key),
  };
}

/** The fields of a DeleteItem or a ConditionCheck but for its table. Throws INVALID_REQUEST before anything is sent. */
export function keyFields(
  write: Extract<TransactWrite, { readonly kind: 'delete' | 'check' }>,
): ConditionFields & { readonly Key: Attributes } {
  const { table, condition } = write;
  const key = transactKey(write);
  const placeholders = new Placeholders();
  const fields = conditionFields(table, key, condition, placeholders);
  return { ...fields, ...placeholders.attributes(), Key: toKey(key) };
}

function conditionFields(
  table: TableName,
  key: ItemKey,
  condition: Condition | undefined,
  placeholders: Placeholders,
): ConditionFields {
  if (condition === undefined) return {};
  const text = compileCondition(condition, placeholders);
  checkExpression('condition', table, key, text, countConditionOperators(condition));
  return { ConditionExpression: text, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
}

function checkExpression(
  kind: string,
  table: TableName,
  key: ItemKey,
  text: string,
  operatorCount: number,
): void {
  const what = `the ${kind} expression of item ${key.pk} in table ${table}`;
  if (text.length > EXPRESSION_BYTES_MAX)
    throw refuse(`${what} has ${text.length} bytes, at most ${EXPRESSION_BYTES_MAX}`);
  if (operatorCount > EXPRESSION_OPERATORS_MAX)
    throw refuse(`${what} has ${operatorCount} operators, at most ${EXPRESSION_OPERATORS_MAX}`);
}

const refuse = (message: string) => new BrokerError('INVALID_REQUEST', message);

/** Everything that is set or appended stands in the item afterwards. */
export function actionBytes(actions: readonly Action[]): number {
  let bytes = 0;
  for (const action of actions) {
    if (action.kind === 'set') bytes += itemBytes({ v: action.value });
    else if (action.kind === 'append') bytes += itemBytes({ v: action.values });
  }
  return bytes;
}

function checkActionBytes(table: TableName, key: ItemKey, actions: readonly Action[]): void {
  const bytes = actionBytes(actions);
  if (bytes <= ITEM_BYTES_MAX) return;
  throw new BrokerError(
    'MESSAGE_TOO_LARGE',
    `item ${key.pk} of table ${table} would have more than ${bytes} bytes, at most ${ITEM_BYTES_MAX}`,
  );
}
