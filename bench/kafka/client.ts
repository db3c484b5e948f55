// Runs the client program against a server, in a process of its own, and reads what it measured.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = join(import.meta.dirname, 'Bench.java');

/** What the program prints: figures by name, with their units. */
export type Figures = Readonly<Record<string, number>>;

/** Runs `what` with its options, which Bench.java describes. Throws where it fails or a record was not acknowledged. */
export async function runClient(
  classPath: string,
  what: 'produce' | 'fetch' | 'latency',
  options: Readonly<Record<string, string | number>>,
): Promise<Figures> {
  const pairs = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await promisify(execFile)('java', ['-cp', classPath, PROGRAM, what, ...pairs]);
  return JSON.parse(stdout) as Figures;
}
