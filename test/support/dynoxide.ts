// DynamoDB's dialect for tests: a dynoxide server of one's own, in memory or on a file, on a free port of 127.0.0.1.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createSystemClock } from '../../lib/base/clock.ts';
import { DYNAMODB_CLIENT_OPTIONS } from '../../lib/storage/dynamodb/client-options.ts';
import { createTables } from '../../lib/storage/dynamodb/create-tables.ts';
import {
  createDynamoDbItemStore,
  prefixedTableNames,
} from '../../lib/storage/dynamodb/dynamodb-item-store.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

/** The binary of this platform, or undefined where npm installed none. */
export const DYNOXIDE_PATH = findDynoxide();

/** For the titles of tests that are skipped without it. */
export const NO_DYNOXIDE = `@dynoxide/${process.platform}-${process.arch} is not installed (an optional dependency)`;

/** Tables of the emulator have this prefix. */
export const TABLE_PREFIX = 'wadi-test-';

export interface Emulator {
  readonly endpoint: string;
  close(): Promise<void>;
}

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

/** An ItemStore on an emulator, with a client of its own. */
export function openEmulatedStore(endpoint: string): ItemStore {
  const client = createEmulatorClient(endpoint);
  const tableNames = prefixedTableNames(TABLE_PREFIX);
  const store = createDynamoDbItemStore({ client, tableNames, clock: createSystemClock() });
  return {
    ...store,
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** A client made as production's is, but for credentials and region that no account has. */
export function createEmulatorClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ ...DYNAMODB_CLIENT_OPTIONS, endpoint, region: 'us-east-1', credentials });
}

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
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

async function withTables(server: ChildProcess, endpoint: string): Promise<Emulator> {
  const client = createEmulatorClient(endpoint);
  await createTables(client, prefixedTableNames(TABLE_PREFIX));
  client.destroy();
  return { endpoint, close: () => stop(server) };
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}
