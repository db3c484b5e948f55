// A server that is measured, whichever it is: started in a process of its own, asked from outside, and stopped.
import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { residentBytes } from '../../test/support/resident-bytes.ts';

/** A server that answers. */
export interface Server {
  readonly name: 'wadi' | 'kafka';
  /** As clients' bootstrap.servers. */
  readonly bootstrap: string;
  /** From the start of its process to its first answer to ApiVersions. */
  readonly startUpMs: number;
  /** Bytes of memory that it has at the moment (resident set size). */
  memoryBytes(): number;
  /** Milliseconds of processor time that it has taken so far. */
  processorMs(): number;
  /** Asks it to end, and resolves when it has. */
  stop(): Promise<void>;
}

/** Longer than the slowest start on a busy machine. */
const START_MS_MAX = 120_000;

/** Waits for the first answer to ApiVersions on `port` of 127.0.0.1. Throws where the process ends before. */
export async function awaitServer(
  name: Server['name'],
  child: ChildProcess,
  port: number,
  startedAtMs: number,
): Promise<Server> {
  const deadlineMs = startedAtMs + START_MS_MAX;
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it answered`);
    if (performance.now() > deadlineMs) throw new Error(`${name} did not answer within ${START_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    name,
    bootstrap: `127.0.0.1:${port}`,
    startUpMs: performance.now() - startedAtMs,
    memoryBytes: () => residentBytes(child.pid).now,
    processorMs: () => processorMsOf(child),
    stop: () => stop(child),
  };
}

/** ApiVersions 0 with correlation id 1 and no client id: the oldest request that every version of Kafka answers. */
const API_VERSIONS = Buffer.from('0000000a00120000' + '00000001' + 'ffff', 'hex');
const HEADER_BYTES = 8;

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(API_VERSIONS);
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length >= HEADER_BYTES) return received.readInt32BE(4) === 1;
    }
    return false;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Linux counts in hundredths of a second (USER_HZ), user and system time in the fields 14 and 15. */
function processorMsOf({ pid }: ChildProcess): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) * 10;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
