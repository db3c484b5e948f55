// The real programs as processes: the server and the command line.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = join(ROOT, 'lib/cli/main.ts');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

export type Env = Readonly<Record<string, string>>;

/** Starts a program; `ended` resolves when it has ended, whatever with. */
export function start(program: string, args: readonly string[], env: Env = {}): Running {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, WADI_KAFKA_PORT: '0', ...env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program that has ended reads no more.
  child.stdin.on('error', () => undefined);
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
  const ended = once(child, 'close').then(([exitCode]) => ({
    exitCode: exitCode as number | null,
    stdout: text(stdout),
    stderr: text(stderr),
  }));
  return { process: child, stdout: () => text(stdout), stderr: () => text(stderr), ended };
}

/** The command line: a program and its first arguments. */
export const WADI: readonly [string, string] = [process.execPath, MAIN];

/** Starts the command line. */
export const startWadi = (args: readonly string[], env: Env = {}): Running =>
  start(WADI[0], [WADI[1], ...args], env);

/** Runs the command line to its end. */
export async function wadi(
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Env } = {},
): Promise<Ended> {
  const running = startWadi(args, options.env);
  running.process.stdin?.end(options.stdin ?? '');
  return running.ended;
}

export interface ServerProcess extends Running {
  readonly url: string;
}

/** Starts the server; resolves when it is ready, and rejects with what it printed if it ends before. */
export async function startServer(env: Env): Promise<ServerProcess> {
  const running = startWadi(['serve'], {
    WADI_HTTP_PORT: '0',
    WADI_LOG_LEVEL: 'warn',
    ...env,
  });
  const url = await readyUrl(running);
  return { ...running, url };
}

/** Where a server that is ready listens for Kafka clients: `host:port`. Throws where it does not. */
export function kafkaAddressOf({ stdout }: Pick<Running, 'stdout'>): string {
  const address = /Kafka clients at (\S+)/.exec(stdout())?.[1];
  if (address === undefined) throw new Error(`no address for Kafka clients: ${stdout()}`);
  return address;
}

/** The URL of the line that says `ready`. */
export function readyUrl({ process: child, stdout, ended }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const url = /ready.*(http:\/\/[^\s,]+)/.exec(stdout())?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', look);
    look();
    void ended.then(({ stderr }) => {
      reject(new Error(`the server ended: ${stderr}`));
    });
  });
}

/** Ends a server with a signal and waits until it has ended. */
export async function stop(running: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  running.process.kill(signal);
  return running.ended;
}

/** A folder that goes with its test. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'wadi-e2e-'));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
