#!/usr/bin/env node
// The `wadi` program: hands the process over to the command line and leaves with its exit code.
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '../base/clock.ts';
import { createSystemDice } from '../base/dice.ts';
import { runCli } from './program.ts';

/** npm passes a terminal's Ctrl-C on to us, which we have had already: only a later one is a second one. */
const SECOND_SIGNAL_MS = 1_000;

// Halves the start. A folder of the user's own: what it holds is run. Where it cannot be written, nothing is cached.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'wadi'));

const clock = createSystemClock();
const signals = new AbortController();
let signalledAtMs = 0;

function onSignal(signal: NodeJS.Signals): void {
  const now = clock.now();
  if (signals.signal.aborted && now - signalledAtMs > SECOND_SIGNAL_MS)
    process.exit(signal === 'SIGINT' ? 130 : 143);
  if (signals.signal.aborted) return;
  signalledAtMs = now;
  signals.abort(signal);
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
// A reader that has gone shows where we write; without a listener it would also end the process with a stack.
process.stdout.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  isWatched: process.stderr.isTTY,
  env: process.env,
  clock,
  dice: createSystemDice(),
  signal: signals.signal,
});
// An idle stdin or a kept connection would hold the process; what was written is flushed by then.
process.exit();
