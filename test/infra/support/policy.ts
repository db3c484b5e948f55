// Evaluates IAM policies of a template as AWS does, as far as ours go: allows only, wildcards, leading keys.
import { resolve, type Resource } from './template.ts';

/** A statement whose intrinsic functions are resolved. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A request as IAM sees it. */
export interface Access {
  readonly action: string;
  readonly resource: string;
  readonly leadingKeys?: readonly string[];
}

/** The statements of all policies attached to a role, by the role's logical id. */
export function statementsOf(
  resources: Readonly<Record<string, Resource>>,
  roleId: string,
): readonly Statement[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::IAM::Policy') return [];
    const roles = Properties['Roles'] as readonly { readonly Ref: string }[];
    if (!roles.some(({ Ref }) => Ref === roleId)) return [];
    const { Statement } = resolve(Properties['PolicyDocument']) as { Statement: readonly Statement[] };
    return Statement;
  });
}

/** Throws on what it does not know: a test must not take silence for a yes or a no. */
export function isAllowed(statements: readonly Statement[], access: Access): boolean {
  const matching = statements.filter((statement) => matches(statement, access));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return false;
  return matching.length > 0;
}

/** Whether the statement is about the request. */
export function matches({ Action, Resource, Condition }: Statement, access: Access): boolean {
  return (
    list(Action).some((pattern) => isLike(pattern, access.action)) &&
    list(Resource).some((pattern) => isLike(pattern, access.resource)) &&
    holds(Condition, access)
  );
}

function holds(condition: Statement['Condition'], { leadingKeys = [] }: Access): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      if (operator !== 'ForAllValues:StringEquals' || key !== 'dynamodb:LeadingKeys') {
        throw new Error(`a condition that the test does not know: ${operator} ${key}`);
      }
      return leadingKeys.every((leading) => list(values).includes(leading));
    }),
  );
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** IAM's wildcards: `*` is any text, slashes too, `?` any character. */
function isLike(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`).test(text);
}
