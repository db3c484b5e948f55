// DynamoDB's dialect for tests: a dynoxide server of one's own, in memory or on a file, on a free port of 127.0.0.1.
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stop, withTables, type Emulator } from './emulator.ts';
import { freePort } from './free-port.ts';

/** The binary of this platform, or undefined where npm installed none. */
export const DYNOXIDE_PATH = findDynoxide();

/** For the titles of tests that are skipped without it. */
export const NO_DYNOXIDE = `@dynoxide/${process.platform}-${process.arch} is not installed (an optional dependency)`;

const ATTEMPTS = 5;

/**
 * Starts dynoxide with the tables made. `databasePath` keeps its data in that file, fsynced; default: in memory. The
 * server prints the port it was told even where that is 0, so a free one is looked for first; another process may take
 * it in between, which dynoxide notices and exits, and the next is tried.
 */
export async function startDynoxide({ databasePath }: { databasePath?: string } = {}): Promise<Emulator> {
  if (DYNOXIDE_PATH === undefined) throw new Error(NO_DYNOXIDE);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const file = databasePath === undefined ? [] : ['--db-path', databasePath];
    const server = spawn(DYNOXIDE_PATH, ['--host', '127.0.0.1', '--port', port.toString(), ...file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = await firstWords(server);
    if (said.includes('listening')) return withTables(server, `http://127.0.0.1:${port.toString()}`);
    await stop(server);
    if (attempt === ATTEMPTS) throw new Error(`dynoxide did not start: ${said}`);
  }
}

function findDynoxide(): string | undefined {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return join(folder, process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
  } catch {
    return undefined;
  }
}

async function firstWords(server: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const onData = (data: Buffer) => {
    resolve(data.toString());
  };
  server.stdout?.once('data', onData).resume();
  server.stderr?.once('data', onData).resume();
  server.once('error', (error) => {
    resolve(error.message);
  });
  server.once('exit', (code) => {
    resolve(`exit code ${String(code)}`);
  });
  return promise;
}
