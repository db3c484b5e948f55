// Checks values against TypeBox schemas and says in one sentence which field is wrong and how.
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/schema';

type Checker = Pick<Validator, 'Check' | 'Errors'>;

// A schema is compiled when it is first used, so that a cold start pays for one route only.
const checkers = new WeakMap<TSchema, Checker>();

function checkerOf(schema: TSchema): Checker {
  let checker = checkers.get(schema);
  if (checker === undefined) {
    checker = Compile(schema);
    checkers.set(schema, checker);
  }
  return checker;
}

/** What is wrong with a value: the field as `records[3].key` (empty: the value itself), and the rest of the sentence. */
export interface Complaint {
  readonly field: string;
  readonly message: string;
}

/** Returns `value` as what the schema says, or throws what `refuse` makes of the first complaint. */
export function checkAgainst<T extends TSchema>(
  schema: T,
  value: unknown,
  refuse: (complaint: Complaint) => Error,
): Static<T> {
  const checker = checkerOf(schema);
  if (checker.Check(value)) return value as Static<T>;
  throw refuse(complaintOf(checker, value));
}

function complaintOf(checker: Checker, value: unknown): Complaint {
  // "schema is false" accompanies each unknown field and says less than the error after it.
  const [, errors] = checker.Errors(value);
  const error = errors.find(({ keyword }) => keyword !== 'boolean');
  if (error === undefined) return { field: '', message: 'is not valid' };
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const field = fieldName(path);
  if (error.keyword === 'required') {
    return { field: fieldName([...path, error.params.requiredProperties[0] ?? '']), message: 'is missing' };
  }
  if (error.keyword === 'additionalProperties') {
    const unknown = error.params.additionalProperties[0] ?? '';
    return { field: fieldName([...path, unknown]), message: 'is not a known field' };
  }
  return { field, message: `${describe(error)}, got ${excerpt(valueAt(value, path))}` };
}

function describe(error: { keyword: string; message: string; params: object }): string {
  const { type, allowedValues } = error.params as { type?: string | string[]; allowedValues?: unknown[] };
  if (error.keyword === 'type' && type !== undefined) return `must be ${[type].flat().join(' or ')}`;
  if (error.keyword === 'enum' && allowedValues !== undefined)
    return `must be one of ${allowedValues.join(', ')}`;
  return error.message;
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

function fieldName(path: readonly string[]): string {
  return path
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const part of path) current = (current as Record<string, unknown> | undefined)?.[part];
  return current;
}

const EXCERPT_CHARACTERS = 60;

function excerpt(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= EXCERPT_CHARACTERS ? text : `${text.slice(0, EXCERPT_CHARACTERS)}...`;
}
