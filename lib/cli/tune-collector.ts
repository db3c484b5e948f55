// How often V8 collects garbage in a process whose garbage is buffers.
import { setFlagsFromString } from 'node:v8';

/**
 * V8 13 (Node 24) weighs buffers against the limit of a heap of 20 MB that they are not in: a server through which 100 MB a
 * second pass then collects twenty times a second, which costs a third of its processor time. With this they count against
 * a limit of their own. Later versions do that by themselves. To be called at the start; changes nothing that a program
 * can see but how much memory it has.
 */
export function countBuffersApart(): void {
  if (process.versions.v8.startsWith('13.'))
    setFlagsFromString('--external-memory-accounted-in-global-limit');
}
