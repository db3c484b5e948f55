// Many runs together: sums, medians, and the table that is printed of them.
import type { RunResult } from './run.ts';

/** What is kept of a run among many. */
export type RunSummary = Pick<
  RunResult,
  'seed' | 'steps' | 'calls' | 'acknowledged' | 'faults' | 'counts' | 'violations'
>;

export const summaryOf = ({
  seed,
  steps,
  calls,
  acknowledged,
  faults,
  counts,
  violations,
}: RunResult): RunSummary => ({
  ...{ seed, steps, calls, acknowledged, faults, counts, violations },
});

function sumOf(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const one of all) {
    for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const rows = (title: string, counts: Readonly<Record<string, number>>): readonly string[] => [
  `\n${title}`,
  ...Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `  ${name.padEnd(28)} ${count.toLocaleString('en-US').padStart(12)}`),
];

/** The table of all runs; violations first, each with the command that replays it. */
export function print(runs: readonly RunSummary[]): string {
  const violated = runs.filter(({ violations }) => violations.length > 0);
  const total = (of: (run: RunSummary) => number) => runs.reduce((sum, run) => sum + of(run), 0);
  return [
    ...violated.flatMap(({ seed, violations }) => [
      `npm run sim -- --seed ${seed} --trace`,
      ...violations.map((violation) => `  ${violation}`),
    ]),
    ...rows('in all', {
      runs: runs.length,
      'runs with violations': violated.length,
      steps: total(({ steps }) => steps),
      'port calls': total(({ calls }) => calls),
      'port calls, median run': median(runs.map(({ calls }) => calls)),
      'batches acknowledged': total(({ acknowledged }) => acknowledged),
      'acknowledged, median run': median(runs.map(({ acknowledged }) => acknowledged)),
    }),
    ...rows('faults', sumOf(runs.map(({ faults }) => faults))),
    ...rows('paths', sumOf(runs.map(({ counts }) => counts))),
  ].join('\n');
}
