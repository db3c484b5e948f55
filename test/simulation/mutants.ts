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
  readonly seeds: readonly string[];
  /** What the first of them found. */
  readonly violation: string;
}

async function judge(mutant: string): Promise<Verdict> {
  const child = spawn(process.execPath, [MAIN, '--seeds', values.seeds, '--mutant', mutant], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = (await text(child.stdout)).split('\n');
  const seeds = lines.flatMap((line) => /^npm run sim -- --seed (\d+)/.exec(line)?.[1] ?? []);
  if (!lines.some((line) => line.includes('port calls')) && seeds.length === 0)
    throw new Error(`the runs of mutant ${mutant} failed`);
  return { seeds, violation: (lines[1] ?? '').trim().slice(0, 100) };
}

console.log(`${'rule taken away'.padEnd(24)} noticed in   first seed`);
let survivors = 0;
for (const name of wanted) {
  const { seeds, violation } = await judge(name);
  if (seeds.length === 0) survivors++;
  const share = `${seeds.length} of ${values.seeds}`.padStart(10);
  console.log(
    `${name.padEnd(24)} ${share}   ${(seeds[0] ?? 'never').padStart(10)}   ${seeds.length > 0 ? violation : ''}`,
  );
}
if (survivors > 0) process.exitCode = 1;
