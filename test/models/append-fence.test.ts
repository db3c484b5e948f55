// The model of appending to one partition: with all rules nothing goes wrong, and without any one of them something does.
import { describe, expect, it } from 'vitest';
import { run } from './append-fence/run.ts';
import { RULE_NAMES, RULES, type RuleName } from './append-fence/rules.ts';
import { type WorkloadName } from './append-fence/workload.ts';

const SEEDS = { plain: 300, attack: 1000 } as const;

/**
 * For each rule a seed of `attack` that shows a violation without it. A change of the model moves them:
 * `npm exec -c 'node test/models/append-fence/main.ts 5000'` prints the first of each.
 */
const FAILING_SEEDS: Readonly<Record<RuleName, number>> = {
  contains: 3,
  fence: 3,
  helping: 1,
  recheck: 4,
  coverage: 99,
  nonEmpty: 1,
  unknown: 3,
  frozen: 3,
  absentBeforeJudge: 7,
  everyProducer: 6,
  wholeState: 8,
  lastInEntry: 2,
  withinEntry: 1,
  waits: 1,
  newView: 1,
  newDuplicate: 861,
  oneView: 133,
  provenDuplicate: 2,
  searchEpoch: 41,
  searchLatest: 4597,
  spillFirst: 1,
  spillGuard: 3,
  spillForward: 1,
  spillFence: 256,
  spillAbsent: 1,
  spillReread: 6,
  freshProof: 561,
  retake: 39,
  sealAtomic: 4,
  sealVersion: 2,
  raiseFromState: 1,
  headRises: 1,
  collectByHead: 2,
  retired: 18,
  keepFence: 5,
};

function runSeeds(workload: WorkloadName) {
  const failures: string[] = [];
  const total: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS[workload]; seed++) {
    const { violations, isDone, counts } = run(seed, { workload });
    const failure = violations[0] ?? (isDone ? undefined : 'not done');
    if (failure !== undefined) failures.push(`seed ${seed}: ${failure}`);
    for (const [what, count] of Object.entries(counts)) total[what] = (total[what] ?? 0) + count;
  }
  return { failures, total };
}

describe('appending to one partition', () => {
  it('stores, answers and reads right over a network that delays and copies', () => {
    const { failures, total } = runSeeds('plain');
    expect(failures).toEqual([]);
    expect(total['acked']).toBeGreaterThan(10_000);
  });

  it('does so with stalls, give-ups, sealing, spilling and deletion', () => {
    const { failures, total } = runSeeds('attack');
    expect(failures).toEqual([]);
    const met = ['duplicate', 'duplicateOfOld', 'fenced', 'outOfOrder', 'overtaken', 'unknown', 'notApplied'];
    const happened = ['acked', 'recordsRead', 'pagesRecreated', 'retired', ...met].map(
      (what) => total[what] ?? 0,
    );
    expect(Math.min(...happened)).toBeGreaterThan(50);
  });

  it('repeats a seed exactly', () => {
    const options = { workload: 'attack', isTraced: true } as const;
    const { trace } = run(7, options);
    expect(trace.length).toBeGreaterThan(100);
    expect(run(7, options).trace).toEqual(trace);
    expect(run(8, options).trace).not.toEqual(trace);
  });
});

describe('each rule is needed', () => {
  it.each(RULE_NAMES.map((rule) => [rule, RULES[rule]] as const))('%s: %s', (rule) => {
    const options = { workload: 'attack' } as const;
    const seed = FAILING_SEEDS[rule];
    expect(run(seed, options).violations).toEqual([]);
    expect(run(seed, { ...options, without: [rule] }).violations).not.toEqual([]);
  });
});
