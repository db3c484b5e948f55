// What infra tells the functions: the names of their tables, of the bucket, and of the functions that they wake.
import { TABLES } from '../lib/storage/schema/tables.ts';
import type { TableNames } from '../lib/storage/dynamodb/dynamodb-context.ts';

/** The names of the environment's variables; infra sets them, and only those that a function has the rights to use. */
export const VARIABLES = {
  /** JSON: the name in the account of each table, by the name that the store knows it by. */
  tables: 'WADI_TABLES',
  bucket: 'WADI_BUCKET',
  sealFunction: 'WADI_SEAL_FUNCTION',
  produceLaterFunction: 'WADI_PRODUCE_LATER_FUNCTION',
} as const;

export interface FunctionEnvironment {
  readonly tableNames: TableNames;
  readonly bucket: string;
  /** Absent: nobody is woken, and the sweep seals. */
  readonly sealFunction: string | undefined;
  /** Absent: acks=0 is refused. */
  readonly produceLaterFunction: string | undefined;
}

/** Reads the variables. Throws an Error that names the one that is missing or wrong. */
export function readEnvironment(env: NodeJS.ProcessEnv): FunctionEnvironment {
  return {
    tableNames: readTableNames(required(env, VARIABLES.tables)),
    bucket: required(env, VARIABLES.bucket),
    sealFunction: optional(env, VARIABLES.sealFunction),
    produceLaterFunction: optional(env, VARIABLES.produceLaterFunction),
  };
}

function readTableNames(text: string): TableNames {
  const names = parse(text);
  for (const [table, name] of Object.entries(names)) {
    if (!(table in TABLES)) throw new Error(`${VARIABLES.tables} names ${table}, which is no table of Wadi`);
    if (typeof name !== 'string' || name === '')
      throw new Error(`${VARIABLES.tables}.${table} must be the name of a table`);
  }
  return names;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Error(`${VARIABLES.tables} must be a JSON object of table names, got ${text.slice(0, 100)}`);
}

const optional = (env: NodeJS.ProcessEnv, name: string): string | undefined =>
  env[name] === '' ? undefined : env[name];

/** A variable that must be set. Throws an Error that names it. */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = optional(env, name);
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  return value;
}
