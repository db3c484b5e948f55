// `npm run sim -- --seed N [--steps N] [--trace] [--mutant NAME]` replays one run.
// `npm run sim -- --seeds N [--first N] [--until-violation]` makes many, on all cores, and prints a table of them.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { applyPatches, MUTANTS, PROBES } from './patches.ts';
import { print, summaryOf, type RunSummary } from './tally.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    steps: { type: 'string' },
    trace: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    'until-violation': { type: 'boolean', default: false },
    /** Every so many seeds, as one of so many processes. */
    stride: { type: 'string' },
  },
});
const numberOf = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name} must be a whole number, got ${text}`);
  return value;
};
const steps = values.steps === undefined ? {} : { steps: numberOf('steps', values.steps) };

async function loadRun() {
  const mutants = MUTANTS.filter(({ name }) => name === values.mutant);
  if (values.mutant !== undefined && mutants.length === 0) {
    throw new Error(`there is no mutant ${values.mutant}: ${MUTANTS.map(({ name }) => name).join(', ')}`);
  }
  applyPatches(values.mutant === undefined ? PROBES : mutants);
  return (await import('./run.ts')).run;
}

async function replay(seed: number): Promise<void> {
  const run = await loadRun();
  const printed = (line: string) => {
    console.log(line);
  };
  const result = await run({ seed, ...steps, ...(values.trace && { print: printed }) });
  if (!values.trace && result.violations.length > 0) console.log(result.lastLines.join('\n'));
  console.log(print([summaryOf(result)]));
  console.log(`\ntrace ${result.digest}`);
  if (result.violations.length > 0) process.exitCode = 1;
}

/** One of the processes of many runs: sends each result to its parent. */
async function work(stride: number): Promise<void> {
  const run = await loadRun();
  const first = numberOf('first', values.first);
  const end = numberOf('seeds', values.seeds) + 1;
  for (let seed = first; seed < end && process.connected; seed += stride) {
    const result = await run({ seed, ...steps });
    process.send?.(summaryOf(result));
  }
  process.disconnect();
}

async function many(): Promise<void> {
  const first = numberOf('first', values.first);
  const last = first + numberOf('seeds', values.seeds) - 1;
  const stride = Math.min(availableParallelism(), last - first + 1);
  const runs: RunSummary[] = [];
  const isEnough = () => values['until-violation'] && runs.some(({ violations }) => violations.length > 0);
  const workers = Array.from({ length: stride }, (_, at) => {
    const args = ['--first', `${first + at}`, '--seeds', `${last}`, '--stride', `${stride}`];
    const rest = Object.entries({ steps: values.steps, mutant: values.mutant }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    );
    const child = fork(fileURLToPath(import.meta.url), [...args, ...rest]);
    child.on('message', (summary: RunSummary) => {
      runs.push(summary);
      if (isEnough()) for (const one of workers) one.kill();
      if (process.stderr.isTTY) process.stderr.write(`\r${runs.length} of ${last - first + 1} `);
    });
    return child;
  });
  const codes = await Promise.all(
    workers.map((child) => new Promise<number | null>((resolve) => child.once('exit', resolve))),
  );
  runs.sort((a, b) => a.seed - b.seed);
  console.log(print(runs));
  const isBroken = codes.some((code) => code !== 0) && !isEnough();
  if (isBroken || runs.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}

if (values.seed !== undefined) await replay(numberOf('seed', values.seed));
else if (values.stride !== undefined) await work(numberOf('stride', values.stride));
else await many();
