// The Kafka gateway as `cdk deploy -c kafka=true` would deploy it: what its container runs, with what environment and rights.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { statementsOf, type Statement } from '../../infra/support/policy.ts';
import { nameOf, type Resource } from '../../infra/support/template.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PSEUDO: Readonly<Record<string, string>> = {
  ...{ 'AWS::Region': 'us-east-1', 'AWS::URLSuffix': 'amazonaws.com', 'AWS::Partition': 'aws' },
};

export interface GatewayDeployment {
  /** Without `node` before it. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly Statement[];
  /** In the bucket of assets, by its key. */
  readonly bundle: { readonly bucket: string; readonly key: string; readonly bytes: Buffer };
  readonly folder: string;
  remove(): void;
}

/** Takes some seconds: it bundles the gateway and all functions. */
export function deployGateway(): GatewayDeployment {
  const folder = mkdtempSync(join(tmpdir(), 'wadi-gateway-deployed-'));
  const out = join(folder, 'cdk.out');
  const env = { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ kafka: 'true' }) };
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'infra', 'app.ts')], {
    ...{ cwd: ROOT, env, encoding: 'utf8' },
  });
  if (status !== 0) throw new Error(`the app was not synthesized: ${stderr}`);
  const { Resources: resources } = JSON.parse(readFileSync(join(out, 'Wadi.template.json'), 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  const task = Object.values(resources).find(({ Type }) => Type === 'AWS::ECS::TaskDefinition')?.Properties;
  const [container] = task?.['ContainerDefinitions'] as readonly {
    readonly Command: readonly unknown[];
    readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
  }[];
  const [program, ...args] = (container?.Command ?? []).map(textOf);
  if (program !== 'node') throw new Error(`the container runs ${String(program)}`);
  const [bucket = '', key = ''] = args.slice(-5);
  const role = (task?.['TaskRoleArn'] as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
  return {
    ...{ args, folder },
    environment: Object.fromEntries(
      (container?.Environment ?? []).map(({ Name, Value }) => [Name, textOf(Value)]),
    ),
    // The bucket of assets is not of the template: as the fake AWS calls buckets.
    statements: statementsOf(resources, role).map((statement) => ({
      ...statement,
      Resource: [statement.Resource].flat().map((one) => one.replace(/^arn:aws:s3:::/, 'arn:')),
    })),
    bundle: { bucket, key, bytes: readFileSync(join(out, `asset.${key}`)) },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Text as it would be once deployed, where each resource is called by its logical id. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = ['', undefined]] = Object.entries(value as object) as [string, unknown][];
  if (name === 'Ref') return PSEUDO[argument as string] ?? nameOf(argument as string);
  if (name === 'Fn::Sub') return (argument as string).replace(/\$\{[^}]*\}/g, 'x');
  if (name === 'Fn::GetAtt') return nameOf((argument as [string, string]).join('.'));
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(textOf).join(separator);
  }
  throw new Error(`a function of templates that the test does not know: ${name}`);
}
