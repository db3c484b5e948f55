// Where a deployed log is: the names of its tables and of its bucket, given or read from what a deployment sets.
import { BrokerError } from '../base/errors.ts';
import type { TableName } from '../storage/ports/item-store.ts';
import { TABLES } from '../storage/schema/tables.ts';

export interface Account {
  /** The name in the account of each table, by the name that the log knows it by. */
  readonly tables: Readonly<Partial<Record<TableName, string>>>;
  readonly bucket: string;
}

/** The variables that a deployment sets for its functions, and that a client reads too. */
export const ACCOUNT_VARIABLES = { tables: 'WADI_TABLES', bucket: 'WADI_BUCKET' } as const;

/** The names from an environment: JSON for the tables. Throws INVALID_CONFIG that names the variable that is missing or wrong. */
export function readAccount(env: Readonly<Record<string, string | undefined>>): Account {
  const [tables, bucket] = [env[ACCOUNT_VARIABLES.tables], env[ACCOUNT_VARIABLES.bucket]];
  if (!tables) throw missing(ACCOUNT_VARIABLES.tables);
  if (!bucket) throw missing(ACCOUNT_VARIABLES.bucket);
  return { tables: readTables(tables), bucket };
}

function readTables(text: string): Account['tables'] {
  const names = parse(text);
  for (const [table, name] of Object.entries(names)) {
    if (!Object.hasOwn(TABLES, table))
      throw wrong(ACCOUNT_VARIABLES.tables, `names ${table}, which is no table of Wadi`);
    if (typeof name !== 'string' || name === '')
      throw wrong(`${ACCOUNT_VARIABLES.tables}.${table}`, 'must be the name of a table');
  }
  return names;
}

function parse(text: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, string>;
  } catch {
    // Said below.
  }
  throw wrong(ACCOUNT_VARIABLES.tables, `must be a JSON object of table names, got ${text.slice(0, 100)}`);
}

const wrong = (variable: string, what: string): BrokerError =>
  new BrokerError('INVALID_CONFIG', `${variable} ${what}`, { field: variable });

const missing = (variable: string): BrokerError =>
  new BrokerError('INVALID_CONFIG', `the environment variable ${variable} is not set`, { field: variable });
