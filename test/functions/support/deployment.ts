// What `cdk deploy` would deploy: the app is synthesized with its bundles, and each function read from the template.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/constructs/function-rights.ts';
import { statementsOf, type Statement } from '../../infra/support/policy.ts';
import { nameOf, resolve, type Resource } from '../../infra/support/template.ts';
import type { TableName } from '../../../lib/storage/ports/item-store.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface DeployedFunction {
  readonly name: FunctionName;
  /** As other functions know it. */
  readonly functionName: string;
  /** A folder with the bundle and nothing else, outside of any node_modules. */
  readonly folder: string;
  readonly bundleBytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly Statement[];
}

export interface Deployment {
  readonly functions: Readonly<Record<FunctionName, DeployedFunction>>;
  /** The names of all tables that functions are told of. */
  readonly tableNames: Readonly<Partial<Record<TableName, string>>>;
  remove(): void;
}

/** Takes some seconds: it bundles all functions. */
export function deploy(): Deployment {
  const folder = mkdtempSync(join(tmpdir(), 'wadi-deployed-'));
  const out = join(folder, 'cdk.out');
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'infra', 'app.ts')], {
    ...{ cwd: ROOT, env: { ...process.env, CDK_OUTDIR: out }, encoding: 'utf8' },
  });
  if (status !== 0) throw new Error(`the app was not synthesized: ${stderr}`);
  const { Resources: resources } = JSON.parse(readFileSync(join(out, 'Wadi.template.json'), 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  const functions = FUNCTION_NAMES.map((name) => [name, readFunction(folder, resources, name)] as const);
  const tables = functions.map(
    ([, { environment }]) => JSON.parse(environment['WADI_TABLES'] ?? '{}') as object,
  );
  return {
    functions: Object.fromEntries(functions) as Record<FunctionName, DeployedFunction>,
    tableNames: Object.assign({}, ...tables) as Deployment['tableNames'],
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

function readFunction(
  folder: string,
  resources: Readonly<Record<string, Resource>>,
  name: FunctionName,
): DeployedFunction {
  const part = `functions${name.replace('-', '')}function`;
  const [id = '', resource] =
    Object.entries(resources).find(
      ([key, { Type }]) => Type === 'AWS::Lambda::Function' && key.includes(part),
    ) ?? [];
  const properties = resolve(resource?.Properties) as {
    Code: { S3Key: string };
    Environment: { Variables: Record<string, string> };
    Handler: string;
  };
  if (properties.Handler !== 'index.handler')
    throw new Error(`${name} has the handler ${properties.Handler}`);
  const asset = join(folder, 'cdk.out', `asset.${properties.Code.S3Key.replace('.zip', '')}`);
  const own = join(folder, name);
  mkdirSync(own);
  cpSync(join(asset, 'index.mjs'), join(own, 'index.mjs'));
  const role = (resource?.Properties['Role'] as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
  return {
    ...{ name, folder: own },
    functionName: nameOf(id),
    bundleBytes: statSync(join(own, 'index.mjs')).size,
    environment: properties.Environment.Variables,
    statements: statementsOf(resources, role),
  };
}
