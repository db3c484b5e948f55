// Long runs: `node test/models/append-fence/main.ts [seeds]`, or one seed in full: `main.ts trace <seed> [rule]`.
import { run, type RunOptions } from './run.ts';
import { RULE_NAMES, type RuleName } from './rules.ts';
import { type WorkloadName } from './workload.ts';

const ENOUGH_FAILED = 10;
const PLAIN_RULES: readonly RuleName[] = ['contains', 'fence', 'helping', 'recheck'];

interface Configuration {
  readonly workload: WorkloadName;
  readonly rule?: RuleName;
}

/** Runs the seeds of one configuration and prints its line; one that must fail ends once it has failed often enough. */
function runConfiguration({ workload, rule }: Configuration, seeds: number): boolean {
  const total: Record<string, number> = {};
  const options: RunOptions = { workload, without: rule ? [rule] : [] };
  let failed = 0;
  let seed = 0;
  let example = '';
  while (seed < seeds && !(rule && failed === ENOUGH_FAILED)) {
    const { violations, counts, isDone } = run(++seed, options);
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
    const failure = violations[0] ?? (isDone || rule ? undefined : 'not done');
    if (failure !== undefined && failed++ === 0) example = `; seed ${seed}: ${failure}`;
  }
  const isGood = rule ? failed > 0 : failed === 0;
  const name = `${workload}, ${rule ? `without ${rule}` : 'all rules'}`;
  const counted = Object.entries(total).map(([what, count]) => `${count} ${what}`);
  const detail = rule ? example : `${example}; ${counted.join(', ')}`;
  console.log(`${isGood ? 'ok ' : 'BAD'} ${name.padEnd(33)} ${failed} of ${seed} seeds fail${detail}`);
  return isGood;
}

function runAll(seeds: number): void {
  const configurations: readonly Configuration[] = [
    { workload: 'plain' },
    ...PLAIN_RULES.map((rule) => ({ workload: 'plain' as const, rule })),
    { workload: 'attack' },
    ...RULE_NAMES.map((rule) => ({ workload: 'attack' as const, rule })),
  ];
  const results = configurations.map((configuration) => runConfiguration(configuration, seeds));
  process.exitCode = results.every(Boolean) ? 0 : 1;
}

const [first = '5000', seed = '1', rule] = process.argv.slice(2);
if (first === 'trace') {
  const without = RULE_NAMES.filter((name) => name === rule);
  console.log(run(Number(seed), { workload: 'attack', without, isTraced: true }).trace.join('\n'));
} else runAll(Number(first));
