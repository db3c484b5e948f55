// Notices that files have changed, by looking: an editor's rename, a mounted secret and a copy all show, which no event tells
// for all of them.
import { statSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';

/** A certificate that was renewed is in use so long after. */
export const LOOK_EVERY_MS = 2_000;

/**
 * Begins with the files as they are when it is called. Calls `onChanged` each time one of the files has another time, size or inode than before, or has gone, until the signal.
 * What it throws or rejects with is the caller's to catch.
 */
export async function followFiles(
  paths: readonly string[],
  onChanged: () => Promise<void>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let before = marksOf(paths);
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    const marks = marksOf(paths);
    if (marks === before) continue;
    before = marks;
    await onChanged();
  }
}

/** At once, so that no change falls between the call and the first look. */
function marksOf(paths: readonly string[]): string {
  const marks = paths.map((path) => {
    try {
      const { mtimeMs, size, ino } = statSync(path);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return 'absent';
    }
  });
  return marks.join('\n');
}
