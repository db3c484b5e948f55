// How much of everything a run does, and how badly its network behaves.
import type { Dice } from './dice.ts';

export type WorkloadName = 'plain' | 'attack';

/** Shares and rates are probabilities: of a choice, of a request, or per step. */
export interface Workload {
  readonly writers: number;
  readonly commitsEach: number;
  readonly batchesMax: number;
  readonly recordsMax: number;
  readonly tailLimit: number;
  readonly isWholeRoll: boolean;
  readonly readers: number;
  readonly producers: number;
  readonly producersKept: number;
  readonly plainShare: number;
  readonly restarts: number;
  readonly rolling: number;
  readonly sealing: number;
  readonly collecting: number;
  readonly merging: number;
  readonly reading: number;
  readonly retiring: number;
  /** Only appends are copied, or all writes. */
  readonly areAllCopied: boolean;
  readonly copied: number;
  readonly stalled: number;
  readonly woken: number;
  readonly impatient: number;
  readonly unanswered: number;
  readonly givesUp: number;
  readonly refreshes: number;
  readonly oldViews: number;
}

/** Writers and rollers only: a network that delays and copies, and nothing stalls. */
function plain(): Workload {
  return {
    ...{ writers: 4, commitsEach: 6, batchesMax: 3, recordsMax: 3, tailLimit: 6, isWholeRoll: false },
    ...{ readers: 0, producers: 0, producersKept: 0, plainShare: 1, restarts: 0 },
    ...{ rolling: 0.05, sealing: 0, collecting: 0, merging: 0, reading: 0, retiring: 0 },
    ...{ areAllCopied: false, copied: 0.15, stalled: 0, woken: 0 },
    ...{ impatient: 0.08, unanswered: 0.06, givesUp: 0, refreshes: 0, oldViews: 0.1 },
  };
}

/** Everything at once, with sizes and rates drawn anew for each seed. */
function attack({ pick, one }: Dice): Workload {
  const writers = 2 + pick(7);
  return {
    ...{
      writers,
      commitsEach: Math.ceil(one([28, 28, 60]) / writers),
      batchesMax: 1 + pick(4),
      recordsMax: 1 + pick(3),
    },
    ...{ tailLimit: 2 + Math.min(pick(7), pick(7)), isWholeRoll: one([true, false]) },
    ...{ readers: 2, producers: 1 + pick(4), producersKept: one([0, 0, 0, 1, 2]) },
    ...{ plainShare: one([0, 0.3, 0.6]), restarts: one([0, 0.02, 0.2]) },
    ...{ rolling: one([0.03, 0.1, 0.3]), sealing: one([0.02, 0.1, 0.3]), collecting: one([0.02, 0.1]) },
    ...{ merging: one([0, 0.02, 0.1]), reading: one([0.05, 0.2]), retiring: one([0, 0, 0, 0.003]) },
    ...{ areAllCopied: true, copied: one([0.05, 0.2]), stalled: one([0.02, 0.1, 0.25, 0.4]) },
    ...{ woken: one([0.001, 0.01]), impatient: one([0.05, 0.15]), unanswered: one([0.03, 0.15]) },
    ...{ givesUp: one([0.05, 0.2]), refreshes: one([0.1, 0.9]), oldViews: one([0.05, 0.4]) },
  };
}

export const WORKLOADS: Readonly<Record<WorkloadName, (dice: Dice) => Workload>> = { plain, attack };
