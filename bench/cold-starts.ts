// Cold starts: how long each function's bundle takes to load, beside a bare handler that loads the same AWS clients.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLE_FILE, synthesizeFunctions, type DeployedFunction } from './deployed-functions.ts';
import { median, type Bound, type Report } from './report.ts';
import { withFolder } from './workspace.ts';

const KIB = 1024;
const BUNDLE_BYTES_MAX = 1_000_000;
const RATIO_MAX = 1.5;
/** After one that only warms the disk's cache. */
const ROUNDS = 15;

const BARE = 'bare handler';

const FUNCTION_CREDENTIALS = join(import.meta.dirname, '..', 'functions', 'function-credentials.ts');

/** Bundled as infra bundles the functions (infra/constructs/event-log-function.ts). */
function bundleBareHandler(folder: string): DeployedFunction {
  const own = join(folder, 'bare');
  mkdirSync(own);
  const outfile = join(own, BUNDLE_FILE);
  buildSync({
    entryPoints: [join(import.meta.dirname, 'bare-handler.ts')],
    ...{ outfile, bundle: true, minify: true, platform: 'node', target: 'node24', format: 'esm' },
    ...{ mainFields: ['module', 'main'], sourcemap: true, sourcesContent: false },
    alias: { '@aws-sdk/credential-provider-node': FUNCTION_CREDENTIALS },
    banner: {
      js: "import{createRequire as bareRequire}from'node:module';const require=bareRequire(import.meta.url);",
    },
  });
  const environment = { NODE_OPTIONS: '--enable-source-maps' };
  return { name: BARE, folder: own, bundleBytes: statSync(outfile).size, environment };
}

/** Of one process, in milliseconds. */
interface ColdStart {
  /** From Node's first step to the handler being there, which is what Lambda calls the init duration. */
  readonly totalMs: number;
  /** The part of it that loads the bundle. */
  readonly loadMs: number;
}

/**
 * What the process runs: as little as a runtime can do, and plain JavaScript, so that no type stripping is measured.
 * Functions that stream are wrapped by a global of Lambda's runtime.
 */
const RUNTIME = `
  globalThis.awslambda = { streamifyResponse: (handler) => handler };
  const startMs = performance.now();
  const { handler } = await import(process.cwd() + '/${BUNDLE_FILE}');
  const totalMs = performance.now();
  if (typeof handler !== 'function') throw new Error('the bundle has no handler');
  console.log(JSON.stringify({ totalMs, loadMs: totalMs - startMs }));
  process.exit();`;

/** One start in a process of its own, without what this one's environment has. */
function start({ name, folder, environment }: DeployedFunction): ColdStart {
  const lambda = { AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: name };
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', RUNTIME], {
    ...{ cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], ...lambda, ...environment } },
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as ColdStart;
}

/** Takes turns, so that what else the machine does meets all of them. */
function measure(functions: readonly DeployedFunction[]): ReadonlyMap<string, readonly ColdStart[]> {
  const starts = new Map<string, ColdStart[]>(functions.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const one of functions) {
      const coldStart = start(one);
      if (round > 0) starts.get(one.name)?.push(coldStart);
    }
  }
  return starts;
}

/** Of each round, so that one that met a busy machine counts once. */
const ratioOf = (
  starts: readonly ColdStart[],
  others: readonly ColdStart[],
  of: (coldStart: ColdStart) => number,
): number => median(starts.map((one, round) => of(one) / of(others[round] ?? one)));

function boundsOf({ name, bundleBytes }: DeployedFunction, ratio: number): readonly Bound[] {
  if (name === BARE) return [];
  return [
    {
      what: `${name}: KB of the bundle`,
      figure: bundleBytes / KIB,
      atMost: BUNDLE_BYTES_MAX / KIB,
      kind: 'count',
    },
    { what: `${name}: cold start beside the bare handler's`, figure: ratio, atMost: RATIO_MAX, kind: 'time' },
  ];
}

/** Takes about a minute: it synthesizes the app, then starts a process a hundred times. */
export async function benchColdStarts(): Promise<Report> {
  return withFolder((folder) => {
    const functions = [bundleBareHandler(folder), ...synthesizeFunctions(folder)];
    const starts = measure(functions);
    const startsOf = (name: string) => starts.get(name) ?? [];
    const rows: (string | number)[][] = [];
    const bounds: Bound[] = [];
    for (const one of functions) {
      const { name, bundleBytes } = one;
      const own = startsOf(name);
      const ratio = ratioOf(own, startsOf(BARE), ({ totalMs }) => totalMs);
      rows.push([
        ...[name, Math.round(bundleBytes / KIB), median(own.map(({ totalMs }) => totalMs)), ratio],
        ...[median(own.map(({ loadMs }) => loadMs)), ratioOf(own, startsOf(BARE), ({ loadMs }) => loadMs)],
      ]);
      bounds.push(...boundsOf(one, ratio));
    }
    return Promise.resolve({
      title: 'Cold starts',
      note: 'Each bundle as it is deployed, started in a process of its own, in turn with a bare handler that loads the same AWS clients. Medians.',
      columns: ['function', 'KB', 'start ms', 'of bare', 'its load ms', 'of bare'],
      ...{ rows, bounds },
    });
  });
}
