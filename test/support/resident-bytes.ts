// How much memory a process has, as Linux tells it.
import { readFileSync } from 'node:fs';

/** Of a process, in bytes: the most resident memory that it has had, and that of now. NaN where it has ended. */
export function residentBytes(pid: number | undefined): { readonly most: number; readonly now: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) * 1024;
  return { most: bytes('VmHWM'), now: bytes('VmRSS') };
}
