// The functions as they are deployed: the app is synthesized, and each one's bundle and environment taken from its template.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTION_NAMES } from '../infra/constructs/function-rights.ts';
import { present } from '../lib/base/assert.ts';

const ROOT = join(import.meta.dirname, '..');

/** The file of a bundle, in its asset and in the folder it is run in. */
export const BUNDLE_FILE = 'index.mjs';

export interface DeployedFunction {
  readonly name: string;
  /** Holds the bundle and nothing else. */
  readonly folder: string;
  readonly bundleBytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What is read of a function's resource in the template. */
interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly Code: { readonly S3Key: string };
    readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

/** Bundles all functions into `folder`. Takes some seconds. */
export function synthesizeFunctions(folder: string): readonly DeployedFunction[] {
  const out = join(folder, 'cdk.out');
  execFileSync(process.execPath, [join(ROOT, 'infra', 'app.ts')], {
    ...{ cwd: ROOT, env: { ...process.env, CDK_OUTDIR: out }, stdio: ['ignore', 'ignore', 'pipe'] },
  });
  const template = JSON.parse(readFileSync(join(out, 'Wadi.template.json'), 'utf8')) as {
    readonly Resources: Readonly<Record<string, Resource>>;
  };
  const resources = Object.entries(template.Resources);
  return FUNCTION_NAMES.map((name) => {
    const id = new RegExp(`functions${name.replaceAll('-', '')}function[0-9A-F]+$`);
    const found = resources.find(([key, { Type }]) => Type === 'AWS::Lambda::Function' && id.test(key));
    const { Code, Environment } = present(found, `the function ${name}`)[1].Properties;
    const own = join(folder, name);
    mkdirSync(own);
    copyFileSync(join(out, `asset.${Code.S3Key.replace('.zip', '')}`, BUNDLE_FILE), join(own, BUNDLE_FILE));
    const bundleBytes = statSync(join(own, BUNDLE_FILE)).size;
    return { name, folder: own, bundleBytes, environment: environmentOf(Environment.Variables) };
  });
}

/** Names that only a deployment knows become words. */
const environmentOf = (variables: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, textOf(value)]));

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [separator, parts] = (value as { 'Fn::Join'?: [string, readonly unknown[]] })['Fn::Join'] ?? [];
  return parts === undefined ? 'name' : parts.map(textOf).join(separator);
}
