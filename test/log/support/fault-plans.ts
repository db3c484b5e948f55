// The ways in which the n-th write of a process can go wrong.
import {
  crashAtWrite,
  throttling,
  unavailable,
  type Fault,
  type FaultPlan,
} from '../../../lib/storage/faulty.ts';

const atWrite =
  (fault: Fault) =>
  (n: number): FaultPlan =>
  ({ isWrite, writeNumber }) =>
    isWrite && writeNumber === n ? fault : undefined;

/** By name; each makes the plan for a number of the write, counted from 1. */
export const FAULTS: Readonly<Record<string, (n: number) => FaultPlan>> = {
  'dies before': (n) => crashAtWrite(n, false),
  'dies after': (n) => crashAtWrite(n, true),
  'gets no answer': atWrite({ kind: 'loseAnswer' }),
  'sees it delayed past the next write': atWrite({ kind: 'delay', writes: 1 }),
  'sees it delayed past 3 writes': atWrite({ kind: 'delay', writes: 3 }),
  'sees it delayed past 10 writes': atWrite({ kind: 'delay', writes: 10 }),
  'is throttled': atWrite(throttling()),
  'finds the store down': atWrite(unavailable()),
};

/** Every fault also for all writes from the n-th on, as in an outage. */
export const OUTAGES: Readonly<Record<string, (n: number) => FaultPlan>> = {
  'gets no more answers': from({ kind: 'loseAnswer' }),
  'is throttled for good': from(throttling()),
  'finds the store down for good': from(unavailable()),
};

function from(fault: Fault): (n: number) => FaultPlan {
  return (n) =>
    ({ isWrite, writeNumber }) =>
      isWrite && writeNumber >= n ? fault : undefined;
}
