// Our server as `wadi serve` runs it, in a fresh folder: each acknowledgement comes after an fsync.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { awaitServer, type Server } from './server.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'main.ts');

/** Starts it with its data in `folder`. `profileFolder`: where it leaves a CPU profile when it stops. */
export async function startWadiServer(folder: string, profileFolder: string | undefined): Promise<Server> {
  const port = await freePort();
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const serve = ['serve', '--port', '0', '--kafka-port', port.toString(), '--data-dir', join(folder, 'data')];
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [...profile, MAIN, ...serve], {
    cwd: folder,
    env: { ...process.env, WADI_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return awaitServer('wadi', child, port, startedAtMs);
}
