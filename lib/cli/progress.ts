// A count that runs on the terminal while a command works. Nothing where nobody watches.
import type { Terminal } from './terminal.ts';

const SHOW_EVERY_MS = 100;

/** Clears the line it writes on. */
const CLEAR_LINE = '\r\x1b[K';

export interface Progress {
  readonly show: (records: number) => void;
  /** Takes the count away, so that another line can stand in its place. */
  readonly clear: () => void;
}

/** A progress on stderr, at most ten times a second. */
export function createProgress({ stderr, isWatched, clock }: Terminal): Progress {
  let shownAtMs = 0;
  return {
    show: (records) => {
      const now = clock.now();
      if (!isWatched || now - shownAtMs < SHOW_EVERY_MS) return;
      shownAtMs = now;
      stderr.write(`${CLEAR_LINE}${records} records`);
    },
    clear: () => {
      if (shownAtMs > 0) stderr.write(CLEAR_LINE);
    },
  };
}
