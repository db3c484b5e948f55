// `npm run sim:mutants [-- --seeds N] [NAME...]`: takes one rule away at a time, and prints in how many seeds that was noticed.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTANTS } from './patches.ts';

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '100' } },
  allowPositionals: true,
});
const wanted = positionals.length > 0 ? positionals : MUTANTS.map(({ name }) => name);
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

interface Verdict {
  /** The seeds. */
  readonly noticed: readonly string[];
  /** What the first of them found. */
  readonly violation: string;
}

async function judge(mutant: string, seeds: number): Promise<Verdict> {
  const child = spawn(process.execPath, [MAIN, '--seeds', String(seeds), '--mutant', mutant], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = (await text(child.stdout)).split('\n');
  const noticed = lines.flatMap((line) => /^npm run sim -- --seed (\d+)/.exec(line)?.[1] ?? []);
  if (!lines.some((line) => line.includes('port calls')) && noticed.length === 0)
    throw new Error(`the runs of mutant ${mutant} failed`);
  return { noticed, violation: (lines[1] ?? '').trim().slice(0, 100) };
}

console.log(`${'rule taken away'.padEnd(24)} noticed in   first seed`);
let survivors = 0;
for (const name of wanted) {
  const seeds = Number(values.seeds) * (MUTANTS.find((one) => one.name === name)?.rarity ?? 1);
  const { noticed, violation } = await judge(name, seeds);
  if (noticed.length === 0) survivors++;
  const share = `${noticed.length} of ${seeds}`.padStart(10);
  console.log(
    `${name.padEnd(24)} ${share}   ${(noticed[0] ?? 'never').padStart(10)}   ${noticed.length > 0 ? violation : ''}`,
  );
}
if (survivors > 0) process.exitCode = 1;
