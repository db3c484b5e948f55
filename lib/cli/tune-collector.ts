// How often V8 collects garbage in a process whose garbage is buffers.
import { setFlagsFromString } from 'node:v8';

/**
 * V8 13 (Node 24) adds buffers that were made since the last collection to the size of the heap, a limit of about 30 MB: a
 * server through which 100 MB a second pass then collects fifteen times a second, which costs a third of its processor
 * time. With this they are weighed together with all other memory, against a limit that is far higher. It was measured
 * with this version only; others, which may not know the flag, are left as they are. To be called at the start; a program
 * sees nothing of it but how much memory it has.
 */
export function countBuffersWithAllMemory(): void {
  if (process.versions.v8.startsWith('13.'))
    setFlagsFromString('--external-memory-accounted-in-global-limit');
}
