// Notices that files have changed, by looking: an editor's rename, a mounted secret and a copy all show, which no event tells
// for all of them.
import { stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';

/** A certificate that was renewed is in use so long after. */
export const LOOK_EVERY_MS = 2_000;

/**
 * Calls `onChanged` each time one of the files has another time, size or inode than before, or has gone, until the signal.
 * What it throws or rejects with is the caller's to catch.
 */
export async function followFiles(
  paths: readonly string[],
  onChanged: () => Promise<void>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let before = await marksOf(paths);
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    const marks = await marksOf(paths);
    if (marks === before) continue;
    before = marks;
    await onChanged();
  }
}

async function marksOf(paths: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    paths.map(async (path) => {
      try {
        const { mtimeMs, size, ino } = await stat(path);
        return `${mtimeMs} ${size} ${ino}`;
      } catch {
        return 'absent';
      }
    }),
  );
  return marks.join('\n');
}
