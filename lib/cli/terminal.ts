// What a command sees of the process it runs in, passed in so that tests own it.
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';

/** The process around a command. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether somebody watches stderr, so that progress is worth printing. */
  readonly isWatched: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly dice: Dice;
  /** Aborted by Ctrl-C or SIGTERM, with the signal's name as its reason. */
  readonly signal: AbortSignal;
}

/** Prints one line to stderr. */
export function note(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}

/** Writes and waits until the stream takes more. Rejects with EPIPE where the reader has gone, else with a CliError. */
export function write(stream: Writable, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error)
        reject(
          isBrokenPipe(error) ? error : new CliError(`cannot write: ${error.message}`, { cause: error }),
        );
      else resolve();
    });
  });
}

/** Whether whoever read our output has gone, as `head` does. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** The exit code of a command that a signal ended. */
export function endOf(signal: AbortSignal): ExitCode {
  return signal.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
}
