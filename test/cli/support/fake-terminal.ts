// A terminal that a test owns: what is typed into it, and what was printed.
import { PassThrough, Writable } from 'node:stream';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { runCli } from '../../../lib/cli/program.ts';
import type { Terminal } from '../../../lib/cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  readonly stdin: PassThrough;
  readonly output: () => string;
  readonly errors: () => string;
  readonly signals: AbortController;
}

export interface FakeTerminalOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly isWatched?: boolean;
  /** Called with each chunk of stdout; may throw, as a pipe without a reader does. */
  readonly onOutput?: (text: string) => void;
}

export function fakeTerminal(options: FakeTerminalOptions = {}): FakeTerminal {
  const stdin = new PassThrough();
  if (options.stdin !== undefined) stdin.end(options.stdin);
  const [stdout, output] = capture(options.onOutput);
  const [stderr, errors] = capture();
  const signals = new AbortController();
  return {
    stdin,
    stdout,
    stderr,
    output,
    errors,
    signals,
    signal: signals.signal,
    isWatched: options.isWatched ?? false,
    env: options.env ?? {},
    clock: createSystemClock(),
    dice: createSystemDice(),
  };
}

function capture(onOutput?: (text: string) => void): [Writable, () => string] {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      try {
        onOutput?.(chunk.toString());
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  stream.on('error', () => undefined);
  return [stream, () => Buffer.concat(chunks).toString()];
}

export interface Run {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command line to its end. */
export async function run(args: readonly string[], options: FakeTerminalOptions = {}): Promise<Run> {
  const terminal = fakeTerminal(options);
  const exitCode = await runCli(args, terminal);
  return { exitCode, output: terminal.output(), errors: terminal.errors() };
}
