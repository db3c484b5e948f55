// Builds the Java and Go clients that tests here use: `npm run compat:clients`. Needs Java 17 and Maven, and Go; what is
// missing is said and passed over. It fetches their libraries; the tests themselves fetch nothing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isOnPath } from './support/programs.ts';

interface Build {
  readonly name: string;
  readonly needs: readonly string[];
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
}

const BUILDS: readonly Build[] = [
  {
    ...{ name: 'java', needs: ['java', 'mvn'], folder: 'java' },
    command: ['mvn', '-q', '-B', 'compile', 'dependency:copy-dependencies', '-DoutputDirectory=dist/lib'],
  },
  { name: 'go', needs: ['go'], folder: 'go', command: ['go', 'build', '-o', 'dist/compat', '.'] },
];

function build({ name, needs, folder, command: [program, ...args] }: Build): boolean {
  const missing = needs.filter((one) => !isOnPath(one));
  if (missing.length > 0) {
    console.error(`${name}: not built, for ${missing.join(' and ')} is missing on PATH`);
    return false;
  }
  const cwd = fileURLToPath(new URL(folder, import.meta.url));
  const isBuilt = spawnSync(program, args, { cwd, stdio: 'inherit' }).status === 0;
  console.error(`${name}: ${isBuilt ? 'built' : 'failed'}`);
  return isBuilt;
}

process.exitCode = BUILDS.map(build).every(Boolean) ? 0 : 1;
