// A folder for a benchmark's data, on the disk that the project is on: a temporary folder may be no disk at all.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Beside what other tools keep while they work; npm and git leave it alone. */
const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache');

/** Runs `work` with a new, empty folder, and removes it at the end. */
export async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'wadi-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
