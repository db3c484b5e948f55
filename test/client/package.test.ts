// The package as it is published: packed, unpacked where nobody knows this repository, compiled against, and run.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the package is made of, so that it is built beside the repository and not in it. */
const PARTS = ['lib', 'build.ts', 'tsconfig.json', 'package.json', 'README.md', 'LICENSE'];

let folder: string;
let project: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wadi-package-'));
  project = join(folder, 'project');
  const source = join(folder, 'source');
  for (const part of PARTS) cpSync(join(ROOT, part), join(source, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  run('npm', ['pack', '--silent', '--offline', '--pack-destination', folder], source);
  install(readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function run(command: string, args: readonly string[], cwd = project): string {
  const PATH = `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** As npm would: the package and all it depends on. Those are links to what is installed already. */
function install(tarball: string): void {
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'wadi'), { recursive: true });
  run('tar', ['-xzf', join(folder, tarball), '-C', join(modules, 'wadi'), '--strip-components=1'], folder);
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((one) => !one.startsWith('.')))
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', type: 'module' }));
}

const COMPILER_OPTIONS = {
  ...{ target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: ['node'] },
  ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
  erasableSyntaxOnly: true,
};

const PROGRAM = `
import { BrokerError, connectEmbedded, jsonSerde, stringSerde, type Client, type Producer } from 'wadi';
import type * as Wadi from 'wadi';

// What a declaration cannot be found of is \`any\`, and says nothing more.
type IsAny<T> = 0 extends 1 & T ? true : false;
const isAny: IsAny<
  | Wadi.Admin | Wadi.Batch<Buffer, Buffer> | Wadi.ClientBroker['fetch'] | Wadi.ClientBroker['groups'] | Wadi.Compression
  | Wadi.ConsumedRecord<Buffer, Buffer> | Wadi.Consumer | Wadi.EmbeddedOptions | Wadi.ErrorCode | Wadi.HttpOptions
  | Wadi.InAccountOptions['dynamodb'] | Wadi.MessageHeaders | Wadi.ProducerOptions | Wadi.SignRequest | Wadi.TopicSummary
> = false;

const client: Client = await connectEmbedded({ dataDir: process.argv[2] ?? '' });
const producer: Producer<string, { readonly total: number }> = client.producer({
  keySerializer: stringSerde.serialize,
  valueSerializer: jsonSerde<{ readonly total: number }>().serialize,
});
const [sent] = await producer.send({
  topic: 'orders',
  messages: [{ key: 'ann', value: { total: 7 } }, { key: 'bob', value: { total: 8 } }],
});
const first: number | undefined = sent?.offset;
// @ts-expect-error -- totals are numbers
const wrong = { topic: 'orders', messages: [{ key: 'ann', value: { total: 'seven' } }] } satisfies Parameters<typeof producer.send>[0];

const consumer = client.consumer({
  groupId: 'billing',
  valueDeserializer: jsonSerde<{ readonly total: number }>().deserialize,
});
await consumer.subscribe({ topic: 'orders', fromBeginning: true });
const totals: (number | undefined)[] = [];
for await (const { value } of consumer) {
  totals.push(value?.total);
  if (totals.length === 2) break;
}
const refusal = await client.admin().deleteTopics({ topics: ['none'] }).catch((error: unknown) => error);
console.log(JSON.stringify({ first, totals, code: refusal instanceof BrokerError ? refusal.code : '', wrong: typeof wrong }));
await client.close();
`;

describe('the package', () => {
  it('is typed: a strict program compiles against it, and what is wrong does not', () => {
    writeFileSync(join(project, 'program.ts'), PROGRAM);
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ['program.ts'] }),
    );
    expect(run('tsc', [])).toBe('');
  }, 120_000);

  it('runs: produces to a log of its own process, and consumes from it', () => {
    writeFileSync(join(project, 'program.ts'), PROGRAM);
    const output = run('node', ['program.ts', join(folder, 'data')]);
    expect(JSON.parse(output)).toEqual({
      ...{ first: 0, totals: [7, 8], code: 'UNKNOWN_TOPIC_OR_PARTITION', wrong: 'object' },
    });
  });

  it('loads for HTTP neither SQLite nor the AWS SDK, and each with its own connection', () => {
    const loadedBy = (connect: string): readonly string[] => {
      writeFileSync(join(project, 'loads.mjs'), LOADS.replace('CONNECT', connect));
      return JSON.parse(run('node', ['loads.mjs'])) as readonly string[];
    };
    const heavy = (connect: string) => {
      const loaded = loadedBy(connect);
      expect(loaded.filter((name) => name.includes('/wadi/dist/client/index.mjs'))).toHaveLength(1);
      return ['node:sqlite', '@aws-sdk/', '@smithy/', 're2js'].filter((part) =>
        loaded.some((name) => name.includes(part)),
      );
    };
    expect(heavy(`connectHttp({ url: 'http://127.0.0.1:1' })`)).toEqual([]);
    expect(heavy(`await connectEmbedded({ dataDir: ${JSON.stringify(join(folder, 'loads'))} })`)).toEqual([
      ...['node:sqlite', 're2js'],
    ]);
    expect(heavy(`await connectInAccount({ tables: {}, bucket: 'b' })`)).toEqual([
      ...['@aws-sdk/', '@smithy/', 're2js'],
    ]);
  });

  it('has the command', () => {
    expect(run('node', [join('node_modules', 'wadi', 'dist', 'cli', 'wadi.mjs'), '--help'])).toContain(
      'produce',
    );
  });
});

/** Prints what was loaded, by its specifier or its address, once the client is made. */
const LOADS = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    loaded.push(specifier, resolved.url);
    return resolved;
  },
});
const { connectHttp, connectEmbedded, connectInAccount } = await import('wadi');
const client = CONNECT;
await client.close();
console.log(JSON.stringify(loaded));
`;
