// What infra tells the functions: the names of their tables, of the bucket, and of the functions that they wake.
import { ACCOUNT_VARIABLES, readAccount, type Account } from '../lib/account/account.ts';

/** The names of the environment's variables; infra sets them, and only those that a function has the rights to use. */
export const VARIABLES = {
  ...ACCOUNT_VARIABLES,
  sealFunction: 'WADI_SEAL_FUNCTION',
  produceLaterFunction: 'WADI_PRODUCE_LATER_FUNCTION',
} as const;

export interface FunctionEnvironment {
  readonly account: Account;
  /** Absent: nobody is woken, and the sweep seals. */
  readonly sealFunction: string | undefined;
  /** Absent: acks=0 is refused. */
  readonly produceLaterFunction: string | undefined;
}

/** Reads the variables. Throws an Error that names the one that is missing or wrong. */
export function readEnvironment(env: NodeJS.ProcessEnv): FunctionEnvironment {
  return {
    account: readAccount(env),
    sealFunction: optional(env, VARIABLES.sealFunction),
    produceLaterFunction: optional(env, VARIABLES.produceLaterFunction),
  };
}

const optional = (env: NodeJS.ProcessEnv, name: string): string | undefined =>
  env[name] === '' ? undefined : env[name];

/** A variable that must be set. Throws an Error that names it. */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = optional(env, name);
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  return value;
}
