// How often V8 collects garbage in a process whose garbage is buffers.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { Clock } from '../base/clock.ts';

/** So much of buffers, dead or alive, is left to the far limit. */
const BUFFER_BYTES_MAX = 208 * 1024 * 1024;

const CHECK_EVERY_MS = 100;

/**
 * V8 13 (Node 24) adds buffers that were made since the last collection to the size of the heap, a limit of about 30 MB: a
 * server through which 100 MB a second pass then collects fifteen times a second, which costs a third of its processor
 * time. Here they are weighed together with all other memory, against a limit that is far higher, until they are
 * BUFFER_BYTES_MAX; then V8 is left to its own rule until it has collected. It was measured with this version only;
 * others, which may not know the flag, are left as they are. A program sees nothing of it but how much memory it has.
 * Resolves when the signal is aborted.
 */
export async function limitBuffers(clock: Clock, signal: AbortSignal): Promise<void> {
  if (!process.versions.v8.startsWith('13.')) return;
  for (let wasFar: boolean | undefined; !signal.aborted;) {
    const isFar = getHeapStatistics().external_memory < BUFFER_BYTES_MAX;
    if (isFar !== wasFar)
      setFlagsFromString(`--${isFar ? '' : 'no-'}external-memory-accounted-in-global-limit`);
    wasFar = isFar;
    await clock.sleep(CHECK_EVERY_MS, signal);
  }
}
